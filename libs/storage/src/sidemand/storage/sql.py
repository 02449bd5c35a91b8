"""An async engine for SQLite or PostgreSQL that behaves the same on both.

SQLite runs in WAL mode with full synchronisation, because a ledger or a vault may not forget
what a committed Kafka offset relies on. Every transaction takes the write lock at its start
(`BEGIN IMMEDIATE`): one that reads first and writes later would otherwise fail at once instead
of waiting. A process has one connection, so a task that opens a second one within a transaction
waits for itself. Keep transactions short.

Close an engine with `await engine.dispose()`: SQLite keeps a thread for each connection.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sidemand.storage.errors import AddressRefused
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

SQLITE: Final = "sqlite+aiosqlite"
POSTGRES: Final = "postgresql+asyncpg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """How many connections an engine may hold (SQLite: one), and how long it waits."""

    size: int = 5
    """Connections kept open."""
    overflow: int = 5
    """Connections opened beyond that under load."""
    wait_seconds: float = 10.0
    """How long to wait for a free connection, and for SQLite's write lock."""


DEFAULT_POOL: Final = Pool()


def open_engine(url: str, pool: Pool = DEFAULT_POOL) -> AsyncEngine:
    """Make an engine for `sqlite+aiosqlite:///path` or `postgresql+asyncpg://…`.

    The folder of an SQLite file is made where it is missing. `sqlite+aiosqlite://` without a
    path is a database in memory. Opens no connection yet.
    Raises `AddressRefused`, never showing the URL's password.
    """
    address = _parsed(url)
    if address.drivername == SQLITE:
        return _open_sqlite(address, pool)
    return create_async_engine(
        address,
        pool_size=pool.size,
        max_overflow=pool.overflow,
        pool_timeout=pool.wait_seconds,
        # A server that was restarted leaves dead connections behind; one round trip finds them.
        pool_pre_ping=True,
        connect_args={"timeout": pool.wait_seconds},
    )


def _parsed(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        raise AddressRefused(
            f"The database address is not a URL; write {SQLITE}:///folder/file.db "
            f"or {POSTGRES}://user:password@host/database."
        ) from None
    if address.drivername not in (SQLITE, POSTGRES):
        raise AddressRefused(
            f"The database address begins with {address.drivername}://, which is not supported; "
            f"use {SQLITE}:/// or {POSTGRES}://."
        )
    return address


def _open_sqlite(address: URL, pool: Pool) -> AsyncEngine:
    in_memory = address.database in (None, "", ":memory:")
    if not in_memory:
        _make_folder(Path(str(address.database)).parent)
    engine = create_async_engine(
        address,
        poolclass=AsyncAdaptedQueuePool,
        # One at a time may write. Queueing here is fair; SQLite's own waiting is a sleep that
        # grows to 100 ms, and eight connections had a 95th percentile of 700 ms by it.
        pool_size=1,
        max_overflow=0,
        pool_timeout=pool.wait_seconds,
    )
    _prepare_connections(engine, busy_ms=int(pool.wait_seconds * 1000))
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AddressRefused(
            f"The folder {folder} for the database cannot be made ({error.strerror}); "
            "choose one that may be written to."
        ) from None


def _prepare_connections(engine: AsyncEngine, busy_ms: int) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # The driver would begin transactions by itself, and too late; see `begin`.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {busy_ms}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",  # what is erased is overwritten, not only unlinked
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
