"""What every ledger keeps its word on: SQLite, PostgreSQL, and the fake that other tests use."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sidemand.bus.errors import Transient
from sidemand.ingestion.adapters.sql import SqlLedger
from sidemand.ingestion.deliveries import Delivery
from sidemand.ingestion.ports import Ledger
from sidemand.schemas.identity import CaseRef

CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=7))
OTHER_CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=8))
FIRST = Delivery(
    case=CASE, source="postsag", event_id="1", content_sha256="a" * 64, position="published/3/10"
)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    if request.param == "memory":
        yield request.getfixturevalue("memory_ledger")
        return
    url = f"sqlite+aiosqlite:///{tmp_path}/ledger.db"
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        request.node.funcargs["postgres"] = server  # so that the closing table counts it
        url = server.create_database().replace("postgresql://", "postgresql+asyncpg://")
    ledger = SqlLedger(url)
    await ledger.open()
    yield ledger
    await ledger.close()


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
