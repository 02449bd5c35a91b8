"""Pytest plugin: real servers as fixtures, and at the end of a run what was proved on what.

The root conftest loads it with `pytest_plugins = ["sidemand.testing.plugin"]`. A test that asks for
a server that this machine cannot run is skipped with the reason, and the closing table repeats it.
Servers are imported by the fixtures that start them, so that a run without any stays quick.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from sidemand.bus.embedded import EmbeddedKafka
    from sidemand.testing.servers import KafkaServer, PostgresServer, WeaviateServer

Server = TypeVar("Server")


@dataclass
class Proof:
    """What a run found out about one kind of server, of which fixtures hold a `class_name`."""

    name: str
    class_name: str
    version: str = ""
    outcomes: Counter[str] = field(default_factory=Counter)
    reason: str = ""

    def __str__(self) -> str:
        if self.reason:
            return f"not proved here: {self.reason}"
        if not self.outcomes:
            return "not asked for by any test of this run"
        counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items()))
        return f"{counts}; {self.version}"


@dataclass
class Proofs:
    """What a run found out about every kind of server."""

    embedded_kafka: Proof = field(
        default_factory=lambda: Proof(
            "Kafka, embedded", "EmbeddedKafka", version="librdkafka's mock cluster"
        )
    )
    kafka: Proof = field(default_factory=lambda: Proof("Kafka", "KafkaServer"))
    weaviate: Proof = field(default_factory=lambda: Proof("Weaviate", "WeaviateServer"))
    postgres: Proof = field(default_factory=lambda: Proof("PostgreSQL", "PostgresServer"))

    def __iter__(self) -> Iterator[Proof]:
        yield from (self.embedded_kafka, self.kafka, self.weaviate, self.postgres)


_PROOFS = pytest.StashKey[Proofs]()


@pytest.fixture
def embedded_kafka() -> Iterator[EmbeddedKafka]:
    """A new, empty Kafka in memory, 10 ms; its limits stand in `sidemand.bus.embedded`."""
    from sidemand.bus.embedded import EmbeddedKafka

    with EmbeddedKafka() as broker:
        yield broker


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> Iterator[KafkaServer]:
    """One real Kafka for the run, without topics: name yours as no other test does."""
    yield from own_kafka(pytestconfig)


@pytest.fixture(scope="session")
def weaviate(pytestconfig: pytest.Config) -> Iterator[WeaviateServer]:
    """One real Weaviate for the run, without collections: name yours as no other test does."""
    from sidemand.testing.servers import weaviate_server
    from sidemand.testing.servers.weaviate import must_be_built

    reporter = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    if must_be_built() and reporter is not None:
        reporter.write_line("\nbuilding Weaviate, this once; it takes 4 to 8 minutes …")
    yield from _served(pytestconfig.stash[_PROOFS].weaviate, weaviate_server)


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Iterator[PostgresServer]:
    """One real PostgreSQL for the run; take a `create_database()` of your own."""
    yield from own_postgres(pytestconfig)


def own_kafka(config: pytest.Config) -> Iterator[KafkaServer]:
    """What a fixture yields that needs a Kafka of its own: to kill it, or to name its topics."""
    from sidemand.testing.servers import kafka_server

    yield from _served(config.stash[_PROOFS].kafka, kafka_server)


def own_guarded_kafka(config: pytest.Config, users: Mapping[str, str]) -> Iterator[KafkaServer]:
    """What a fixture yields that needs a Kafka with logins and access lists."""
    from sidemand.testing.servers import guarded_kafka_server

    yield from _served(config.stash[_PROOFS].kafka, partial(guarded_kafka_server, users))


def own_postgres(config: pytest.Config) -> Iterator[PostgresServer]:
    """What a fixture yields that needs a PostgreSQL of its own, to kill it."""
    from sidemand.testing.servers import postgres_server

    yield from _served(config.stash[_PROOFS].postgres, postgres_server)


def _served(
    proof: Proof, serve: Callable[[], AbstractContextManager[Server]]
) -> Generator[Server, None, None]:
    from sidemand.testing.servers import StartFailed, Unavailable

    with ExitStack() as stack:
        try:
            server = stack.enter_context(serve())
        except Unavailable as reason:
            proof.reason = str(reason)
            pytest.skip(f"{proof.name}: {reason}")
        except StartFailed as failure:
            proof.reason = str(failure).splitlines()[0]
            raise
        proof.version = str(server)
        yield server


def pytest_configure(config: pytest.Config) -> None:
    """Begin the run with nothing proved."""
    config.stash[_PROOFS] = Proofs()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Count the outcome of a test for every kind of server among its fixtures."""
    report = yield
    if call.when == "call" and isinstance(item, pytest.Function):
        # Not `item.funcargs`, which lacks what fixtures ask for by `getfixturevalue`.
        results = [each.cached_result for each in item._request._fixture_defs.values()]
        used = {type(result[0]).__name__ for result in results if result}
        for proof in item.config.stash[_PROOFS]:
            if proof.class_name in used:
                proof.outcomes[report.outcome] += 1
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what was proved on what, where any test asked for a server."""
    proofs = config.stash[_PROOFS]
    if not any(proof.outcomes or proof.reason for proof in proofs):
        return
    terminalreporter.section("what was proved on what")
    for proof in proofs:
        terminalreporter.write_line(f"{proof.name:<16} {proof}")
