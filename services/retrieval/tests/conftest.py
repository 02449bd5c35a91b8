"""The index of each kind, as the suites for the port want it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sidemand.retrieval.adapters.sqlite import SqliteIndex
from sidemand.retrieval.adapters.weaviate import Address, WeaviateIndex
from sidemand.retrieval.adapters.weaviate_schema import Names
from sidemand.retrieval.ports import PassageIndex
from sidemand.testing.servers import WeaviateServer
from weaviate import use_async_with_local

from .retrieval_fakes import InMemoryIndex

# One set of collections for all tests: making them takes longer than a test.
NAMES = Names("OfTests")


@pytest.fixture(params=["memory", "sqlite", "weaviate"])
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[PassageIndex]:
    if request.param == "memory":
        yield InMemoryIndex()
    elif request.param == "sqlite":
        sqlite = SqliteIndex(tmp_path / "folder" / "index.db")
        await sqlite.open()
        yield sqlite
        await sqlite.close()
    else:
        server: WeaviateServer = request.getfixturevalue("weaviate")
        weaviate = WeaviateIndex(Address(server.host, server.http_port, server.grpc_port), NAMES)
        await weaviate.open()
        yield weaviate
        await weaviate.close()
        await _forget_tenants(server)


async def _forget_tenants(server: WeaviateServer) -> None:
    """A municipality's shards go with all that is in them."""
    async with use_async_with_local(server.host, server.http_port, server.grpc_port) as client:
        for name in (NAMES.knowledge, NAMES.documents, NAMES.cases):
            tenants = client.collections.use(name).tenants
            await tenants.remove(list(await tenants.get()))
