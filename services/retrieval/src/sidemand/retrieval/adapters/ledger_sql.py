"""The ledger in SQLite or PostgreSQL."""

import hashlib
import uuid
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, cast

from sidemand.bus.errors import Transient
from sidemand.retrieval.ports import Affected, PassageRef, Resting
from sidemand.schemas.casework import EmbeddedCaseDocument, SuggestionKind, SuggestionRef
from sidemand.schemas.identity import CaseRef, DocumentRef
from sidemand.storage import open_engine, outage_raises
from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    delete,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

_METADATA: Final = MetaData()
_DOCUMENTS: Final = Table(
    "retrieval_case_documents",
    _METADATA,
    Column("tenant", String(40), primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    Column("document_id", Uuid, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
_SUGGESTIONS: Final = Table(
    "retrieval_suggestions",
    _METADATA,
    Column("suggestion_id", Uuid, primary_key=True),
    Column("tenant", String(40), nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("document_id", Uuid, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("revision", Integer, nullable=False),
    Index("retrieval_suggestions_of_case", "tenant", "case_id"),
)
_CITATIONS: Final = Table(
    "retrieval_citations",
    _METADATA,
    Column("suggestion_id", Uuid, primary_key=True),
    Column("owner", String(40), primary_key=True),
    Column("cited", String(160), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("passage_id", String(400), primary_key=True),
    Index("retrieval_citations_of_document", "owner", "cited"),
)
_ERASED: Final = Table(
    "retrieval_erased_cases", _METADATA, Column("case_hash", String(64), primary_key=True)
)
_OF_CASE: Final = (_DOCUMENTS, _SUGGESTIONS)


class SqlLedger:
    """A `SuggestionLedger` in a database. Several processes may share one."""

    def __init__(self, url: str) -> None:
        """Prepare the database at `url`. Raises `AddressRefused` for a URL that is none."""
        self._engine = open_engine(url)

    async def open(self) -> None:
        """Create the tables where they are missing. Raises `Transient`."""
        async with self._transaction() as connection:
            await connection.run_sync(_METADATA.create_all)

    async def close(self) -> None:
        """Let go of the database."""
        await self._engine.dispose()

    async def remember(self, document: EmbeddedCaseDocument) -> None:
        """See `SuggestionLedger`."""
        body = document.model_copy(update={"passages": ()}).model_dump_json().encode()
        row = {
            "tenant": document.case.tenant,
            "case_id": document.case.case_id,
            "document_id": document.document_id,
            "body": zlib.compress(body),
        }
        async with self._transaction() as connection:
            await _put(connection, _DOCUMENTS, row)

    async def recall(self, case: CaseRef, document_id: uuid.UUID) -> EmbeddedCaseDocument | None:
        """See `SuggestionLedger`."""
        async with self._transaction() as connection:
            return await _document(connection, case, document_id)

    async def rest(self, suggestion: Resting) -> bool:
        """See `SuggestionLedger`."""
        async with self._transaction() as connection:
            known = await connection.scalar(
                select(_SUGGESTIONS.c.revision)
                .where(_SUGGESTIONS.c.suggestion_id == suggestion.suggestion.suggestion_id)
                .with_for_update()
            )
            if known is not None and known > suggestion.suggestion.revision:
                return False
            await _put(connection, _SUGGESTIONS, _suggestion_row(suggestion))
            await _replace_citations(connection, suggestion)
            return True

    async def affected(self, document: DocumentRef, tenant: str | None = None) -> list[Affected]:
        """See `SuggestionLedger`."""
        citing = select(_CITATIONS.c.suggestion_id).where(
            _CITATIONS.c.owner == document.tenant, _CITATIONS.c.cited == document.document_id
        )
        wanted = select(_SUGGESTIONS).where(_SUGGESTIONS.c.suggestion_id.in_(citing))
        if tenant is not None:
            wanted = wanted.where(_SUGGESTIONS.c.tenant == tenant)
        async with self._transaction() as connection:
            return await _affected(connection, (await connection.execute(wanted)).all())

    async def erase(self, case: CaseRef) -> int:
        """See `SuggestionLedger`."""
        of_case = select(_SUGGESTIONS.c.suggestion_id).where(
            _SUGGESTIONS.c.tenant == case.tenant, _SUGGESTIONS.c.case_id == case.case_id
        )
        # Committed before anything goes: who writes at the same time looks for it afterwards.
        async with self._transaction() as connection:
            await _put(connection, _ERASED, {"case_hash": _hash(case)})
        async with self._transaction() as connection:
            await connection.execute(
                delete(_CITATIONS).where(_CITATIONS.c.suggestion_id.in_(of_case))
            )
            gone = 0
            for table in _OF_CASE:
                result = await connection.execute(
                    delete(table).where(
                        table.c.tenant == case.tenant, table.c.case_id == case.case_id
                    )
                )
                gone += result.rowcount
            return gone

    async def is_erased(self, case: CaseRef) -> bool:
        """See `SuggestionLedger`."""
        erased = select(_ERASED).where(_ERASED.c.case_hash == _hash(case))
        async with self._transaction() as connection:
            return (await connection.execute(erased)).first() is not None

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        with outage_raises(Transient("the ledger of suggestions cannot be reached")):
            async with self._engine.begin() as connection:
                yield connection


def _hash(case: CaseRef) -> str:
    return hashlib.sha256(case.key.encode()).hexdigest()


async def _put(connection: AsyncConnection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row, or replace the one with the same key."""
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    keys = [column.name for column in table.primary_key]
    rest = {name: insert.excluded[name] for name in row if name not in keys}
    put = (
        insert.on_conflict_do_update(index_elements=keys, set_=rest)
        if rest
        else (insert.on_conflict_do_nothing())
    )
    await connection.execute(put, row)


def _suggestion_row(suggestion: Resting) -> dict[str, Any]:
    return {
        "suggestion_id": suggestion.suggestion.suggestion_id,
        "tenant": suggestion.case.tenant,
        "case_id": suggestion.case.case_id,
        "document_id": suggestion.document_id,
        "kind": suggestion.suggestion.kind,
        "revision": suggestion.suggestion.revision,
    }


async def _replace_citations(connection: AsyncConnection, suggestion: Resting) -> None:
    suggestion_id = suggestion.suggestion.suggestion_id
    await connection.execute(delete(_CITATIONS).where(_CITATIONS.c.suggestion_id == suggestion_id))
    if suggestion.passages:
        await connection.execute(
            _CITATIONS.insert(),
            [
                {
                    "suggestion_id": suggestion_id,
                    "owner": ref.document.tenant,
                    "cited": ref.document.document_id,
                    "version": ref.version,
                    "passage_id": ref.passage_id,
                }
                for ref in suggestion.passages
            ],
        )


async def _document(
    connection: AsyncConnection, case: CaseRef, document_id: uuid.UUID
) -> EmbeddedCaseDocument | None:
    body = await connection.scalar(
        select(_DOCUMENTS.c.body).where(
            _DOCUMENTS.c.tenant == case.tenant,
            _DOCUMENTS.c.case_id == case.case_id,
            _DOCUMENTS.c.document_id == document_id,
        )
    )
    return body and EmbeddedCaseDocument.model_validate_json(zlib.decompress(body))


async def _affected(connection: AsyncConnection, rows: Sequence[Any]) -> list[Affected]:
    """Case documents with their suggestions; suggestions whose document is unknown are left out."""
    by_document: dict[tuple[CaseRef, uuid.UUID], list[Resting]] = defaultdict(list)
    for row in rows:
        case = CaseRef(tenant=row.tenant, case_id=row.case_id)
        reference = SuggestionRef(
            suggestion_id=row.suggestion_id,
            kind=cast("SuggestionKind", row.kind),
            revision=row.revision,
        )
        passages = await _citations(connection, row.suggestion_id)
        by_document[case, row.document_id].append(
            Resting(case, row.document_id, reference, passages)
        )
    found = []
    for (case, document_id), suggestions in by_document.items():
        document = await _document(connection, case, document_id)
        if document is not None:
            found.append(Affected(document, tuple(suggestions)))
    return found


async def _citations(
    connection: AsyncConnection, suggestion_id: uuid.UUID
) -> frozenset[PassageRef]:
    rows = await connection.execute(
        select(_CITATIONS).where(_CITATIONS.c.suggestion_id == suggestion_id)
    )
    return frozenset(
        PassageRef(
            DocumentRef(tenant=row.owner, document_id=row.cited), row.version, row.passage_id
        )
        for row in rows
    )
