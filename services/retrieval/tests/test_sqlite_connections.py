"""One thread writes, and commits together what was asked for meanwhile."""

import asyncio
import threading
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import apsw
import pytest
from sidemand.bus.errors import Transient
from sidemand.retrieval.adapters.sqlite_connections import Connections


@pytest.fixture
async def connections(tmp_path: Path) -> AsyncIterator[Connections]:
    opened = Connections(tmp_path / "file.db")
    await opened.write(lambda db: db.execute("CREATE TABLE kept(value INTEGER)").fetchall())
    yield opened
    await opened.close()


def keep(value: int, db: apsw.Connection) -> int:
    db.execute("INSERT INTO kept VALUES (?)", (value,))
    return value


def fail(db: apsw.Connection) -> None:
    keep(-1, db)
    raise ValueError("no")


async def kept(connections: Connections) -> list[int]:
    rows = await connections.read(lambda db: db.execute("SELECT value FROM kept").fetchall())
    return sorted(int(value or 0) for (value,) in rows)


class Holding:
    """Keeps the writer busy until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()

    def __call__(self, db: apsw.Connection) -> None:
        self.begun.set()
        self.let_go.wait(5)


async def test_who_fails_loses_his_own_work_alone(connections: Connections) -> None:
    holding = Holding()
    first = asyncio.ensure_future(connections.write(holding))
    await asyncio.to_thread(holding.begun.wait)
    others = [
        asyncio.ensure_future(each)
        for each in (
            connections.write(lambda db: keep(1, db)),
            connections.write(fail),
            connections.write(lambda db: keep(2, db)),
        )
    ]
    await asyncio.sleep(0)
    holding.let_go.set()
    outcomes = await asyncio.gather(first, *others, return_exceptions=True)
    assert outcomes[1] == 1
    assert isinstance(outcomes[2], ValueError)
    assert outcomes[3] == 2
    assert await kept(connections) == [1, 2]


async def test_who_gives_up_waiting_stops_nobody(connections: Connections) -> None:
    holding = Holding()
    first = asyncio.ensure_future(connections.write(holding))
    await asyncio.to_thread(holding.begun.wait)
    given_up = asyncio.ensure_future(connections.write(lambda db: keep(1, db)))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.wait([given_up])
    holding.let_go.set()
    await first
    assert await connections.write(lambda db: keep(2, db)) == 2
    assert await kept(connections) == [2]


async def test_what_was_written_is_read_at_once(connections: Connections) -> None:
    for value in range(20):
        await connections.write(partial(keep, value))
        assert value in await kept(connections)


async def test_a_file_that_cannot_be_opened_is_an_outage(tmp_path: Path) -> None:
    nowhere = Connections(tmp_path / "missing" / "file.db")
    with pytest.raises(Transient, match="CantOpenError"):
        await nowhere.read(lambda db: keep(1, db))
    with pytest.raises(Transient, match="CantOpenError"):
        await nowhere.write(lambda db: keep(1, db))
    await nowhere.close()
