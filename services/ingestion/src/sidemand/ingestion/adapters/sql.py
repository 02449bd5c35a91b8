"""The ledger in SQLite or PostgreSQL."""

import hashlib
from datetime import UTC, datetime
from typing import Any, Final

from sidemand.bus.errors import Transient
from sidemand.ingestion.deliveries import Delivery, Verdict, judge
from sidemand.schemas.identity import CaseRef
from sidemand.storage import open_engine, outage_raises
from sqlalchemy import (
    Column,
    DateTime,
    Index,
    MetaData,
    String,
    Table,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

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
)
_CREATING: Final = 0x51DE_0001
"""Names the lock under which tables are made, so that two starting services do not collide."""


class SqlLedger:
    """The port `Ledger` over SQLAlchemy.

    The row of its case is locked first in every transaction, so an event and the erasure of its
    case never pass each other.
    """

    def __init__(self, url: str) -> None:
        self._engine: AsyncEngine = open_engine(url)
        self._is_postgres = self._engine.dialect.name == "postgresql"

    async def open(self) -> None:
        """Make the tables where they are missing. Raises `Transient`."""
        with outage_raises(Transient("ledger")):
            async with self._engine.begin() as connection:
                if self._is_postgres:
                    await connection.execute(
                        text("SELECT pg_advisory_xact_lock(:id)"), {"id": _CREATING}
                    )
                await connection.run_sync(_METADATA.create_all)

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def remember(self, delivery: Delivery) -> Verdict:
        """See the port."""
        with outage_raises(Transient("ledger")):
            async with self._engine.begin() as connection:
                if await self._is_erased(connection, delivery.case):
                    return "erased"
                return await self._remember(connection, delivery)

    async def erase(self, case: CaseRef) -> int:
        """See the port."""
        named = _hash(case)
        with outage_raises(Transient("ledger")):
            async with self._engine.begin() as connection:
                if not await self._is_erased(connection, case):
                    await connection.execute(
                        update(_CASES)
                        .where(_CASES.c.case_sha256 == named)
                        .values(erased_at=datetime.now(UTC))
                    )
                gone = await connection.execute(
                    delete(_EVENTS).where(_EVENTS.c.case_sha256 == named)
                )
                return gone.rowcount

    async def _is_erased(self, connection: AsyncConnection, case: CaseRef) -> bool:
        """Whether the case is gone. Locks its row until the transaction ends."""
        await self._insert_once(connection, _CASES, {"case_sha256": _hash(case)})
        found = await connection.execute(
            select(_CASES.c.erased_at).where(_CASES.c.case_sha256 == _hash(case)).with_for_update()
        )
        return found.scalar_one() is not None

    async def _remember(self, connection: AsyncConnection, delivery: Delivery) -> Verdict:
        values = {
            "tenant": delivery.case.tenant,
            "source": delivery.source,
            "event_id": delivery.event_id,
            "case_sha256": _hash(delivery.case),
            "content_sha256": delivery.content_sha256,
            "position": delivery.position,
            "received_at": datetime.now(UTC),
        }
        if await self._insert_once(connection, _EVENTS, values):
            return "new"
        key = [_EVENTS.c[name] == values[name] for name in ("tenant", "source", "event_id")]
        known = (await connection.execute(select(_EVENTS).where(*key))).one()
        verdict = judge(delivery, known_sha256=known.content_sha256, known_position=known.position)
        if verdict == "new":
            await connection.execute(update(_EVENTS).where(*key).values(position=delivery.position))
        return verdict

    async def _insert_once(
        self, connection: AsyncConnection, table: Table, values: dict[str, Any]
    ) -> bool:
        """Insert a row unless its key is there already; say whether it was inserted."""
        dialect = postgresql if self._is_postgres else sqlite
        statement = dialect.insert(table).values(values).on_conflict_do_nothing()
        return (await connection.execute(statement)).rowcount == 1


def _hash(case: CaseRef) -> str:
    return hashlib.sha256(case.key.encode()).hexdigest()
