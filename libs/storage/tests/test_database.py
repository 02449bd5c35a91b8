"""One suite for both databases."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sidemand.storage import is_unreachable, outage_raises
from sidemand.storage.database import Database, open_database
from sidemand.storage.errors import AddressRefused
from sidemand.storage.sql import Pool
from sidemand.testing.servers import PostgresServer
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError


class Away(Exception):
    pass


def _count(connection: Connection) -> int:
    return int(connection.execute(text("SELECT n FROM count")).scalar_one())


def _add_one(connection: Connection) -> None:
    # Locks the row, as every transaction in SQLite locks the file.
    lock = " FOR UPDATE" if connection.dialect.name == "postgresql" else ""
    n = connection.execute(text(f"SELECT n FROM count{lock}")).scalar_one()
    connection.execute(text("UPDATE count SET n = :n"), {"n": n + 1})


def _create(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE count (n INTEGER PRIMARY KEY)"))
    connection.execute(text("INSERT INTO count VALUES (0)"))


@pytest.fixture(params=["file", "memory", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    database = open_database(_url(request, tmp_path))
    await database.transaction(_create)
    yield database
    await database.close()


def _url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return f"sqlite+aiosqlite:///{tmp_path}/new/folder/a.db"
    if request.param == "memory":
        return "sqlite+aiosqlite://"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.create_database().replace("postgresql:", "postgresql+asyncpg:", 1)


async def test_transactions_that_read_before_they_write_lose_nothing(database: Database) -> None:
    await asyncio.gather(*(database.transaction(_add_one) for _ in range(20)))
    assert await database.transaction(_count) == 20


async def test_a_transaction_that_fails_leaves_nothing_behind(database: Database) -> None:
    def add_and_fail(connection: Connection) -> None:
        _add_one(connection)
        connection.execute(text("INSERT INTO count VALUES (1)"))

    with pytest.raises(IntegrityError):
        await database.transaction(add_and_fail)
    assert await database.transaction(_count) == 0


async def test_the_event_loop_turns_while_a_transaction_waits(tmp_path: Path) -> None:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path}/a.db")
    turned = threading.Event()

    def wait_for_the_loop(_: Connection) -> bool:
        return turned.wait(10)

    under_way = asyncio.create_task(database.transaction(wait_for_the_loop))
    await asyncio.sleep(0)
    turned.set()
    assert await under_way
    await database.close()


async def test_what_a_closing_database_has_begun_is_kept(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/a.db"
    database = open_database(url)
    await database.transaction(_create)
    added = [asyncio.create_task(database.transaction(_add_one)) for _ in range(5)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*added)
    again = open_database(url)
    assert await again.transaction(_count) == 5
    await again.close()


async def test_a_file_is_opened_so_that_what_it_keeps_stays(tmp_path: Path) -> None:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path}/a.db")
    names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "secure_delete")

    def pragmas(connection: Connection) -> list[object]:
        return [connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in names]

    assert await database.transaction(pragmas) == ["wal", 2, 10_000, 1, 1]
    await database.close()


async def test_postgresql_ends_the_transaction_of_a_frozen_process(
    postgres: PostgresServer,
) -> None:
    url = postgres.create_database().replace("postgresql:", "postgresql+asyncpg:", 1)
    database = open_database(url)
    setting = text("SHOW idle_in_transaction_session_timeout")
    assert await database.transaction(lambda c: c.execute(setting).scalar_one()) == "10s"
    await database.close()


async def test_deleted_rows_are_left_neither_in_the_file_nor_beside_it(tmp_path: Path) -> None:
    def add(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE secrets (word TEXT)"))
        connection.execute(text("INSERT INTO secrets VALUES ('xylofonist')"))

    def stored() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.glob("a.db*"))

    database = open_database(f"sqlite+aiosqlite:///{tmp_path}/a.db")
    await database.transaction(add)
    assert b"xylofonist" in stored()
    await database.transaction(lambda c: c.execute(text("DELETE FROM secrets")) and None)
    await database.overwrite_deleted()
    assert b"xylofonist" not in stored()
    await database.close()


async def test_a_mistake_of_ours_is_no_outage(database: Database) -> None:
    def insert_nothing(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE filled (n INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO filled VALUES (NULL)"))

    with pytest.raises(IntegrityError) as caught, outage_raises(Away("ledger")):
        await database.transaction(insert_nothing)
    assert not is_unreachable(caught.value)


async def test_a_file_that_another_keeps_locked_is_an_outage(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/a.db"
    ours, other = open_database(url, Pool(wait_seconds=0.05)), open_database(url)
    locked, enough = threading.Event(), threading.Event()

    def keep_locked(_: Connection) -> bool:
        locked.set()
        return enough.wait(10)

    keeping = asyncio.create_task(other.transaction(keep_locked))
    await asyncio.to_thread(locked.wait, 10)
    with pytest.raises(Away), outage_raises(Away("locked")):
        await ours.transaction(lambda _: None)
    enough.set()
    assert await keeping
    await ours.transaction(lambda _: None)
    for each in (ours, other):
        await each.close()


async def test_a_server_that_does_not_answer_is_an_outage() -> None:
    database = open_database("postgresql+asyncpg://clerk@127.0.0.1:9/db", Pool(wait_seconds=1))
    with pytest.raises(Away) as caught, outage_raises(Away("ledger")):
        await database.transaction(lambda _: None)
    await database.close()
    # A driver's message quotes the parameters of the statement.
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ledger.db", "is not a URL"),
        ("mysql://clerk:hemmelig@host/db", "begins with mysql://"),
        (
            "postgresql://clerk:hemmelig@host/db",
            r"use sqlite\+aiosqlite:/// or postgresql\+asyncpg",
        ),
    ],
)
def test_an_address_of_another_kind_is_refused_without_its_password(url: str, says: str) -> None:
    with pytest.raises(AddressRefused, match=says) as caught:
        open_database(url)
    assert "hemmelig" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AddressRefused, match="cannot be made"):
        open_database(f"sqlite+aiosqlite:///{tmp_path}/file/deep/ledger.db")
