"""Passages of knowledge as the SQLite index holds them."""

import json
from collections.abc import Iterable, Iterator

import apsw
from sidemand.retrieval.adapters.read_passages import ReadPassage, ReadPassages
from sidemand.retrieval.analysed import PassageTerms, half_precision
from sidemand.retrieval.ports import Hit
from sidemand.schemas.identity import DocumentRef
from sidemand.schemas.text import Passage


def read_passages(
    db: apsw.Connection, numbers: set[int], memory: ReadPassages[int]
) -> Iterable[ReadPassage]:
    """The passages of `numbers`, all of which `db` holds; from `memory` where it has them."""
    read = memory.kept(numbers)
    read |= _read(db, numbers - read.keys())
    memory.keep(read)
    return read.values()


def _read(db: apsw.Connection, numbers: Iterable[int]) -> Iterator[tuple[int, ReadPassage]]:
    rows = db.execute(
        "SELECT p.number, d.model, d.tenant, d.document_id, d.version, d.title, d.kind, d.source, "
        "d.asked_as, p.head, p.body, p.asked, p.vector, "
        "p.passage_id, p.heading_path, p.locator, p.start, p.stop, p.text "
        "FROM passages p JOIN documents d ON d.number = p.document "
        "WHERE p.number IN (SELECT value FROM json_each(?))",
        (json.dumps(list(numbers)),),
    )
    for number, model, tenant, document_id, version, title, kind, source, asked_as, *rest in rows:
        head, body, asked, vector, *passage = rest
        hit = Hit(
            document=DocumentRef(tenant=tenant, document_id=document_id),
            version=version,
            title=title,
            kind=kind,
            source=source,
            asked_as=tuple(json.loads(asked_as)),
            passage=stored_passage(*passage),
            terms=PassageTerms(head, body, asked),
            vector=half_precision(vector),
        )
        yield number, ReadPassage(hit, model)


def stored_passage(
    passage_id: str, headings: str, locator: str | None, start: int, stop: int, text: str
) -> Passage:
    """A passage out of its columns."""
    return Passage(
        passage_id=passage_id,
        heading_path=tuple(json.loads(headings)),
        locator=locator,
        start=start,
        end=stop,
        text=text,
    )
