"""Connections to one SQLite file: one thread writes, some read, the event loop never waits.

A commit waits for the disk, 6 ms on the machine where it was measured: as long as the work itself.
So the writer commits everything that was asked for meanwhile at once, and answers afterwards.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

import apsw
import sqlite_vec
from sidemand.bus.errors import Transient

T = TypeVar("T")

READERS: Final = 2
"""Threads that read at the same time."""

_BUSY_MS: Final = 10_000
_MOST_IN_A_COMMIT: Final = 64
_AWAY: Final = (
    apsw.BusyError,
    apsw.LockedError,
    apsw.FullError,
    apsw.IOError,
    apsw.CantOpenError,
)


class Connections:
    """Runs work on an SQLite file in threads. Readers see the state that a commit left."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._opened: list[apsw.Connection] = []
        self._waiting: queue.SimpleQueue[_Write[object] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_on, name="index-writer", daemon=True)
        self._readers = ThreadPoolExecutor(READERS, "index-reader")
        self._writer.start()

    async def write(self, work: Callable[[apsw.Connection], T]) -> T:
        """Do `work` wholly or not at all, after what was asked for before; then it is kept."""
        asked = _Write(work)
        self._waiting.put(asked)  # type: ignore[arg-type]  # each answer goes to its own asker
        return await asyncio.wrap_future(asked.answer)

    async def read(self, work: Callable[[apsw.Connection], T]) -> T:
        """Do `work` on one unchanging state of the file."""

        def on_one_state() -> T:
            with _outage_is_transient():
                connection = self._connection()
                connection.execute("BEGIN")
                try:
                    return work(connection)
                finally:
                    connection.execute("COMMIT")

        return await asyncio.get_running_loop().run_in_executor(self._readers, on_one_state)

    async def close(self) -> None:
        """Finish what is under way, and let go of the file."""
        self._waiting.put(None)
        await asyncio.to_thread(self._writer.join)
        await asyncio.to_thread(self._readers.shutdown)
        for connection in self._opened:
            connection.close()

    def _write_on(self) -> None:
        """Write until the end is asked for."""
        while (first := self._waiting.get()) is not None:
            batch = [first]
            while len(batch) < _MOST_IN_A_COMMIT and not self._waiting.empty():
                following = self._waiting.get()
                if following is None:
                    self._waiting.put(None)
                    break
                batch.append(following)
            # Who has gone away meanwhile needs no answer; who has not can no longer go.
            self._commit([each for each in batch if each.answer.set_running_or_notify_cancel()])

    def _commit(self, batch: "list[_Write[object]]") -> None:
        """Do all of `batch` in one transaction; who fails loses his own work alone."""
        try:
            with _outage_is_transient():
                connection = self._connection()
                with connection:
                    answers = [each.done_on(connection) for each in batch]
        except Exception as error:  # noqa: BLE001 - each who waits gets it
            for each in batch:
                each.answer.set_exception(error)
            return
        for answer in answers:
            answer()

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


@dataclass
class _Write(Generic[T]):
    """Work that somebody waits for."""

    work: Callable[[apsw.Connection], T]

    def __post_init__(self) -> None:
        self.answer: Future[T] = Future()

    def done_on(self, connection: apsw.Connection) -> Callable[[], None]:
        """Do the work in a savepoint; what comes back gives the answer, once all is committed.

        Raises what means that the file is away: then nothing of the batch counts.
        """
        try:
            with connection:
                result = self.work(connection)
        except _AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - it is the asker's
            failure = error
            return lambda: self.answer.set_exception(failure)
        return lambda: self.answer.set_result(result)


@contextmanager
def _outage_is_transient() -> Iterator[None]:
    """A full disk or a locked file passes; the cause is cut off, it may quote what was written."""
    try:
        yield
    except _AWAY as error:
        raise Transient(f"the index file cannot be used ({type(error).__name__})") from None
