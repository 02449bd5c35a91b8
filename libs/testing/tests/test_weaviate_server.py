"""The Weaviate for tests answers hybrid queries, to each tenant from its own, and keeps data."""

from collections.abc import Iterator

import pytest
from sidemand.testing.servers import WeaviateServer
from weaviate import (
    WeaviateAsyncClient,
    WeaviateClient,
    connect_to_local,
    use_async_with_local,
)
from weaviate.classes.config import Configure, DataType, Property
from weaviate.classes.tenants import Tenant
from weaviate.exceptions import UnexpectedStatusCodeError

COLLECTION = "TestingPassage"
NEAR, FAR = [1.0, 0.0], [0.0, 1.0]


def connected(server: WeaviateServer) -> WeaviateClient:
    return connect_to_local(
        host=server.host,
        port=server.http_port,
        grpc_port=server.grpc_port,
        # They would ask the package registry for news of the client.
        skip_init_checks=True,
    )


def connected_async(server: WeaviateServer) -> WeaviateAsyncClient:
    return use_async_with_local(
        host=server.host,
        port=server.http_port,
        grpc_port=server.grpc_port,
        skip_init_checks=True,
    )


@pytest.fixture
def passages(weaviate: WeaviateServer) -> Iterator[WeaviateServer]:
    """A server whose collection holds two passages of one tenant and one of another."""
    with connected(weaviate) as client:
        collection = client.collections.create(
            COLLECTION,
            multi_tenancy_config=Configure.multi_tenancy(enabled=True),
            vector_config=Configure.Vectors.self_provided(),
            properties=[Property(name="text", data_type=DataType.TEXT)],
        )
        collection.tenants.create([Tenant(name="faelles"), Tenant(name="storaadal")])
        shared = collection.with_tenant("faelles")
        shared.data.insert({"text": "Kommunen træffer afgørelse om hjemmehjælp"}, vector=NEAR)
        shared.data.insert({"text": "Byggetilladelse til carport"}, vector=FAR)
        own = collection.with_tenant("storaadal")
        own.data.insert({"text": "Lokal vejledning om hjemmehjælp"}, vector=NEAR)
    yield weaviate
    with connected(weaviate) as client:
        client.collections.delete(COLLECTION)


def test_a_hybrid_query_finds_by_word_and_vector_within_the_tenant(
    passages: WeaviateServer,
) -> None:
    with connected(passages) as client:
        shared = client.collections.use(COLLECTION).with_tenant("faelles")
        found = shared.query.hybrid("hjemmehjælp", vector=NEAR, limit=5).objects

    assert [str(one.properties["text"]).split()[0] for one in found] == [
        "Kommunen",
        "Byggetilladelse",
    ]


async def test_the_asynchronous_client_finds_the_same(passages: WeaviateServer) -> None:
    async with connected_async(passages) as client:
        own = client.collections.use(COLLECTION).with_tenant("storaadal")
        found = (await own.query.hybrid("hjemmehjælp", vector=NEAR, limit=5)).objects

    assert [one.properties["text"] for one in found] == ["Lokal vejledning om hjemmehjælp"]


def test_passages_are_there_after_a_kill(passages: WeaviateServer) -> None:
    passages.program.kill()
    passages.program.start()

    with connected(passages) as client:
        shared = client.collections.use(COLLECTION).with_tenant("faelles")
        assert len(shared.query.bm25("hjemmehjælp").objects) == 1


def test_a_collection_that_nobody_declared_is_refused(weaviate: WeaviateServer) -> None:
    with (
        connected(weaviate) as client,
        pytest.raises(UnexpectedStatusCodeError, match="not found in schema"),
    ):
        client.collections.use("TestingMisspelled").data.insert({"text": "x"}, vector=NEAR)
