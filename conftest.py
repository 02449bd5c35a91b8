"""Fixtures for every test: servers where the machine has them, and a table of what was proved."""

import pytest
from hypothesis import settings

settings.register_profile(
    "sidemand", deadline=None
)  # how long it takes is not what a test is about
settings.load_profile("sidemand")

pytest_plugins = ["sidemand.testing.plugin"]

SERVERS = frozenset({"embedded_kafka", "kafka", "weaviate", "postgres"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for a server, by fixture or by a parameter of its name."""
    for item in items:
        if isinstance(item, pytest.Function) and SERVERS & (_fixtures(item) | _parameters(item)):
            item.add_marker(pytest.mark.server)


def _fixtures(item: pytest.Function) -> set[str]:
    return set(item.fixturenames)


def _parameters(item: pytest.Function) -> set[str]:
    callspec = getattr(item, "callspec", None)
    values = callspec.params.values() if callspec else ()
    return {value for value in values if isinstance(value, str)}
