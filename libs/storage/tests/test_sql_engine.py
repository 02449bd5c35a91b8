import asyncio
from pathlib import Path

import pytest
from sidemand.storage import is_unreachable, outage_raises
from sidemand.storage.errors import AddressRefused
from sidemand.storage.sql import POSTGRES, Pool, open_engine
from sidemand.testing.servers import PostgresServer
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError


async def test_sqlite_keeps_what_was_committed_safe(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/new/folder/ledger.db")
    async with engine.connect() as connection:
        modes = [
            (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in (
                "journal_mode",
                "synchronous",
                "busy_timeout",
                "foreign_keys",
                "secure_delete",
            )
        ]
    await engine.dispose()

    assert modes == ["wal", 2, 10_000, 1, 1]


async def test_postgresql_ends_the_transaction_of_a_frozen_process(
    postgres: PostgresServer,
) -> None:
    engine = open_engine(postgres.create_database().replace("postgresql:", f"{POSTGRES}:", 1))
    async with engine.connect() as connection:
        shown = await connection.execute(text("SHOW idle_in_transaction_session_timeout"))
        assert shown.scalar_one() == "10s"
    await engine.dispose()


async def test_transactions_that_read_before_they_write_wait_for_each_other(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/count.db")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE count (n INTEGER)"))
        await connection.execute(text("INSERT INTO count VALUES (0)"))

    async def add_one() -> None:
        async with engine.begin() as connection:
            n = (await connection.execute(text("SELECT n FROM count"))).scalar_one()
            await connection.execute(text("UPDATE count SET n = :n"), {"n": n + 1})

    await asyncio.gather(*(add_one() for _ in range(40)))
    async with engine.connect() as connection:
        total = (await connection.execute(text("SELECT n FROM count"))).scalar_one()
    await engine.dispose()

    assert total == 40


async def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/a.db")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE a (n INTEGER PRIMARY KEY)"))

    async def insert_twice() -> None:
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO a VALUES (1)"))
            await connection.execute(text("INSERT INTO a VALUES (1)"))

    with pytest.raises(IntegrityError):
        await insert_twice()
    async with engine.connect() as connection:
        rows = (await connection.execute(text("SELECT n FROM a"))).all()
    await engine.dispose()

    assert rows == []


async def test_a_database_in_memory_is_one_database() -> None:
    engine = open_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE a (n INTEGER)"))
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO a VALUES (1)"))
    await engine.dispose()


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
        open_engine(url)
    assert "hemmelig" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(AddressRefused, match="cannot be made"):
        open_engine(f"sqlite+aiosqlite:///{tmp_path}/file/deep/ledger.db")


class Away(Exception):
    pass


async def test_a_server_that_is_away_raises_what_the_caller_asked_for() -> None:
    engine = open_engine("postgresql+asyncpg://clerk@127.0.0.1:9/db", Pool(wait_seconds=1))

    with pytest.raises(Away) as caught, outage_raises(Away("ledger")):
        async with engine.connect():
            pass
    await engine.dispose()

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


async def test_a_database_that_another_process_keeps_locked_is_an_outage(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/a.db"
    ours, other = open_engine(url, Pool(wait_seconds=0.05)), open_engine(url)
    async with other.begin():
        with pytest.raises(Away), outage_raises(Away("locked")):
            async with ours.begin():
                pass
    await ours.dispose()
    await other.dispose()


async def test_a_mistake_of_ours_is_no_outage(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/a.db")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE a (n INTEGER NOT NULL)"))
    with pytest.raises(IntegrityError) as caught, outage_raises(Away("ledger")):
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO a VALUES (NULL)"))
    await engine.dispose()

    assert not is_unreachable(caught.value)
