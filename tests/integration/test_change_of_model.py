"""The model is changed while cases are answered: as `docs/embedding.md` tells an operator."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sidemand.bus import BusSettings
from sidemand.bus.provisioning import create_topics
from sidemand.embedding.building.folder import Choices, build_folder
from sidemand.embedding.model_files import SHIPPED
from sidemand.embedding.registry import Prefixes
from sidemand.schemas.identity import Tombstone
from sidemand.testing.encoders import write_small_encoder
from sidemand.testing.plugin import own_kafka
from sidemand.testing.processes import index_on
from sidemand.testing.servers import KafkaServer, PostgresServer, WeaviateServer

from .house_with_two_models import STABLE, CaseSystem, House, document, scores_by

KNOWLEDGE = [
    *(
        document(f"{STABLE}-{number}", f"Borgeren har {number} dages frist til at svare på brevet.")
        for number in range(10, 20)
    ),
    document("aendres", "Fristen for svar er ti hverdage."),
    document("slettes", "En frist kan altid forlænges."),
]


@pytest.fixture(scope="module")
def broker(pytestconfig: pytest.Config) -> Iterator[KafkaServer]:
    """A Kafka of its own: other tests have groups of the same names."""
    yield from own_kafka(pytestconfig)


@pytest.fixture
def new_model(tmp_path: Path) -> Path:
    """A folder as `sidemand-model build` writes it, of another dimension than the shipped one."""
    write_small_encoder(tmp_path / "hub")
    prefixes = Prefixes(query="query: ", passage="passage: ")
    choices = Choices("lille-1", "MPL-2.0", prefixes, pooling="mean")
    build_folder(tmp_path / "hub", tmp_path / "lille-1", choices)
    return tmp_path / "lille-1"


@pytest.fixture
def house(
    broker: KafkaServer, weaviate: WeaviateServer, postgres: PostgresServer, tmp_path: Path
) -> Iterator[House]:
    bus = BusSettings(kafka=broker.bootstrap, objects=f"file://{tmp_path}/objects", partitions=3)
    asyncio.run(create_topics(bus, ["storaadal", "faelles"]))
    database = postgres.create_database().replace("postgresql://", "postgresql+asyncpg://")
    environment = {
        **os.environ,
        "SIDEMAND_KAFKA": bus.kafka,
        "SIDEMAND_OBJECTS": bus.objects,
        "SIDEMAND_PARTITIONS": "3",
        "RETRIEVAL_LEDGER": database,
        **index_on(weaviate, "ChangeOfModel"),
    }
    house = House(bus, environment, tmp_path)
    yield house
    house.end()


async def test_the_model_is_changed_and_changed_back_while_every_case_is_answered(
    house: House, new_model: Path, tmp_path: Path
) -> None:
    stable = [each for each in KNOWLEDGE if each.document.document_id.startswith(STABLE)]
    references = {
        "old": await scores_by(SHIPPED, stable, tmp_path),
        "new": await scores_by(new_model, stable, tmp_path),
    }
    embedding = await house.start("embedding")
    retrieval = await house.start("retrieval")
    await house.publish(*KNOWLEDGE)
    beside, second = {"EMBEDDING_MODEL_BESIDE": str(new_model)}, {"EMBEDDING_MODEL": str(new_model)}
    generation = {"RETRIEVAL_WEAVIATE_GENERATION": "2"}
    async with CaseSystem(house.bus, references).at_work() as cases:
        assert await cases.models_of(3) == {"old"}
        embedding = await house.replace(embedding, "embedding", **beside)
        reembedding = await house.start("reembedding", **second, **generation)
        await house.publish(
            document("aendres", "Fristen for svar er elleve hverdage.", version=2),
            document("nyt", "Frister skrives i brevet."),
            Tombstone(document=KNOWLEDGE[-1].document),
        )
        await house.until_level()
        assert await cases.models_of(3) == {"old"}
        for number, model in ((2, "new"), (1, "old"), (2, "new")):
            await house.type("switch", str(number))
            assert await cases.models_of(5) == {model}
        embedding = await house.replace(embedding, "embedding", **second)
        await house.publish(document("senere", "Breve sendes digitalt."))
        await house.until_level()
        said = await house.refused("remove", "1", **generation)
        assert "retrieval is reading as retrieval.knowledge.document.embedded.v1: stop" in said
        retrieval = await house.replace(retrieval, "retrieval", **generation)
        await house.stop(reembedding)
        await house.publish(document("sidst", "Sene svar lægges på sagen."))
        assert await cases.models_of(5) == {"new"}
        (row,) = await house.type("remove", "1", **generation)
        assert await cases.models_of(5) == {"new"}
    assert row[:2] == ["2", "yes"]
    assert row[-4] == str(len(KNOWLEDGE) - 1 + 3)
    assert row[-2] == "0"
    assert cases.answers.keys() == {*cases.asked}
    assert {cases.model_of(each) for each in cases.answers.values()} == {"old", "new"}
    for process in (embedding, retrieval):
        await house.stop(process)
