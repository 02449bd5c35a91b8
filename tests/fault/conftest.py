"""Servers of a test's own: they are killed."""

from collections.abc import Iterator

import pytest
from sidemand.testing.bucket import Bucket, bucket
from sidemand.testing.plugin import own_kafka, own_postgres
from sidemand.testing.servers import KafkaServer, PostgresServer


@pytest.fixture
def broker(pytestconfig: pytest.Config) -> Iterator[KafkaServer]:
    """A Kafka without topics."""
    yield from own_kafka(pytestconfig)


@pytest.fixture
def database(pytestconfig: pytest.Config) -> Iterator[PostgresServer]:
    """A PostgreSQL without databases."""
    yield from own_postgres(pytestconfig)


@pytest.fixture
def objects() -> Iterator[Bucket]:
    """An object store without objects."""
    with bucket() as running:
        yield running
