"""The embedded Kafka does for aiokafka what the demo needs of a broker, and fails when told to."""

import asyncio
import importlib.metadata
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    NotLeaderForPartitionError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from sidemand.bus import embedded
from sidemand.bus.embedded import EmbeddedKafka, EmbeddedKafkaError, Request

TOPIC = "storaadal.casework.event.published.v1"


@pytest.fixture
def kafka() -> Iterator[EmbeddedKafka]:
    with EmbeddedKafka() as broker:
        broker.create_topic(TOPIC, 3)
        yield broker


@asynccontextmanager
async def producing(kafka: EmbeddedKafka) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap,
        enable_idempotence=True,
        compression_type="zstd",
        retry_backoff_ms=20,
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def consuming(kafka: EmbeddedKafka, *, pattern: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap,
        group_id="ingestion",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=20,
        session_timeout_ms=1100,
        heartbeat_interval_ms=300,
    )
    consumer.subscribe(pattern=pattern)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def take(consumer: AIOKafkaConsumer, count: int) -> list[ConsumerRecord[bytes, bytes]]:
    async with asyncio.timeout(5):
        return [await consumer.getone() for _ in range(count)]


async def test_records_come_back_with_keys_null_headers_and_tombstones(
    kafka: EmbeddedKafka,
) -> None:
    async with producing(kafka) as producer, consuming(kafka, pattern=r"\w+\.casework\..*") as eye:
        headers = [("ce_id", b"1"), ("empty", None), ("bytes", b"\xff\xfe")]
        await producer.send_and_wait(TOPIC, b"body", key=b"a", headers=headers)
        await producer.send_and_wait(TOPIC, None, key=b"a")
        first, second = await take(eye, 2)

    assert (first.topic, first.key, first.value) == (TOPIC, b"a", b"body")
    assert first.headers == tuple(headers)
    assert second.value is None


async def test_a_group_goes_on_where_it_committed(kafka: EmbeddedKafka) -> None:
    async with producing(kafka) as producer:
        for number in range(10):
            await producer.send_and_wait(TOPIC, b"%d" % number, partition=0)
    async with consuming(kafka, pattern=TOPIC) as consumer:
        await take(consumer, 4)
        await consumer.commit()
    async with consuming(kafka, pattern=TOPIC) as consumer:
        rest = await take(consumer, 6)

    assert [record.value for record in rest] == [b"4", b"5", b"6", b"7", b"8", b"9"]


async def test_a_chosen_port_is_listened_on_and_advertised() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    with EmbeddedKafka(port) as kafka:
        kafka.create_topic(TOPIC, 1)
        assert kafka.bootstrap == f"127.0.0.1:{port}"
        async with producing(kafka) as producer, consuming(kafka, pattern=TOPIC) as consumer:
            await producer.send_and_wait(TOPIC, b"body")
            assert [record.value for record in await take(consumer, 1)] == [b"body"]
        with pytest.raises(EmbeddedKafkaError, match="on a free port"):
            kafka.stop_broker()


def test_a_port_in_use_is_refused_with_a_sentence(kafka: EmbeddedKafka) -> None:
    port = int(kafka.bootstrap.rpartition(":")[2])
    with pytest.raises(EmbeddedKafkaError, match=rf"port {port} cannot be used .* choose another"):
        EmbeddedKafka(port).start()


def test_a_topic_is_created_once(kafka: EmbeddedKafka) -> None:
    kafka.create_topic(TOPIC, 3)
    with pytest.raises(EmbeddedKafkaError, match="not with 5 partitions"):
        kafka.create_topic(TOPIC, 5)


async def test_an_admin_client_sees_the_partitions(kafka: EmbeddedKafka) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        (topic,) = await admin.describe_topics([TOPIC])
    finally:
        await admin.close()
    assert len(topic["partitions"]) == 3


async def test_while_the_broker_is_down_a_message_waits_and_then_arrives_once(
    kafka: EmbeddedKafka,
) -> None:
    async with producing(kafka) as producer:
        await producer.send_and_wait(TOPIC, b"before", partition=0)
        kafka.stop_broker()
        sent = await producer.send(TOPIC, b"meanwhile", partition=0)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(sent), 0.2)
        kafka.start_broker()
        assert (await asyncio.wait_for(sent, 5)).offset == 1


async def test_requests_fail_as_told_and_no_longer(kafka: EmbeddedKafka) -> None:
    async with producing(kafka) as producer:
        kafka.fail_requests(Request.PRODUCE, NotLeaderForPartitionError, NotLeaderForPartitionError)
        assert (await producer.send_and_wait(TOPIC, b"retried", partition=0)).offset == 0

        kafka.fail_requests(Request.PRODUCE, TopicAuthorizationFailedError)
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(TOPIC, b"refused", partition=0)

        assert (await producer.send_and_wait(TOPIC, b"accepted", partition=0)).offset == 1


async def test_a_topic_can_be_away_for_a_while(kafka: EmbeddedKafka) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        kafka.fail_topic(TOPIC, UnknownTopicOrPartitionError)
        (away,) = await admin.describe_topics([TOPIC])
        kafka.fail_topic(TOPIC, None)
        (back,) = await admin.describe_topics([TOPIC])
    finally:
        await admin.close()
    assert (away["error_code"], back["error_code"]) == (UnknownTopicOrPartitionError.errno, 0)


async def test_a_partition_keeps_five_mebibytes_and_drops_the_oldest(kafka: EmbeddedKafka) -> None:
    partition = TopicPartition(TOPIC, 0)
    async with producing(kafka) as producer, consuming(kafka, pattern=TOPIC) as consumer:
        for _ in range(8):
            await producer.send_and_wait(TOPIC, os.urandom(900_000), partition=0)
        kept_from = (await consumer.beginning_offsets([partition]))[partition]
    assert kept_from == 3


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", missing)
    embedded._librdkafka.cache_clear()
    with pytest.raises(EmbeddedKafkaError, match=r"install sidemand-bus\[embedded\]"):
        EmbeddedKafka().start()
    embedded._librdkafka.cache_clear()


def test_a_closed_broker_says_that_it_is_not_running() -> None:
    kafka = EmbeddedKafka()
    with kafka:
        pass
    kafka.close()
    with pytest.raises(EmbeddedKafkaError, match="call start"):
        kafka.create_topic(TOPIC, 1)
