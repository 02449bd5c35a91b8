"""Apache Kafka (KRaft): one node as broker and controller; topics never appear by accident."""

import asyncio
import contextlib
import os
import re
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from sidemand.testing.servers.availability import Unavailable, docker_answers, program, run
from sidemand.testing.servers.cache import cached
from sidemand.testing.servers.container import ContainerProgram, Image
from sidemand.testing.servers.entrance import Entrance, certificate, guard
from sidemand.testing.servers.native import Command, NativeProgram
from sidemand.testing.servers.program import (
    HOST,
    Program,
    free_ports,
    listens,
    run_apart,
)

VERSION = "4.1.1"
CACHE_NAME = f"kafka-{VERSION}"
_MINIMUM_JAVA = 17
_HEAP = ("-Xms128m", "-Xmx384m", "-XX:+UseSerialGC")
_POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>sidemand</groupId>
  <artifactId>kafka-for-tests</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>{VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
"""
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"


@dataclass(frozen=True)
class KafkaServer:
    """A running Kafka; `program` stops, kills and starts it with its data."""

    bootstrap: str
    program: Program
    entrance: Entrance | None = None
    """Where Kafka asks who one is; at `bootstrap` everyone may do everything."""

    def __str__(self) -> str:
        return f"Kafka {VERSION}, {self.program.origin}"


@contextmanager
def kafka_server() -> Iterator[KafkaServer]:
    """A Kafka of one's own, gone with its data at the end. Raises `Unavailable`, `StartFailed`."""
    port, controller_port = free_ports(2)
    kafka: Program = _in_container(port) if docker_answers() else _natively(port, controller_port)
    try:
        kafka.start()
        yield KafkaServer(f"{HOST}:{port}", kafka)
    finally:
        kafka.discard()


@contextmanager
def guarded_kafka_server(users: Mapping[str, str]) -> Iterator[KafkaServer]:
    """A Kafka with an entrance of TLS, logins (`users`: name to password) and access lists.

    Natively in any case. Raises `Unavailable`, `StartFailed`.
    """
    port, controller_port, guarded_port = free_ports(3)
    with certificate(_java()) as own:
        entrance = Entrance(f"{HOST}:{guarded_port}", own.authority)
        kafka = _natively(port, controller_port, guard(entrance, own, users))
        try:
            kafka.start()
            yield KafkaServer(f"{HOST}:{port}", kafka, entrance)
        finally:
            kafka.discard()


def fetch() -> Path:
    """The folder with Kafka's jars (46, 43 MB, by Maven once). Raises `Unavailable`."""
    _java()
    maven = program("mvn", "Kafka")
    return cached(CACHE_NAME, lambda folder: _download(maven, folder))


def _download(maven: str, folder: Path) -> None:
    pom = folder / "pom.xml"
    pom.write_text(_POM, encoding="utf-8")
    run([maven, "-q", "-B", "-f", str(pom), _COPY, f"-DoutputDirectory={folder}"], folder=folder)


def _java() -> str:
    """The Java to run Kafka with: that of `JAVA_HOME`, else the one on the path."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else program("java", "Kafka")
    told = run([java, "-version"], folder=Path.cwd())
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version[1]) < _MINIMUM_JAVA:
        raise Unavailable(f"Kafka {VERSION} needs Java {_MINIMUM_JAVA}, here is: {told.strip()}")
    return java


def _natively(
    port: int, controller_port: int, guarded: Mapping[str, str] | None = None
) -> NativeProgram:
    jars = fetch()
    folder = Path(tempfile.mkdtemp(prefix="sidemand-kafka-"))
    settings = folder / "server.properties"
    settings.write_text(
        "".join(
            f"{name}={value}\n"
            for name, value in {
                **_with(
                    _settings(f"{HOST}:{port}", f"{HOST}:{port}", f"{HOST}:{controller_port}"),
                    guarded or {},
                ),
                "log.dirs": str(folder / "data"),
            }.items()
        ),
        encoding="utf-8",
    )
    java = [_java(), *_HEAP, "-cp", f"{jars}/*"]
    cluster = uuid.uuid4().hex[:22]
    run(
        [*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(settings)],
        folder=folder,
    )
    command = Command("kafka", [*java, "kafka.Kafka", str(settings)], folder)
    return NativeProgram(command, lambda: _answers(port))


def _in_container(port: int) -> ContainerProgram:
    settings = _settings("0.0.0.0:9092", f"{HOST}:{port}", "localhost:9093")
    image = Image(
        f"apache/kafka:{VERSION}",
        ports={9092: port},
        environment={
            f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in settings.items()
        },
    )
    return ContainerProgram(image, lambda: _answers(port))


def _settings(listen: str, advertise: str, controller: str) -> Mapping[str, str]:
    """Kafka's settings for one node: addresses, and everything that would wait for a second one."""
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{listen},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://{advertise}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "auto.create.topics.enable": "false",
        # A killed broker may come back when its last session is over: 3 s instead of 9.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "group.initial.rebalance.delay.ms": "0",
        "offsets.topic.num.partitions": "4",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
    }


def _with(settings: Mapping[str, str], guarded: Mapping[str, str]) -> Mapping[str, str]:
    """Add an entrance; what is a list grows by it."""
    return {
        **settings,
        **{
            name: f"{settings[name]},{value}" if name in settings else value
            for name, value in guarded.items()
        },
    }


def _answers(port: int) -> bool:
    # The connection first: aiokafka logs every one that is refused as an error.
    return listens(port) and run_apart(_knows_its_broker(port))


async def _knows_its_broker(port: int) -> bool:
    client = AIOKafkaClient(bootstrap_servers=f"{HOST}:{port}", request_timeout_ms=2000)
    with contextlib.suppress(KafkaError, asyncio.TimeoutError):
        try:
            await client.bootstrap()
            return bool(client.cluster.brokers())
        finally:
            await client.close()
    return False
