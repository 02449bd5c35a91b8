"""The Kafka for tests is a real broker: it keeps what it acknowledged, and creates no topic."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError
from sidemand.testing.servers import KafkaServer


@asynccontextmanager
async def producing(kafka: KafkaServer) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap, enable_idempotence=True, compression_type="zstd"
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def create_topic(kafka: KafkaServer, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def everything_in(kafka: KafkaServer, topic: str, count: int) -> list[bytes | None]:
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=kafka.bootstrap,
        group_id=f"reader.{topic}",
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async with asyncio.timeout(20):
            return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def test_what_kafka_acknowledged_is_there_after_a_kill(kafka: KafkaServer) -> None:
    await create_topic(kafka, "testing.note.kept.v1")
    async with producing(kafka) as producer:
        await producer.send_and_wait("testing.note.kept.v1", b"before")

    kafka.program.kill()
    kafka.program.start()

    async with producing(kafka) as producer:
        await producer.send_and_wait("testing.note.kept.v1", b"after")
    assert await everything_in(kafka, "testing.note.kept.v1", 2) == [b"before", b"after"]


async def test_kafka_does_not_create_a_topic_that_nobody_declared(kafka: KafkaServer) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        (topic,) = await admin.describe_topics(["testing.note.misspelled.v1"])
        assert topic["error_code"] == UnknownTopicOrPartitionError.errno
        assert "testing.note.misspelled.v1" not in await admin.list_topics()
    finally:
        await admin.close()


async def test_a_stopped_kafka_comes_back_at_its_address(kafka: KafkaServer) -> None:
    kafka.program.stop()
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection(*kafka.bootstrap.split(":"))

    kafka.program.start()
    await create_topic(kafka, "testing.note.afterwards.v1")
