"""Re-embedding on a Kafka and a Weaviate: what it fills, what it says, what it refuses."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sidemand.bus import BusError, BusSettings, Publisher, Reader
from sidemand.bus.embedded import EmbeddedKafka
from sidemand.embedding.adapters.onnx import OnnxEmbedder
from sidemand.embedding.building.folder import Choices, build_folder
from sidemand.embedding.handlers import embed_knowledge
from sidemand.embedding.registry import Prefixes
from sidemand.reembedding.app import create
from sidemand.retrieval.adapters.chosen import address_of, names_of
from sidemand.retrieval.adapters.weaviate import WeaviateIndex, weaviate_at
from sidemand.retrieval.adapters.weaviate_generations import WeaviateGenerations
from sidemand.retrieval.generations import Generation
from sidemand.retrieval.settings import Settings
from sidemand.schemas import topics
from sidemand.schemas.identity import DocumentRef, Tombstone
from sidemand.schemas.kafka_topics import kafka_topics
from sidemand.schemas.knowledge import KnowledgeRedacted
from sidemand.schemas.text import Section
from sidemand.testing.encoders import write_small_encoder
from sidemand.testing.servers import WeaviateServer

OLD = OnnxEmbedder()
TEXT = "Fristen for svar er ti hverdage."


def redacted(name: str) -> KnowledgeRedacted:
    return KnowledgeRedacted(
        document=DocumentRef(tenant="faelles", document_id=name),
        version=1,
        title="Partshøring",
        valid_from=date(2025, 1, 1),
        published_at=datetime.now(UTC),
        text=TEXT,
        sections=(Section(start=0, end=len(TEXT)),),
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_small_encoder(folder / "hub")
    prefixes = Prefixes(query="query: ", passage="passage: ")
    choices = Choices("lille-1", "MPL-2.0", prefixes, pooling="mean")
    build_folder(folder / "hub", folder / "lille-1", choices)
    return folder / "lille-1"


@pytest.fixture
def bus(
    embedded_kafka: EmbeddedKafka,
    weaviate: WeaviateServer,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[BusSettings]:
    """The environment of re-embedding, and a live generation in the shipped model."""
    for topic in kafka_topics(["storaadal", "faelles"], partitions=1):
        embedded_kafka.create_topic(topic.name, topic.partitions)
    environment = {
        "SIDEMAND_KAFKA": embedded_kafka.bootstrap,
        "SIDEMAND_OBJECTS": f"file://{tmp_path}/objects",
        "SIDEMAND_PARTITIONS": "1",
        "EMBEDDING_MODEL": str(model),
        "RETRIEVAL_INDEX": "weaviate",
        "RETRIEVAL_LEDGER": f"sqlite+aiosqlite:///{tmp_path}/ledger.db",
        "RETRIEVAL_WEAVIATE_HOST": weaviate.host,
        "RETRIEVAL_WEAVIATE_HTTP_PORT": str(weaviate.http_port),
        "RETRIEVAL_WEAVIATE_GRPC_PORT": str(weaviate.grpc_port),
        "RETRIEVAL_WEAVIATE_COLLECTION": "Reembedded",
        "RETRIEVAL_WEAVIATE_GENERATION": "2",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    asyncio.run(fill_live())
    yield BusSettings()
    asyncio.run(remove_all())


async def fill_live() -> None:
    settings = Settings(weaviate_generation=1)
    live = WeaviateIndex(address_of(settings), names_of(settings))
    await live.open()
    await live.apply(await embed_knowledge(redacted("frist"), OLD))
    await live.close()


async def remove_all() -> None:
    async with weaviate_at(address_of(Settings())) as client:
        for name in await client.collections.list_all():
            if name.startswith("Reembedded"):
                await client.collections.delete(name)
        await client.alias.delete(alias_name="Reembedded")


async def until_ahead(model: Path) -> Generation:
    """The generation that is filled, once it holds a version that the live one lacks."""
    async with weaviate_at(address_of(Settings())) as client, asyncio.timeout(30):
        generations = WeaviateGenerations(client, names_of(Settings()))
        while True:
            (_, second) = await generations.all()
            if second.documents and await generations.behind(2):
                assert second.model == OnnxEmbedder(model).model
                return second


async def test_a_generation_is_filled_in_silence_until_it_is_switched_to(
    bus: BusSettings, model: Path
) -> None:
    first = await embed_knowledge(redacted("frist"), OLD)
    new = await embed_knowledge(redacted("nyt"), OLD)
    said = []
    async with (
        Publisher(bus, "proeve") as publisher,
        Reader(bus, topics.KNOWLEDGE_INDEXED, tenant="faelles", since="earliest") as receipts,
        create(),
        weaviate_at(address_of(Settings())) as client,
    ):
        # What is said of the first version is said by the time that the second one is there.
        for version in (1, 2):
            published = first.model_copy(update={"version": version})
            await publisher.publish(topics.KNOWLEDGE_EMBEDDED, published)
        filled = await until_ahead(model)
        assert (filled.is_searched, filled.documents, filled.in_other_models) == (False, 1, 0)
        await WeaviateGenerations(client, names_of(Settings())).switch(2)
        await publisher.publish(topics.KNOWLEDGE_EMBEDDED, new)
        await publisher.publish(topics.KNOWLEDGE_EMBEDDED, Tombstone(document=new.document))
        async with asyncio.timeout(30):
            async for event in receipts:
                said.append((event.data.document, event.data.version, event.data.outcome))
                if event.data.outcome == "removed":
                    break
    assert said[-2:] == [(new.document, 1, "indexed"), (new.document, None, "removed")]
    assert first.document not in {document for document, version, _ in said if version == 1}


async def test_a_generation_of_another_model_is_refused(
    bus: BusSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETRIEVAL_WEAVIATE_GENERATION", "1")
    with pytest.raises(BusError, match=r"generation 1 holds vectors of .* \(256 .* lille-1 \(32\)"):
        async with create():
            pass


def test_an_index_without_generations_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETRIEVAL_INDEX", "sqlite")
    with pytest.raises(BusError, match="only an index in Weaviate has generations"):
        create()
