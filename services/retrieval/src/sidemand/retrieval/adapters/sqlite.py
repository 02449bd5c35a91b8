"""The index in one SQLite file: FTS5 for words, sqlite-vec for meaning."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import apsw
from sidemand.retrieval.adapters.read_passages import ReadPassages
from sidemand.retrieval.adapters.sqlite_connections import Connections
from sidemand.retrieval.adapters.sqlite_schema import create_tables, create_vectors, vectors_name
from sidemand.retrieval.adapters.sqlite_search import FOR_EVER, cited_and_gone, hits
from sidemand.retrieval.analysed import PassageTerms, heading_key, passage_terms, unpacked
from sidemand.retrieval.ports import Applied, Hit, PassageRef, Query, Reach
from sidemand.retrieval.versions import (
    EarlierPassage,
    KnownDocument,
    is_seen_deletion,
    only_deleted,
    since_when,
    standing,
)
from sidemand.schemas.casework import EmbeddedCaseDocument
from sidemand.schemas.identity import CaseRef, DocumentRef
from sidemand.schemas.knowledge import KnowledgeEmbedded
from sidemand.schemas.text import EmbeddedPassage, EmbeddingModel

_NO_CHANGE_YET: Final = datetime.fromtimestamp(0, UTC)


class SqliteIndex:
    """A `PassageIndex` in one file. One process writes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connections = Connections(path)
        self._memory = ReadPassages[int]()

    async def open(self) -> None:
        """Make folder, file and tables where they are missing. Raises `Transient`."""
        await asyncio.to_thread(self._path.parent.mkdir, parents=True, exist_ok=True)
        await self._connections.write(create_tables)

    async def close(self) -> None:
        """Let go of the file."""
        await self._connections.close()

    async def apply(self, document: KnowledgeEmbedded) -> Applied:
        """See `PassageIndex`. Earlier passages are replaced in one transaction."""
        # Text is analysed before, not in the one thread that all wait for.
        version = await asyncio.to_thread(_Version.analysed, document)
        return await self._connections.write(lambda db: _apply(db, version))

    async def remove(self, document: DocumentRef, at: datetime) -> Applied:
        """See `PassageIndex`."""
        return await self._connections.write(lambda db: _remove(db, document, at))

    async def search(self, query: Query) -> list[Hit]:
        """See `PassageIndex`."""
        return await self._connections.read(lambda db: hits(db, query, self._memory))

    async def model(self, among: Sequence[EmbeddingModel]) -> EmbeddingModel:
        """See `PassageIndex`: here, the one in which most documents are embedded."""
        if len(among) == 1:
            return among[0]
        counts = await self._connections.read(_documents_by_model)
        return max(among, key=lambda model: counts.get(model.sha256, 0))

    async def is_searched(self) -> bool:
        """See `PassageIndex`: here it always is."""
        return True

    async def gone(self, reach: Reach, cited: frozenset[PassageRef]) -> frozenset[PassageRef]:
        """See `PassageIndex`."""
        return await self._connections.read(lambda db: cited_and_gone(db, reach, cited))

    async def add_case(self, document: EmbeddedCaseDocument) -> None:
        """See `PassageIndex`."""
        await self._connections.write(lambda db: _add_case(db, document))

    async def erase_case(self, case: CaseRef) -> int:
        """See `PassageIndex`."""
        return await self._connections.write(lambda db: _erase_case(db, case))

    async def as_of(self, reach: Reach) -> datetime:
        """See `PassageIndex`."""
        return await self._connections.read(lambda db: _as_of(db, reach))


@dataclass(frozen=True, slots=True)
class _Version:
    """A version of a document with the terms of its passages."""

    document: KnowledgeEmbedded
    terms: tuple[PassageTerms, ...]

    @classmethod
    def analysed(cls, document: KnowledgeEmbedded) -> "_Version":
        title, asked_as = document.title, document.asked_as
        terms = (passage_terms(title, each.passage, asked_as) for each in document.passages)
        return cls(document, tuple(terms))


def _apply(db: apsw.Connection, version: _Version) -> Applied:
    document = version.document
    number, known = _known(db, document.document)
    how = standing(known, document)
    if how != "new":
        held = int(db.execute("SELECT count(*) FROM passages WHERE document = ?", (number,)).get)
        return Applied("indexed" if how == "repeated" else "superseded", held)
    earlier = _earlier(db, number)
    if known is not None and known.was_there:
        _drop_passages(db, number, known.model)
    _put_passages(db, _put_document(db, document), version, earlier)
    return Applied("indexed", len(document.passages))


def _remove(db: apsw.Connection, document: DocumentRef, at: datetime) -> Applied:
    number, known = _known(db, document)
    if known is None:
        _note_deletion(db, document, at)
    elif not is_seen_deletion(known, at):
        _drop_passages(db, number, known.model)
        db.execute(
            "UPDATE documents SET present = 0, removed_at = ?1, changed_at = ?1 WHERE number = ?2",
            (_as_text(at), number),
        )
    return Applied("removed")


def _note_deletion(db: apsw.Connection, document: DocumentRef, at: datetime) -> None:
    """Remember a document of which nothing but this was seen."""
    known = only_deleted(at)
    db.execute(
        "INSERT INTO documents(tenant, document_id, version, published_at, model, present, "
        "removed_at, changed_at, valid_from, valid_to, sensitivity, title, kind, asked_as) "
        "VALUES (?1, ?2, ?3, ?4, ?5, 0, ?4, ?4, 0, 0, 0, '', '', '[]')",
        (document.tenant, document.document_id, known.version, _as_text(at), known.model),
    )


def _known(db: apsw.Connection, document: DocumentRef) -> tuple[int, KnownDocument | None]:
    row = db.execute(
        "SELECT number, version, published_at, model, present, removed_at "
        "FROM documents WHERE tenant = ? AND document_id = ?",
        (document.tenant, document.document_id),
    ).fetchone()
    if row is None:
        return 0, None
    number, version, published, model, present, removed = row
    return number, KnownDocument(
        version=version,
        published_at=datetime.fromisoformat(published),
        model=model,
        present=bool(present),
        removed_at=datetime.fromisoformat(removed) if removed else None,
    )


def _earlier(db: apsw.Connection, number: int) -> dict[str, EarlierPassage]:
    rows = db.execute("SELECT passage_id, text, since FROM passages WHERE document = ?", (number,))
    return {passage_id: EarlierPassage(text, since) for passage_id, text, since in rows}


def _drop_passages(db: apsw.Connection, number: int, model_sha256: str) -> None:
    of_document = "IN (SELECT number FROM passages WHERE document = ?)"
    db.execute(f"DELETE FROM words WHERE rowid {of_document}", (number,))
    db.execute(f"DELETE FROM {vectors_name(model_sha256)} WHERE rowid {of_document}", (number,))
    db.execute("DELETE FROM headings WHERE document = ?", (number,))
    db.execute("DELETE FROM passages WHERE document = ?", (number,))


def _put_document(db: apsw.Connection, document: KnowledgeEmbedded) -> int:
    overrides = document.overrides
    values: Mapping[str, str | int | None] = {
        "tenant": document.tenant,
        "document_id": document.document.document_id,
        "version": document.version,
        "published_at": _as_text(document.published_at),
        "changed_at": _as_text(document.published_at),
        "model": document.model.sha256,
        "present": 1,
        "valid_from": document.valid_from.toordinal(),
        "valid_to": document.valid_to.toordinal() if document.valid_to else FOR_EVER,
        "sensitivity": document.sensitivity,
        "title": document.title,
        "kind": document.kind,
        "source": document.source,
        "asked_as": json.dumps(document.asked_as, ensure_ascii=False),
        "overrides_document": overrides.document_id if overrides else None,
        "overrides_heading": heading_key(overrides.heading) if overrides else None,
    }
    names = ", ".join(values)
    slots = ", ".join(f":{name}" for name in values)
    renewed = ", ".join(f"{name} = excluded.{name}" for name in values)
    put = (
        f"INSERT INTO documents({names}) VALUES ({slots}) "
        f"ON CONFLICT(tenant, document_id) DO UPDATE SET {renewed} RETURNING number"
    )
    return int(db.execute(put, values).get)


def _put_passages(
    db: apsw.Connection,
    document_number: int,
    version: _Version,
    earlier: Mapping[str, EarlierPassage],
) -> None:
    document = version.document
    vectors = create_vectors(db, document.model)
    since = since_when((each.passage for each in document.passages), earlier, document.version)
    valid_to = document.valid_to.toordinal() if document.valid_to else FOR_EVER
    for embedded, terms in zip(document.passages, version.terms, strict=True):
        number = db.execute(
            "INSERT INTO passages(document, passage_id, since, heading_path, locator, start, stop, "
            "text, head, body, asked, vector) VALUES (?,?,?,?,?,?,?,?,?,?,?,?) RETURNING number",
            (
                document_number,
                embedded.passage.passage_id,
                since[embedded.passage.passage_id],
                *_as_stored(embedded),
                terms.head,
                terms.body,
                terms.asked,
                embedded.vector.data,
            ),
        ).get
        db.execute("INSERT INTO words(rowid, terms) VALUES (?, ?)", (number, terms.all))
        db.execute(
            f"INSERT INTO {vectors}(rowid, tenant, valid_from, valid_to, sensitivity, signs) "
            "VALUES (?, ?, ?, ?, ?, vec_quantize_binary(?))",
            (
                number,
                document.tenant,
                document.valid_from.toordinal(),
                valid_to,
                document.sensitivity,
                unpacked(embedded.vector).tobytes(),
            ),
        )
        db.executemany(
            "INSERT OR IGNORE INTO headings(document, heading, passage) VALUES (?, ?, ?)",
            [
                (document_number, heading_key(heading), number)
                for heading in embedded.passage.heading_path
            ],
        )


def _as_stored(embedded: EmbeddedPassage) -> tuple[str, str | None, int, int, str]:
    passage = embedded.passage
    headings = json.dumps(passage.heading_path, ensure_ascii=False)
    return headings, passage.locator, passage.start, passage.end, passage.text


def _documents_by_model(db: apsw.Connection) -> dict[str, int]:
    return dict(db.execute("SELECT model, count(*) FROM documents WHERE present GROUP BY model"))


def _as_of(db: apsw.Connection, reach: Reach) -> datetime:
    at = db.execute(
        "SELECT max(changed_at) FROM documents WHERE tenant IN (?, ?)", reach.tenants
    ).get
    return datetime.fromisoformat(at) if at else _NO_CHANGE_YET


def _as_text(at: datetime) -> str:
    """A time that sorts as text."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _add_case(db: apsw.Connection, document: EmbeddedCaseDocument) -> None:
    key, document_id = document.case.key, str(document.document_id)
    db.execute(
        "DELETE FROM case_passages WHERE case_key = ? AND document_id = ?", (key, document_id)
    )
    for embedded in document.passages:
        terms = passage_terms(document.title, embedded.passage, ())
        db.execute(
            "INSERT INTO case_passages(case_key, document_id, title, model, passage_id, "
            "heading_path, locator, start, stop, text, head, body, vector) "
            "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                key,
                document_id,
                document.title,
                document.model.sha256,
                embedded.passage.passage_id,
                *_as_stored(embedded),
                terms.head,
                terms.body,
                embedded.vector.data,
            ),
        )


def _erase_case(db: apsw.Connection, case: CaseRef) -> int:
    db.execute("DELETE FROM case_passages WHERE case_key = ?", (case.key,))
    return db.changes()
