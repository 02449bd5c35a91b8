"""Servers of a test's own: they are killed."""

from collections.abc import Iterator

import pytest
from sidemand.testing.bucket import Bucket, bucket
from sidemand.testing.servers import (
    KafkaServer,
    PostgresServer,
    Unavailable,
    kafka_server,
    postgres_server,
)


@pytest.fixture
def broker() -> Iterator[KafkaServer]:
    """A Kafka without topics."""
    try:
        with kafka_server() as running:
            yield running
    except Unavailable as reason:
        pytest.skip(f"Kafka: {reason}")


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    """A PostgreSQL without databases."""
    try:
        with postgres_server() as running:
            yield running
    except Unavailable as reason:
        pytest.skip(f"PostgreSQL: {reason}")


@pytest.fixture
def objects() -> Iterator[Bucket]:
    """An object store without objects."""
    with bucket() as running:
        yield running
