"""What Weaviate alone has: installations beside each other, and generations of one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from sidemand.retrieval.adapters.weaviate import Address, WeaviateIndex, weaviate_at
from sidemand.retrieval.adapters.weaviate_generations import WeaviateGenerations
from sidemand.retrieval.adapters.weaviate_schema import Names
from sidemand.retrieval.generations import Generation
from sidemand.retrieval.ports import PassageRef
from sidemand.retrieval.queries import in_model, query_of, reach_of
from sidemand.testing.servers import WeaviateServer

from .retrieval_fakes import (
    A_MODEL,
    ANOTHER_MODEL,
    PUBLISHED,
    a_case,
    asking,
    beside,
    case_document,
    in_other_model,
    knowledge,
    newer,
    passage,
)

FRIST = knowledge("frister", "Fristen for svar er ti hverdage.")
STOL = knowledge("stol", passage("Hjælpemidler udlånes.", means="kørestol"))
QUESTION = asking("Hvad er fristen for svar?")
MODELS = (A_MODEL, ANOTHER_MODEL)


def address(server: WeaviateServer) -> Address:
    return Address(server.host, server.http_port, server.grpc_port)


@asynccontextmanager
async def index_of(server: WeaviateServer, names: Names) -> AsyncIterator[WeaviateIndex]:
    index = WeaviateIndex(address(server), names)
    await index.open()
    yield index
    await index.close()


@asynccontextmanager
async def generations_of(
    server: WeaviateServer, alias: str
) -> AsyncIterator[tuple[WeaviateGenerations, WeaviateIndex, WeaviateIndex]]:
    """Two generations that are written by two processes, the first of which is searched."""
    async with (
        index_of(server, Names(alias, 1)) as first,
        index_of(server, Names(alias, 2)) as second,
        weaviate_at(address(server)) as client,
    ):
        yield WeaviateGenerations(client, Names(alias)), first, second


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
    async with generations_of(weaviate, "Rebuilt") as (generations, first, second):
        await second.apply(FRIST)
        assert await first.search(QUESTION) == await second.search(QUESTION) == []
        assert (await first.is_searched(), await second.is_searched()) == (True, False)
        await generations.switch(2)
        assert len(await second.search(QUESTION)) == len(await first.search(QUESTION)) == 1
        assert (await first.is_searched(), await second.is_searched()) == (False, True)
        await generations.switch(1)
        assert await first.search(QUESTION) == await second.search(QUESTION) == []


async def test_vectors_are_compared_with_those_of_their_own_model_before_and_after_a_switch(
    weaviate: WeaviateServer,
) -> None:
    document = beside(case_document("kørestol"))
    async with generations_of(weaviate, "Compared") as (generations, first, second):
        await first.apply(STOL)
        await second.apply(in_other_model(STOL))
        for number in (1, 2, 1):
            model, other = MODELS if number == 1 else reversed(MODELS)
            await generations.switch(number)
            assert await first.model(MODELS) == await second.model(MODELS) == model
            query = query_of(in_model(document, model))
            (hit,) = await first.search(query)
            assert hit.vector is not None
            assert float(hit.vector @ query.parts[0].vector) > 0.9
            assert await first.search(query_of(in_model(document, other))) == []


async def test_the_passages_of_a_case_are_compared_in_both_models(
    weaviate: WeaviateServer,
) -> None:
    case = a_case()
    letter = beside(case_document("Borgeren søger en kørestol.", case))
    question = beside(case_document("Hvad søger borgeren?", case))
    async with index_of(weaviate, Names("CasesOfTwo")) as index:
        await index.add_case(letter)
        for model in MODELS:
            query = query_of(in_model(question, model))
            (hit,) = await index.search(query)
            assert hit.vector is not None
            assert float(hit.vector @ query.parts[0].vector) > 0


async def test_a_passage_is_as_old_in_a_new_generation_as_in_the_one_before(
    weaviate: WeaviateServer,
) -> None:
    second_version = newer(FRIST, "Fristen for svar er ti hverdage.", "Ring til borgeren først.")
    cited = frozenset({PassageRef(FRIST.document, 1, FRIST.passages[0].passage.passage_id)})
    reach = reach_of(case_document("frist"))
    async with generations_of(weaviate, "AsOld") as (generations, first, second):
        await first.apply(FRIST)
        await first.apply(second_version)
        await second.apply(in_other_model(second_version))
        await generations.switch(2)
        assert await second.gone(reach, cited) == frozenset()


async def test_a_generation_tells_how_far_it_is_filled(weaviate: WeaviateServer) -> None:
    async with generations_of(weaviate, "Filled") as (generations, first, second):
        for document in (FRIST, STOL, knowledge("gammel", "Den gamle regel.")):
            await first.apply(document)
        await first.apply(newer(FRIST, "Fristen for svar er elleve hverdage."))
        await first.remove(knowledge("gammel").document, PUBLISHED + timedelta(hours=1))
        await second.apply(in_other_model(FRIST))
        assert await generations.all() == [
            Generation(1, True, A_MODEL, documents=2, passages=2, in_other_models=0),
            Generation(2, False, ANOTHER_MODEL, documents=1, passages=1, in_other_models=0),
        ]
        assert (await generations.behind(1), await generations.behind(2)) == (0, 2)
        await second.apply(newer(FRIST, "Fristen for svar er elleve hverdage."))
        await second.apply(in_other_model(STOL))
        assert ((await generations.all())[1].in_other_models, await generations.behind(2)) == (1, 0)
        await second.apply(in_other_model(newer(FRIST, "Fristen for svar er elleve hverdage.")))
        assert ((await generations.all())[1].in_other_models, await generations.behind(2)) == (0, 0)
        await first.remove(STOL.document, PUBLISHED + timedelta(hours=1))
        assert await generations.behind(2) == 1


async def test_a_number_can_be_given_again_once_its_generation_is_removed(
    weaviate: WeaviateServer,
) -> None:
    async with generations_of(weaviate, "Again") as (generations, first, second):
        await first.apply(FRIST)
        await second.apply(in_other_model(FRIST))
        await generations.remove(2)
        assert [each.number for each in await generations.all()] == [1]
        async with index_of(weaviate, Names("Again", 2)) as anew:
            await anew.apply(FRIST)
        assert (await generations.all())[1] == Generation(2, False, A_MODEL, 1, 1, 0)
        await generations.switch(2)
        assert len(await first.search(QUESTION)) == 1
