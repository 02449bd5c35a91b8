"""Engines for SQLite and PostgreSQL that behave the same; `sidemand.storage.database` uses them.

SQLite runs in WAL mode with full synchronisation, because a ledger or a vault may not forget
what a committed Kafka offset relies on. Every transaction takes the write lock at its start
(`BEGIN IMMEDIATE`): one that reads first and writes later would otherwise fail at once instead
of waiting.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sidemand.storage.errors import AddressRefused
from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

SQLITE: Final = "sqlite+aiosqlite"
POSTGRES: Final = "postgresql+asyncpg"

# A process that is frozen within a transaction would keep its locks for as long, and hold up
# whoever took over its cases.
_SERVER_SETTINGS: Final = {"idle_in_transaction_session_timeout": "10000"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """How many connections an engine may hold (SQLite: one), and how long it waits."""

    size: int = 5
    """Connections, kept open: one that comes and goes with the load costs more than its work."""
    wait_seconds: float = 10.0
    """How long to wait for a free connection, and for SQLite's write lock."""


DEFAULT_POOL: Final = Pool()


def open_postgres(address: URL, pool: Pool) -> AsyncEngine:
    """Make an engine for a PostgreSQL server."""
    return create_async_engine(
        address,
        pool_size=pool.size,
        max_overflow=0,
        pool_timeout=pool.wait_seconds,
        # A server that was restarted leaves dead connections behind; one round trip finds them.
        pool_pre_ping=True,
        connect_args={"timeout": pool.wait_seconds, "server_settings": _SERVER_SETTINGS},
    )


def parsed_address(url: str) -> URL:
    """The parts of a database's address. Raises `AddressRefused`."""
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


def prepare_file(address: URL) -> None:
    """Make the folder of an SQLite file where it is missing. Raises `AddressRefused`."""
    if address.database in (None, "", ":memory:"):
        return
    folder = Path(str(address.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AddressRefused(
            f"The folder {folder} for the database cannot be made ({error.strerror}); "
            "choose one that may be written to."
        ) from None


def prepare_sqlite_connections(engine: Engine, busy_ms: int) -> None:
    """Let each connection of `engine` keep what it commits, and begin by taking the write lock."""

    @event.listens_for(engine, "connect")
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

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
