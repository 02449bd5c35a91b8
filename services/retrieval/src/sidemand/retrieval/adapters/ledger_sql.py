"""The ledger in SQLite or PostgreSQL."""

import hashlib
import uuid
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar, cast

from sidemand.bus.errors import Transient
from sidemand.retrieval.adapters.ledger_tables import (
    BODY,
    CITATIONS,
    DOCUMENTS,
    ERASED,
    METADATA,
    RESTING_ON,
    STANDING,
    SUGGESTIONS,
    lacks_reach,
)
from sidemand.retrieval.ports import Affected, CaseForgotten, PassageRef, Reach, Resting
from sidemand.retrieval.queries import reach_of
from sidemand.schemas.casework import EmbeddedCaseDocument, SuggestionKind, SuggestionRef
from sidemand.schemas.identity import CaseRef, DocumentRef
from sidemand.storage import outage_raises
from sidemand.storage.database import open_database
from sqlalchemy import Connection, Row, Table, bindparam, delete, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

_CREATING: Final = 0x51DE_0002
"""Names the lock under which tables are made, so that two starting services do not collide."""
_DROP_CITATIONS: Final = delete(CITATIONS).where(
    CITATIONS.c.suggestion_id == bindparam("suggestion")
)
_IS_ERASED: Final = select(ERASED).where(ERASED.c.case_hash == bindparam("hash"))


class SqlLedger:
    """A `SuggestionLedger` in a database. Several processes may share one.

    Transactions of one case run one after another: in SQLite all do, in PostgreSQL by a lock.
    """

    def __init__(self, url: str) -> None:
        """Prepare the database at `url`. Raises `AddressRefused` for a URL that is none."""
        self._database = open_database(url)

    async def open(self) -> None:
        """Create the tables where they are missing. Raises `Transient`."""
        await self._transaction(_create)

    async def close(self) -> None:
        """Let go of the database."""
        await self._database.close()

    async def remember(self, document: EmbeddedCaseDocument) -> None:
        """See `SuggestionLedger`."""
        row = _document_row(document)

        def remember(connection: Connection) -> None:
            _lock(connection, document.case)
            if connection.execute(_IS_ERASED, {"hash": _hash(document.case)}).first():
                raise CaseForgotten
            _put(connection, DOCUMENTS, row)

        await self._transaction(remember)

    async def rest(self, suggestion: Resting) -> Reach | None:
        """See `SuggestionLedger`."""
        return await self._transaction(lambda connection: _rest(connection, suggestion))

    async def recall(self, case: CaseRef, document_id: uuid.UUID) -> EmbeddedCaseDocument | None:
        """See `SuggestionLedger`."""
        of = _names(case, document_id)
        body = await self._transaction(lambda connection: connection.scalar(BODY, of))
        return None if body is None else _document(body)

    async def affected(self, document: DocumentRef, tenant: str | None = None) -> list[Affected]:
        """See `SuggestionLedger`."""
        wanted = RESTING_ON if tenant is None else RESTING_ON.where(SUGGESTIONS.c.tenant == tenant)
        of = {"of_owner": document.tenant, "of": document.document_id}
        return _affected(
            await self._transaction(lambda connection: connection.execute(wanted, of).all())
        )

    async def erase(self, case: CaseRef) -> int:
        """See `SuggestionLedger`."""
        return await self._transaction(lambda connection: _erase(connection, case))

    async def _transaction(self, work: Callable[[Connection], T]) -> T:
        with outage_raises(Transient("the ledger of suggestions cannot be reached")):
            return await self._database.transaction(work)


def _create(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _CREATING})
    kept: Iterable[bytes] = ()
    if lacks_reach(connection):
        kept = connection.scalars(select(DOCUMENTS.c.body)).all()
        DOCUMENTS.drop(connection)
    METADATA.create_all(connection)
    for body in kept:
        _put(connection, DOCUMENTS, _document_row(_document(body)))


def _lock(connection: Connection, case: CaseRef) -> None:
    """Wait for the other transactions of `case`; SQLite lets one write at a time anyway."""
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(case.key.encode()).digest()[:8], "big", signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": number})


def _rest(connection: Connection, suggestion: Resting) -> Reach | None:
    case, reference = suggestion.case, suggestion.suggestion
    _lock(connection, case)
    asked = {"hash": _hash(case), "suggestion": reference.suggestion_id}
    found = connection.execute(STANDING, asked | _names(case, suggestion.document_id)).one()
    if found.erased is not None:
        raise CaseForgotten
    if found.revision is not None and found.revision > reference.revision:
        return None
    _put(connection, SUGGESTIONS, _suggestion_row(suggestion))
    if found.revision is not None:
        connection.execute(_DROP_CITATIONS, {"suggestion": reference.suggestion_id})
    if suggestion.passages:
        connection.execute(insert(CITATIONS), [*_citation_rows(suggestion)])
    if found.happened_on is None:
        return None
    return Reach(case, suggestion.document_id, found.happened_on, found.sensitivity)


def _erase(connection: Connection, case: CaseRef) -> int:
    _lock(connection, case)
    _put(connection, ERASED, {"case_hash": _hash(case)})
    of_case = select(SUGGESTIONS.c.suggestion_id).where(*_of(SUGGESTIONS, case))
    connection.execute(delete(CITATIONS).where(CITATIONS.c.suggestion_id.in_(of_case)))
    gone = [
        connection.execute(delete(table).where(*_of(table, case))).rowcount
        for table in (DOCUMENTS, SUGGESTIONS)
    ]
    return sum(gone)


def _of(table: Table, case: CaseRef) -> tuple[Any, Any]:
    return table.c.tenant == case.tenant, table.c.case_id == case.case_id


def _names(case: CaseRef, document_id: uuid.UUID) -> dict[str, Any]:
    return {"of_tenant": case.tenant, "of_case": case.case_id, "of_document": document_id}


def _hash(case: CaseRef) -> str:
    return hashlib.sha256(case.key.encode()).hexdigest()


def _put(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row, or replace the one with the same key."""
    statement = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    keys = [column.name for column in table.primary_key]
    rest = {name: statement.excluded[name] for name in row if name not in keys}
    put = (
        statement.on_conflict_do_update(index_elements=keys, set_=rest)
        if rest
        else statement.on_conflict_do_nothing()
    )
    connection.execute(put, row)


def _document_row(document: EmbeddedCaseDocument) -> dict[str, Any]:
    reach = reach_of(document)
    body = document.model_copy(update={"passages": ()}).model_dump_json().encode()
    return {
        "tenant": document.case.tenant,
        "case_id": document.case.case_id,
        "document_id": document.document_id,
        "happened_on": reach.on,
        "sensitivity": reach.sensitivity,
        "body": zlib.compress(body),
    }


def _document(body: bytes) -> EmbeddedCaseDocument:
    return EmbeddedCaseDocument.model_validate_json(zlib.decompress(body))


def _suggestion_row(suggestion: Resting) -> dict[str, Any]:
    return {
        "suggestion_id": suggestion.suggestion.suggestion_id,
        "tenant": suggestion.case.tenant,
        "case_id": suggestion.case.case_id,
        "document_id": suggestion.document_id,
        "kind": suggestion.suggestion.kind,
        "revision": suggestion.suggestion.revision,
    }


def _citation_rows(suggestion: Resting) -> Iterable[dict[str, Any]]:
    for ref in suggestion.passages:
        yield {
            "suggestion_id": suggestion.suggestion.suggestion_id,
            "owner": ref.document.tenant,
            "cited": ref.document.document_id,
            "version": ref.version,
            "passage_id": ref.passage_id,
        }


def _affected(rows: Iterable[Row[Any]]) -> list[Affected]:
    """Suggestions by their case documents, out of a row for each citation."""
    passages: dict[tuple[Reach, SuggestionRef], set[PassageRef]] = defaultdict(set)
    for row in rows:
        case = CaseRef(tenant=row.tenant, case_id=row.case_id)
        reach = Reach(case, row.document_id, row.happened_on, row.sensitivity)
        reference = SuggestionRef(
            suggestion_id=row.suggestion_id,
            kind=cast("SuggestionKind", row.kind),
            revision=row.revision,
        )
        cited = DocumentRef(tenant=row.owner, document_id=row.cited)
        passages[reach, reference].add(PassageRef(cited, row.version, row.passage_id))
    suggestions: dict[Reach, list[Resting]] = defaultdict(list)
    for (reach, reference), refs in passages.items():
        resting = Resting(reach.case, reach.document_id, reference, frozenset(refs))
        suggestions[reach].append(resting)
    return [Affected(reach, tuple(each)) for reach, each in suggestions.items()]
