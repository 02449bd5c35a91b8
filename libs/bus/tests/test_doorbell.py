"""The doorbell wakes consumers of the embedded Kafka, and lets them rest in between."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from sidemand.bus.doorbell import Doorbell, doorbell_at, fetch_wait_ms
from sidemand.bus.embedded import EmbeddedKafka
from sidemand.bus.settings import BusSettings

NEVER = 3600.0
TOPIC = "casework.document.ingested.v1"
OTHER = "knowledge.document.ingested.v1"


@pytest.fixture
async def consumer(kafka: EmbeddedKafka, settings: BusSettings) -> AsyncIterator[AIOKafkaConsumer]:
    async with AIOKafkaConsumer(
        TOPIC,
        OTHER,
        bootstrap_servers=kafka.bootstrap,
        fetch_max_wait_ms=fetch_wait_ms(settings),
        auto_offset_reset="earliest",
    ) as consumer:
        yield consumer


@pytest.fixture
def bell(kafka: EmbeddedKafka) -> Doorbell:
    hung = doorbell_at(kafka.bootstrap)
    assert hung is not None
    return hung


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - aiokafka tells nobody
            await asyncio.sleep(0.01)


async def next_value(consumer: AIOKafkaConsumer) -> bytes | None:
    async with asyncio.timeout(10):
        while True:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                return records[0].value


def rests(consumer: AIOKafkaConsumer) -> bool:
    return bool(consumer.paused() == consumer.assignment())


async def test_a_consumer_rests_until_the_bell_rings(
    bell: Doorbell, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer
) -> None:
    async with bell.answered_by(consumer, look_every=NEVER):
        bell.ring(consumer.assignment())
        await until(lambda: rests(consumer))
        sent = await producer.send_and_wait(TOPIC, b"first")
        assert await consumer.getmany(timeout_ms=100) == {}
        bell.ring({sent.topic_partition})
        assert await next_value(consumer) == b"first"
        await until(lambda: rests(consumer))


async def test_a_ring_fetches_only_from_what_was_written_to(
    bell: Doorbell, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer
) -> None:
    async with bell.answered_by(consumer, look_every=NEVER):
        bell.ring(consumer.assignment())
        await until(lambda: rests(consumer))
        await producer.send_and_wait(TOPIC, b"unheard")
        sent = await producer.send_and_wait(OTHER, b"heard")
        bell.ring({sent.topic_partition})
        assert await next_value(consumer) == b"heard"
        assert await consumer.getmany(timeout_ms=100) == {}


async def test_what_another_process_sends_is_found_without_a_ring(
    bell: Doorbell, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer
) -> None:
    async with bell.answered_by(consumer, look_every=0.05):
        await until(lambda: rests(consumer))
        await producer.send_and_wait(TOPIC, b"from outside")
        assert await next_value(consumer) == b"from outside"


async def test_records_that_nobody_has_taken_yet_keep_a_consumer_awake(
    bell: Doorbell, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer
) -> None:
    async with bell.answered_by(consumer, look_every=NEVER):
        sent = await producer.send_and_wait(TOPIC, b"waiting")
        bell.ring(consumer.assignment())
        await until(lambda: len(consumer.paused()) == len(consumer.assignment()) - 1)
        assert {each.partition for each in consumer.assignment() - consumer.paused()} == {
            sent.partition
        }
        assert await next_value(consumer) == b"waiting"
        await until(lambda: rests(consumer))


def test_only_a_kafka_in_this_process_has_a_bell(kafka: EmbeddedKafka) -> None:
    address = kafka.bootstrap
    assert doorbell_at(address) is not None
    assert doorbell_at("127.0.0.1:1") is None
    kafka.close()
    assert doorbell_at(address) is None
