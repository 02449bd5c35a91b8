"""Connections to one SQLite file: one thread writes, some read, the event loop never waits."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

import apsw
import sqlite_vec
from sidemand.bus.errors import Transient

T = TypeVar("T")

_BUSY_MS: Final = 10_000
_AWAY: Final = (
    apsw.BusyError,
    apsw.LockedError,
    apsw.FullError,
    apsw.IOError,
    apsw.CantOpenError,
)


class Connections:
    """Runs work on an SQLite file in threads. Readers see the state that a commit left."""

    def __init__(self, path: Path, readers: int = 2) -> None:
        self._path = path
        self._local = threading.local()
        self._opened: list[apsw.Connection] = []
        self._writer = ThreadPoolExecutor(1, "index-writer")
        self._readers = ThreadPoolExecutor(readers, "index-reader")

    async def write(self, work: Callable[[apsw.Connection], T]) -> T:
        """Do `work` in a transaction of its own, after those that were asked for before."""
        return await self._run(self._writer, "BEGIN IMMEDIATE", work)

    async def read(self, work: Callable[[apsw.Connection], T]) -> T:
        """Do `work` on one unchanging state of the file."""
        return await self._run(self._readers, "BEGIN", work)

    async def close(self) -> None:
        """Wait for what is under way, and let go of the file."""
        await asyncio.to_thread(self._writer.shutdown)
        await asyncio.to_thread(self._readers.shutdown)
        for connection in self._opened:
            connection.close()

    async def _run(
        self, threads: ThreadPoolExecutor, begin: str, work: Callable[[apsw.Connection], T]
    ) -> T:
        def in_transaction() -> T:
            with _outage_is_transient():
                connection = self._connection()
                connection.execute(begin)
                try:
                    result = work(connection)
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
                return result

        return await asyncio.get_running_loop().run_in_executor(threads, in_transaction)

    def _connection(self) -> apsw.Connection:
        """This thread's own connection."""
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._open()
            self._local.connection = connection
            self._opened.append(connection)
        return connection

    def _open(self) -> apsw.Connection:
        connection = apsw.Connection(str(self._path))
        connection.set_busy_timeout(_BUSY_MS)
        connection.enable_load_extension(True)
        connection.load_extension(sqlite_vec.loadable_path())  # type: ignore[no-untyped-call]
        connection.enable_load_extension(False)
        # A committed Kafka offset relies on what is written here: no commit may be forgotten.
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -65536"):
            connection.execute(f"PRAGMA {pragma}")
        return connection


@contextmanager
def _outage_is_transient() -> Iterator[None]:
    """A full disk or a locked file passes; the cause is cut off, it may quote what was written."""
    try:
        yield
    except _AWAY as error:
        raise Transient(f"the index file cannot be used ({type(error).__name__})") from None
