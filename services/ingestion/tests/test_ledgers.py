"""What every ledger keeps its word on: SQLite, PostgreSQL, and the fake that other tests use."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sidemand.bus.errors import Transient
from sidemand.ingestion.adapters.sql import SqlLedger
from sidemand.ingestion.deliveries import Delivery
from sidemand.ingestion.ports import Ledger
from sidemand.schemas.identity import CaseRef
from sidemand.storage.database import open_database
from sqlalchemy import Connection, inspect, text

T = TypeVar("T")

CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=7))
OTHER_CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=8))
THIRD_CASE = CaseRef(tenant="vesterhede", case_id=uuid.UUID(int=7))
FIRST = Delivery(
    case=CASE, source="postsag", event_id="1", content_sha256="a" * 64, position="published/3/10"
)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    if request.param == "memory":
        yield request.getfixturevalue("memory_ledger")
        return
    ledger = SqlLedger(url_of(request, tmp_path))
    await ledger.open()
    yield ledger
    await ledger.close()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return url_of(request, tmp_path)


def url_of(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/ledger.db"
    server = request.getfixturevalue("postgres")
    request.node.funcargs["postgres"] = server  # so that the closing table counts it
    address: str = server.create_database()
    return address.replace("postgresql://", "postgresql+asyncpg://")


def a_moment() -> datetime:
    """Now: later than what was before the call, and earlier than what comes after it."""
    before = datetime.now(UTC)
    while (now := datetime.now(UTC)) == before:
        pass
    while datetime.now(UTC) == now:
        pass
    return now


async def in_database(url: str, work: Callable[[Connection], T]) -> T:
    database = open_database(url)
    try:
        return await database.transaction(work)
    finally:
        await database.close()


async def test_an_event_is_new_once(ledger: Ledger) -> None:
    assert await ledger.remember(FIRST) == "new"
    assert await ledger.remember(replace(FIRST, position="published/3/11")) == "redelivery"


async def test_the_same_record_goes_through_again(ledger: Ledger) -> None:
    await ledger.remember(FIRST)

    assert await ledger.remember(FIRST) == "new"


async def test_the_same_id_with_other_content_is_a_conflict(ledger: Ledger) -> None:
    await ledger.remember(FIRST)
    changed = replace(FIRST, content_sha256="b" * 64)

    assert await ledger.remember(replace(changed, position="published/3/11")) == "conflict"
    assert await ledger.remember(changed) == "conflict"
    assert await ledger.remember(replace(FIRST, position="published/3/12")) == "redelivery"


async def test_a_record_that_proves_nothing_about_the_first_goes_through(ledger: Ledger) -> None:
    await ledger.remember(FIRST)

    assert await ledger.remember(replace(FIRST, position="published/3/2")) == "new"
    assert await ledger.remember(replace(FIRST, position="published/3/10")) == "redelivery"
    assert await ledger.remember(replace(FIRST, position="published/4/11")) == "new"


@pytest.mark.parametrize(
    "changed",
    [
        {"source": "byggesag"},
        {"event_id": "2"},
        {"case": CaseRef(tenant="vesterhede", case_id=CASE.case_id)},
    ],
)
async def test_ids_are_unique_within_tenant_and_source(
    ledger: Ledger, changed: dict[str, Any]
) -> None:
    await ledger.remember(FIRST)
    other = replace(FIRST, content_sha256="b" * 64, position="published/3/11", **changed)

    assert await ledger.remember(other) == "new"


async def test_an_erased_case_stays_erased(ledger: Ledger) -> None:
    await ledger.remember(FIRST)
    await ledger.remember(replace(FIRST, event_id="2"))
    await ledger.remember(replace(FIRST, event_id="3", case=OTHER_CASE))

    assert await ledger.erase(CASE) == 2
    assert await ledger.erase(CASE) == 0
    assert await ledger.remember(FIRST) == "erased"
    assert await ledger.remember(replace(FIRST, event_id="9")) == "erased"
    assert await ledger.remember(replace(FIRST, event_id="4", case=OTHER_CASE)) == "new"


async def test_a_case_may_be_erased_before_its_first_event(ledger: Ledger) -> None:
    assert await ledger.erase(CASE) == 0
    assert await ledger.remember(FIRST) == "erased"


async def test_an_event_and_the_erasure_of_its_case_never_pass_each_other(ledger: Ledger) -> None:
    events = [replace(FIRST, event_id=str(number)) for number in range(12)]
    *verdicts, erased = await asyncio.gather(
        *(ledger.remember(event) for event in events[:6]),
        *(ledger.remember(event) for event in events[6:]),
        ledger.erase(CASE),
    )

    assert verdicts.count("new") == erased
    assert await ledger.erase(CASE) == 0


async def test_one_id_in_two_cases_at_once_is_one_event_and_one_conflict(ledger: Ledger) -> None:
    other = replace(FIRST, case=OTHER_CASE, content_sha256="b" * 64)

    verdicts = await asyncio.gather(ledger.remember(FIRST), ledger.remember(other))

    assert sorted(verdicts) == ["conflict", "new"]


async def test_an_event_that_is_forgotten_is_new_again(ledger: Ledger) -> None:
    await ledger.remember(FIRST)
    other = replace(FIRST, content_sha256="b" * 64, position="published/3/11")

    assert await ledger.forget(a_moment(), most=10) == 1
    assert await ledger.forget(a_moment(), most=10) == 0
    assert await ledger.remember(other) == "new"


async def test_what_was_let_through_since_then_stays_known(ledger: Ledger) -> None:
    await ledger.remember(FIRST)
    await ledger.remember(replace(FIRST, event_id="2"))
    then = a_moment()
    await ledger.remember(FIRST)
    await ledger.remember(replace(FIRST, event_id="2", position="published/3/11"))

    assert await ledger.forget(then, most=10) == 1
    assert await ledger.remember(replace(FIRST, position="published/3/12")) == "redelivery"
    assert await ledger.remember(replace(FIRST, event_id="2", content_sha256="b" * 64)) == "new"


async def test_the_oldest_are_forgotten_first_and_no_more_than_asked_for(ledger: Ledger) -> None:
    events = [replace(FIRST, event_id=str(number)) for number in range(5)]
    for event in events:
        await ledger.remember(event)
    now = a_moment()

    assert await ledger.forget(now, most=2) == 2
    later = [replace(event, position="published/3/11") for event in events[2:]]
    assert [await ledger.remember(event) for event in later] == ["redelivery"] * 3
    assert [await ledger.forget(now, most=2) for _ in range(3)] == [2, 1, 0]


async def test_an_erased_case_stays_erased_when_its_events_would_be_forgotten(
    ledger: Ledger,
) -> None:
    await ledger.remember(FIRST)
    await ledger.remember(replace(FIRST, event_id="2", case=OTHER_CASE))
    await ledger.erase(CASE)

    assert await ledger.forget(a_moment(), most=10) == 1
    assert await ledger.remember(FIRST) == "erased"


async def test_events_pass_erasure_and_forgetting_at_the_same_time(ledger: Ledger) -> None:
    cases = [CaseRef(tenant="storaadal", case_id=uuid.UUID(int=number)) for number in range(4)]
    events = [
        replace(FIRST, event_id=f"{case.case_id} {number}", case=case)
        for number in range(6)
        for case in cases
    ]
    soon = datetime.now(UTC) + timedelta(hours=1)
    verdicts, gone = await asyncio.gather(
        asyncio.gather(*(ledger.remember(event) for event in events)),
        asyncio.gather(
            *(ledger.forget(soon, most=3) for _ in range(8)),
            *(ledger.erase(case) for case in cases[:2]),
            *(ledger.forget(soon, most=3) for _ in range(8)),
        ),
    )

    left = await ledger.forget(soon, most=100)
    assert verdicts.count("new") == sum(gone) + left
    assert set(verdicts) <= {"new", "erased"}


async def test_nothing_stays_of_a_case_whose_events_are_forgotten_but_its_erasure(
    url: str,
) -> None:
    ledger = SqlLedger(url)
    await ledger.open()
    for number, case in enumerate((CASE, OTHER_CASE, THIRD_CASE)):
        await ledger.remember(replace(FIRST, event_id=str(number), case=case))
    await ledger.erase(OTHER_CASE)
    since = a_moment()
    await ledger.remember(replace(FIRST, event_id="4", case=THIRD_CASE))
    await ledger.forget(since, most=10)
    await ledger.close()

    def counted(connection: Connection) -> list[int | None]:
        tables = ("ingestion_events", "ingestion_cases")
        return [connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables]

    assert await in_database(url, counted) == [1, 2]


async def test_a_ledger_of_before_gets_the_index_by_which_it_forgets(url: str) -> None:
    def drop_index(connection: Connection) -> int:
        found = inspect(connection).get_indexes("ingestion_events")
        names = [each["name"] for each in found if each["column_names"] == ["received_at"]]
        for name in names:
            connection.execute(text(f"DROP INDEX {name}"))
        return len(names)

    for _ in range(2):
        ledger = SqlLedger(url)
        await ledger.open()
        await ledger.close()
        assert await in_database(url, drop_index) == 1


async def test_a_ledger_outlives_its_process(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/var/ledger.db"
    for verdict in ("new", "redelivery"):
        ledger = SqlLedger(url)
        await ledger.open()
        position = "published/3/10" if verdict == "new" else "published/3/11"
        assert await ledger.remember(replace(FIRST, position=position)) == verdict
        await ledger.close()


async def test_no_case_stands_in_the_database_as_it_is(tmp_path: Path) -> None:
    ledger = SqlLedger(f"sqlite+aiosqlite:///{tmp_path}/ledger.db")
    await ledger.open()
    await ledger.remember(FIRST)
    await ledger.erase(OTHER_CASE)
    await ledger.close()

    kept = (tmp_path / "ledger.db").read_bytes()
    assert str(CASE.case_id).encode() not in kept
    assert str(OTHER_CASE.case_id).encode() not in kept


async def test_a_database_that_is_away_is_transient() -> None:
    ledger = SqlLedger("postgresql+asyncpg://clerk@127.0.0.1:9/ledger")

    with pytest.raises(Transient, match="ledger"):
        await ledger.remember(FIRST)
    await ledger.close()
