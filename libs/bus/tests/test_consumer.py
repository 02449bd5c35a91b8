"""The bus's consumer takes from every partition in turn, and only where there is room."""

import asyncio
from typing import Any, cast

from aiokafka import AIOKafkaProducer, TopicPartition
from sidemand.bus import BusSettings
from sidemand.bus.connection import connection
from sidemand.bus.consumer import PatientConsumer
from sidemand.schemas import topics

LOUD, QUIET = (
    TopicPartition(topics.FEEDBACK_GIVEN.of(each), 0) for each in ("storaadal", "vesterhede")
)


async def consumer_with_both_sent_ahead(
    settings: BusSettings, producer: AIOKafkaProducer
) -> PatientConsumer:
    for partition, events in ((LOUD, 100), (QUIET, 1)):
        for _ in range(events):
            await producer.send(partition.topic, b"x", partition=partition.partition)
    await producer.flush()
    consumer = PatientConsumer(auto_offset_reset="earliest", **connection(settings))
    untyped = cast("Any", consumer)
    await untyped.start()
    untyped.assign([LOUD, QUIET])
    async with asyncio.timeout(10):
        while set(untyped._fetcher._records) != {LOUD, QUIET}:  # noqa: ASYNC110 - in aiokafka
            await asyncio.sleep(0.01)
    untyped._fetcher._records.move_to_end(QUIET)
    return consumer


async def test_one_event_of_a_partition_does_not_wait_for_all_of_another(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    consumer = await consumer_with_both_sent_ahead(settings, producer)
    try:
        assert list(await consumer.getmany(max_records=10)) == [LOUD]
        assert list(await consumer.getmany(max_records=10)) == [QUIET, LOUD]
    finally:
        await cast("Any", consumer).stop()


async def test_what_there_is_no_room_for_stays_where_it_is(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    consumer = await consumer_with_both_sent_ahead(settings, producer)
    try:
        consumer.with_room = lambda _: [QUIET]
        assert list(await consumer.getmany()) == [QUIET]
        assert await consumer.getmany() == {}
        consumer.with_room = lambda _: []
        assert await consumer.getmany() == {}
        consumer.with_room = list
        fetched = await consumer.getmany()
        assert [record.offset for record in fetched[LOUD]] == list(range(100))
    finally:
        await cast("Any", consumer).stop()


async def test_what_there_is_no_room_for_does_not_keep_the_others_waiting(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    consumer = await consumer_with_both_sent_ahead(settings, producer)
    try:
        cast("Any", consumer)._fetcher._records[LOUD]._backoff = 3600.0  # as if it had just come
        consumer.with_room = lambda _: [QUIET]
        assert list(await consumer.getmany()) == [QUIET]
        await producer.send_and_wait(QUIET.topic, b"x", partition=QUIET.partition)
        async with asyncio.timeout(20):
            while not await consumer.getmany():
                pass
    finally:
        await cast("Any", consumer).stop()


async def test_a_consumer_that_is_starting_has_not_lost_its_group(settings: BusSettings) -> None:
    consumer = PatientConsumer(group_id="proeve", **connection(settings))
    assert not consumer.has_lost_its_group()
