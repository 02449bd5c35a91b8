"""The ledger in SQLite or PostgreSQL."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeVar

from sidemand.bus.errors import Transient
from sidemand.ingestion.deliveries import Delivery, Verdict, judge
from sidemand.schemas.identity import CaseRef
from sidemand.storage import outage_raises
from sidemand.storage.database import open_database
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Index,
    MetaData,
    String,
    Table,
    delete,
    exists,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

_METADATA: Final = MetaData()

_CASES: Final = Table(
    "ingestion_cases",
    _METADATA,
    Column("case_sha256", String(64), primary_key=True),
    Column("erased_at", DateTime(timezone=True), nullable=True),
)
_EVENTS: Final = Table(
    "ingestion_events",
    _METADATA,
    Column("tenant", String(40), primary_key=True),
    Column("source", String(500), primary_key=True),
    Column("event_id", String(500), primary_key=True),
    Column("case_sha256", String(64), nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("position", String(400), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Index("ingestion_events_case", "case_sha256"),
    Index("ingestion_events_age", "received_at"),
)
_CREATING: Final = 0x51DE_0001
"""Names the lock under which tables are made, so that two starting services do not collide."""


class SqlLedger:
    """The port `Ledger` over SQLAlchemy.

    The row of its case is locked first by an event and by an erasure, so an event and the erasure
    of its case never pass each other. A case that is not erased needs no row in between.
    """

    def __init__(self, url: str) -> None:
        self._database = open_database(url)

    async def open(self) -> None:
        """Make the tables and indexes that are missing. Raises `Transient`."""
        await self._transaction(_create)

    async def close(self) -> None:
        """Close all connections."""
        await self._database.close()

    async def remember(self, delivery: Delivery) -> Verdict:
        """See the port."""
        return await self._transaction(lambda connection: _remember(connection, delivery))

    async def erase(self, case: CaseRef) -> int:
        """See the port."""
        return await self._transaction(lambda connection: _erase(connection, case))

    async def forget(self, before: datetime, most: int) -> int:
        """See the port."""
        return await self._transaction(lambda connection: _forget(connection, before, most))

    async def _transaction(self, work: Callable[[Connection], T]) -> T:
        with outage_raises(Transient("ledger")):
            return await self._database.transaction(work)


def _create(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _CREATING})
    _METADATA.create_all(connection)
    for index in _EVENTS.indexes:  # a table that was there before keeps those that it had
        index.create(connection, checkfirst=True)


def _remember(connection: Connection, delivery: Delivery) -> Verdict:
    if _is_erased(connection, delivery.case):
        return "erased"
    values = {
        "tenant": delivery.case.tenant,
        "source": delivery.source,
        "event_id": delivery.event_id,
        "case_sha256": _hash(delivery.case),
        "content_sha256": delivery.content_sha256,
        "position": delivery.position,
        "received_at": datetime.now(UTC),
    }
    insert = _insert(connection, _EVENTS).on_conflict_do_nothing()
    if connection.execute(insert, values).rowcount == 1:
        return "new"
    key = [_EVENTS.c[name] == values[name] for name in ("tenant", "source", "event_id")]
    known = connection.execute(select(_EVENTS).where(*key)).one_or_none()
    if known is None:  # forgotten between the two statements
        return _remember(connection, delivery)
    verdict = judge(delivery, known_sha256=known.content_sha256, known_position=known.position)
    if verdict == "new":
        through = {name: values[name] for name in ("position", "received_at")}
        connection.execute(update(_EVENTS).where(*key).values(through))
    return verdict


def _erase(connection: Connection, case: CaseRef) -> int:
    named = _hash(case)
    if not _is_erased(connection, case):
        now = datetime.now(UTC)
        connection.execute(
            update(_CASES).where(_CASES.c.case_sha256 == named).values(erased_at=now)
        )
    return connection.execute(delete(_EVENTS).where(_EVENTS.c.case_sha256 == named)).rowcount


def _forget(connection: Connection, before: datetime, most: int) -> int:
    """Take what nobody holds, so that forgetting waits for nothing while others may wait for it.

    A query beside the deletion is made once; within it PostgreSQL could make it again and again,
    and take more than `most`.
    """
    old = (
        select(*_EVENTS.primary_key)
        .where(_EVENTS.c.received_at < before)
        .order_by(_EVENTS.c.received_at)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    forgotten = tuple_(*_EVENTS.primary_key).in_(select(old))
    gone = delete(_EVENTS).where(forgotten).returning(_EVENTS.c.case_sha256)
    cases = connection.scalars(gone).all()
    unused = (
        select(_CASES.c.case_sha256)
        .where(
            _CASES.c.case_sha256.in_(set(cases)),
            _CASES.c.erased_at.is_(None),
            ~exists().where(_EVENTS.c.case_sha256 == _CASES.c.case_sha256),
        )
        .with_for_update(skip_locked=True)
        .cte("unused")
    )
    connection.execute(delete(_CASES).where(_CASES.c.case_sha256.in_(select(unused))))
    return len(cases)


def _is_erased(connection: Connection, case: CaseRef) -> bool:
    """Whether the case is gone. Locks its row, made where it is missing, for this transaction."""
    insert = _insert(connection, _CASES)
    lock = insert.on_conflict_do_update(
        index_elements=[_CASES.c.case_sha256], set_={"case_sha256": insert.excluded.case_sha256}
    ).returning(_CASES.c.erased_at)
    return connection.scalar(lock, {"case_sha256": _hash(case)}) is not None


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def _hash(case: CaseRef) -> str:
    return hashlib.sha256(case.key.encode()).hexdigest()
