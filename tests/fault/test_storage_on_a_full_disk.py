"""What services keep in files: a full disk is an outage that passes, with nothing half done."""

import uuid
from collections.abc import Iterator

import pytest
from sidemand.bus import Transient
from sidemand.ingestion.adapters.sql import SqlLedger
from sidemand.ingestion.deliveries import Delivery
from sidemand.schemas.identity import CaseRef
from sidemand.storage import Objects
from sidemand.storage.errors import StoreUnreachable
from sidemand.testing.servers import Unavailable

from .disk import Disk, small_disk

EARLIER, LATER = b"there before", bytes(100_000)
MOST_IN_THE_LAST_BLOCK = 1_000


@pytest.fixture
def disk() -> Iterator[Disk]:
    try:
        with small_disk(4) as mounted:
            yield mounted
    except Unavailable as reason:
        pytest.skip(f"not proved here: a full disk: {reason}")


async def test_a_folder_for_objects_that_is_full_is_a_store_that_is_away(disk: Disk) -> None:
    objects = Objects.at(f"file://{disk.folder}/objects")
    earlier = await objects.put("content/earlier", EARLIER)
    disk.fill()
    with pytest.raises(StoreUnreachable):
        await objects.put("content/later", LATER)
    assert await objects.get(earlier) == EARLIER
    disk.make_room()
    left = {each.name for each in disk.folder.rglob("*") if each.is_file()}
    assert left == {"earlier"}
    assert await objects.get(await objects.put("content/later", LATER)) == LATER


async def test_a_ledger_on_a_full_disk_is_away_and_has_not_remembered_what_it_refused(
    disk: Disk,
) -> None:
    ledger = SqlLedger(f"sqlite+aiosqlite:///{disk.folder}/ledger.db")
    await ledger.open()
    try:
        assert await ledger.remember(delivery(0)) == "new"
        disk.fill()
        refused = await first_refused(ledger)
        with pytest.raises(Transient):
            await ledger.remember(delivery(refused))
        disk.make_room()
        assert await ledger.remember(delivery(refused)) == "new"
        assert await ledger.remember(delivery(0, again=1)) == "redelivery"
    finally:
        await ledger.close()


async def first_refused(ledger: SqlLedger) -> int:
    for number in range(1, MOST_IN_THE_LAST_BLOCK):
        try:
            await ledger.remember(delivery(number))
        except Transient:
            return number
    raise AssertionError("a full disk takes whatever comes")


def delivery(number: int, again: int = 0) -> Delivery:
    return Delivery(
        case=CaseRef(tenant="storaadal", case_id=uuid.UUID(int=number)),
        source="postsag",
        event_id=f"event-{number}",
        content_sha256="0" * 64,
        position=f"storaadal.casework.event.published.v1/0/{number + again}",
    )
