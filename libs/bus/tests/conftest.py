"""One embedded Kafka for the bus's tests, and a producer that can send anything."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from sidemand.bus import BusSettings
from sidemand.bus.embedded import EmbeddedKafka
from sidemand.schemas.kafka_topics import kafka_topics


@pytest.fixture
def kafka() -> Iterator[EmbeddedKafka]:
    with EmbeddedKafka() as cluster:
        for topic in kafka_topics(["storaadal", "vesterhede", "faelles"]):
            cluster.create_topic(topic.name, topic.partitions)
        yield cluster


@pytest.fixture
def settings(kafka: EmbeddedKafka, tmp_path: Path) -> BusSettings:
    return BusSettings(
        kafka=kafka.bootstrap,
        objects=f"file://{tmp_path}",
        session_timeout_ms=2000,
        drain_seconds=5,
        start_seconds=5,
    )


@pytest.fixture
async def producer(kafka: EmbeddedKafka) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap, max_request_size=16 * 1024 * 1024
    ) as producer:
        yield producer
