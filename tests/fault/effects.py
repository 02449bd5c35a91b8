"""What a handler did, as PostgreSQL has it: one effect for each event, and every write at all."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import asyncpg
from asyncpg.exceptions._base import InterfaceError, InternalClientError
from sidemand.bus import Transient

_TABLES: Final = """
CREATE TABLE effects (
    place bigserial, event_id text PRIMARY KEY, case_id text NOT NULL, number integer NOT NULL
);
CREATE TABLE writes (
    place bigserial PRIMARY KEY, event_id text NOT NULL, case_id text NOT NULL,
    number integer NOT NULL, member integer NOT NULL
);
"""
_ONCE: Final = (
    "INSERT INTO effects (event_id, case_id, number) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
)
_ALWAYS: Final = "INSERT INTO writes (event_id, case_id, number, member) VALUES ($1, $2, $3, $4)"
_MISSING: Final = """
SELECT wanted.id FROM unnest($1::text[]) AS wanted (id)
WHERE NOT EXISTS (SELECT 1 FROM effects WHERE effects.event_id = wanted.id)
"""
_AWAY: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    InterfaceError,
    InternalClientError,  # what asyncpg says of a connection that broke while it was asked
    TimeoutError,
)
_NOT_YET: Final = (
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.DiskFullError,
)

_LOOK_EVERY: Final = 0.1
_NOBODY_HOLDS_A_LOCK_FOR_EVER: Final = {"idle_in_transaction_session_timeout": "5000"}
"""Milliseconds. A member that is frozen within a transaction would stop its case for everybody."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What the handler does for one event."""

    event_id: str
    case_id: str
    number: int
    """Which of its case's events it is, from 1."""


class Effects:
    """The two tables. Raises `Transient` while PostgreSQL is away."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def prepare(self) -> None:
        """Create the tables in an empty database."""
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(_TABLES)
        finally:
            await connection.close()

    async def record(self, effect: Effect, member: int) -> None:
        """Write an effect: once for its event, and always into the log of writes."""
        about = (effect.event_id, effect.case_id, effect.number)
        try:
            pool = await self._opened()
            async with pool.acquire(timeout=5) as connection, connection.transaction():
                await connection.execute(_ONCE, *about)
                await connection.execute(_ALWAYS, *about, member)
        except (*_AWAY, *_NOT_YET):
            raise Transient("postgresql") from None

    async def missing(self, event_ids: Collection[str]) -> set[str]:
        """Those of the events that have no effect."""
        return {row["id"] for row in await self._fetch(_MISSING, list(event_ids))}

    async def until_there(self, event_ids: Collection[str], seconds: float) -> None:
        """Wait until all of these have their effect. Raises `AssertionError` naming some."""
        missing = set(event_ids)
        try:
            async with asyncio.timeout(seconds):
                while missing:
                    with suppress(Transient):
                        missing = await self.missing(missing)
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            some = sorted(missing)[:5]
            raise AssertionError(
                f"{len(missing)} have no effect after {seconds} s: {some}"
            ) from None

    async def in_order(self, table: str = "effects") -> list[Effect]:
        """Everything in `effects` or `writes`, in the order in which it was written."""
        rows = await self._fetch(f"SELECT event_id, case_id, number FROM {table} ORDER BY place")
        return [Effect(*row) for row in rows]

    async def close(self) -> None:
        """Let the connections go."""
        if self._pool is not None:
            self._pool.terminate()

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        try:
            pool = await self._opened()
            return list(await pool.fetch(query, *arguments, timeout=10))
        except (*_AWAY, *_NOT_YET):
            raise Transient("postgresql") from None

    async def _opened(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=0,
                    max_size=8,
                    timeout=5,
                    command_timeout=10,
                    server_settings=_NOBODY_HOLDS_A_LOCK_FOR_EVER,
                )
            return self._pool
