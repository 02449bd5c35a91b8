"""What Weaviate alone has: installations beside each other, and generations of one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sidemand.bus.errors import Transient
from sidemand.retrieval.adapters.weaviate import Address, WeaviateIndex
from sidemand.retrieval.adapters.weaviate_schema import Names
from sidemand.testing.servers import WeaviateServer

from .retrieval_fakes import asking, knowledge

FRIST = knowledge("frister", "Fristen for svar er ti hverdage.")
QUESTION = asking("Hvad er fristen for svar?")


@asynccontextmanager
async def index_of(server: WeaviateServer, names: Names) -> AsyncIterator[WeaviateIndex]:
    index = WeaviateIndex(Address(server.host, server.http_port, server.grpc_port), names)
    await index.open()
    yield index
    await index.close()


async def test_installations_on_one_weaviate_do_not_see_each_other(
    weaviate: WeaviateServer,
) -> None:
    async with (
        index_of(weaviate, Names("OneHouse")) as one,
        index_of(weaviate, Names("OtherHouse")) as other,
    ):
        await other.apply(FRIST)
        assert await one.search(QUESTION) == []
        assert len(await other.search(QUESTION)) == 1


async def test_a_new_generation_is_searched_when_it_is_switched_to(
    weaviate: WeaviateServer,
) -> None:
    async with (
        index_of(weaviate, Names("Rebuilt", 1)) as first,
        index_of(weaviate, Names("Rebuilt", 2)) as second,
    ):
        await second.apply(FRIST)
        assert await first.search(QUESTION) == await second.search(QUESTION) == []
        await second.switch()
        assert len(await second.search(QUESTION)) == 1
        with suppress(Transient):
            await first.search(QUESTION)
        assert len(await first.search(QUESTION)) == 1
