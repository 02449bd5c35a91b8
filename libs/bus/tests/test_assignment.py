"""What is taken up under one assignment ends with it."""

import asyncio

from aiokafka import ConsumerRecord, TopicPartition
from sidemand.bus.assignment import Abandoned, Assignment, Handle
from sidemand.bus.decoding import Record

PARTITION = TopicPartition("casework.document.ingested.v1", 0)


def records(*keys: bytes) -> list[Record]:
    topic, number = PARTITION
    return [
        ConsumerRecord(topic, number, offset, 0, 0, key, b"", None, 0, 0, ())
        for offset, key in enumerate(keys)
    ]


def assignment(handle: Handle, failures: list[Exception] | None = None) -> Assignment:
    return Assignment(handle, (failures or []).append)


async def test_records_of_one_key_are_handled_in_order_and_keys_side_by_side() -> None:
    order: list[int] = []
    first = asyncio.Event()

    async def handle(record: Record, leaving: asyncio.Event) -> None:
        if record.offset == 0:
            await first.wait()
        order.append(record.offset)

    held = assignment(handle)
    held.take_up(PARTITION, records(b"a", b"a", b"b", b"b"))
    while len(order) < 2:  # noqa: ASYNC110 - it changes in the assignment
        await asyncio.sleep(0)
    assert order == [2, 3]
    assert held.committable == {}
    first.set()
    await held.end(1)
    assert order[2] == 0
    assert held.committable[PARTITION] in {1, 4}


async def test_what_does_not_end_in_time_is_cut_off_before_the_partition_goes_on() -> None:
    running = 0

    async def endless(record: Record, leaving: asyncio.Event) -> None:
        nonlocal running
        running += 1
        try:
            await asyncio.Event().wait()
        finally:
            running -= 1

    failures: list[Exception] = []
    held = assignment(endless, failures)
    held.take_up(PARTITION, records(b"a", b"b", b"b"))
    await asyncio.sleep(0)
    assert running == 2
    await held.end(0.05)
    assert running == 0
    assert held.unfinished == 0
    assert held.oldest_seconds == 0
    assert held.committable == {}
    assert failures == []


async def test_what_waits_gives_up_at_once() -> None:
    async def wait(record: Record, leaving: asyncio.Event) -> None:
        await leaving.wait()
        raise Abandoned

    held = assignment(wait)
    held.take_up(PARTITION, records(b"a", b"a", b"b"))
    await asyncio.sleep(0)
    async with asyncio.timeout(0.5):
        await held.end(60)
    assert held.committable == {}


async def test_after_its_end_nothing_is_taken_up() -> None:
    async def handle(record: Record, leaving: asyncio.Event) -> None: ...

    held = assignment(handle)
    await held.end(0)
    held.take_up(PARTITION, records(b"a"))
    assert held.unfinished == 0
    assert held.next_expected == {}
