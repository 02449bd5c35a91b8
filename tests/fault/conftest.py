"""Servers of a test's own: they are killed, and their disks filled."""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from sidemand.testing.bucket import Bucket, bucket
from sidemand.testing.plugin import own_kafka, own_postgres
from sidemand.testing.servers import (
    KafkaServer,
    PostgresServer,
    Program,
    Unavailable,
    WeaviateServer,
)
from sidemand.testing.servers.program import listens

from .disk import Disk, new_folders_on, small_disk
from .network import Network
from .site_of_fault import Servers

BROKER_MB, POSTGRES_MB = 640, 256
"""Room for a long run, and little more: all of it is filled, in memory."""


@pytest.fixture
def broker_disk() -> Iterator[Disk | None]:
    """A disk for Kafka, where this machine lets us mount one."""
    yield from disk_of(BROKER_MB)


@pytest.fixture
def database_disk() -> Iterator[Disk | None]:
    """A disk for PostgreSQL, where this machine lets us mount one."""
    yield from disk_of(POSTGRES_MB)


@pytest.fixture
def broker(pytestconfig: pytest.Config, broker_disk: Disk | None) -> Iterator[KafkaServer]:
    """A Kafka without topics."""
    with ExitStack() as stack:
        with new_folders_on(broker_disk):
            server = stack.enter_context(contextmanager(own_kafka)(pytestconfig))
        yield server


@pytest.fixture
def database(pytestconfig: pytest.Config, database_disk: Disk | None) -> Iterator[PostgresServer]:
    """A PostgreSQL without databases."""
    with ExitStack() as stack:
        with new_folders_on(database_disk):
            server = stack.enter_context(contextmanager(own_postgres)(pytestconfig))
        yield server


@pytest.fixture
def objects() -> Iterator[Bucket]:
    """An object store without objects."""
    with bucket() as running:
        yield running


@pytest.fixture
def network() -> Network | None:
    """The network, where this machine lets us lose connections."""
    try:
        return Network()
    except Unavailable as reason:
        warnings.warn(f"not proved here: connections that are reset: {reason}", stacklevel=1)
        return None


@pytest.fixture
def servers(
    broker: KafkaServer,
    database: PostgresServer,
    objects: Bucket,
    broker_disk: Disk | None,
    database_disk: Disk | None,
    network: Network | None,
) -> Servers:
    """What a service depends on."""
    return Servers(
        broker,
        database,
        objects,
        broker_disk=below(broker.program, broker_disk),
        postgres_disk=below(database.program, database_disk),
        network=network,
    )


@pytest.fixture
def index(request: pytest.FixtureRequest) -> Iterator[WeaviateServer | None]:
    """The run's Weaviate, where this machine has one; it is well again for those who come after."""
    try:
        server: WeaviateServer = request.getfixturevalue("weaviate")
    except pytest.skip.Exception:  # the closing table says why
        yield None
        return
    yield server
    if not listens(server.http_port):
        server.program.start()


def disk_of(megabytes: int) -> Iterator[Disk | None]:
    with ExitStack() as stack:
        disk: Disk | None = None
        try:
            disk = stack.enter_context(small_disk(megabytes))
        except Unavailable as reason:
            warnings.warn(f"not proved here: a full disk: {reason}", stacklevel=1)
        yield disk


def below(program: Program, disk: Disk | None) -> Disk | None:
    """The disk, where the server's data lies on it: a container keeps its own."""
    return disk if program.origin == "native" else None
