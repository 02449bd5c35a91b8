"""Wiring of re-embedding: the embedding service's model before retrieval's index.

It has no settings of its own: `EMBEDDING_MODEL` and its like name the model, `RETRIEVAL_…` the
index and, as `RETRIEVAL_WEAVIATE_GENERATION`, the generation that it fills.
"""

from collections.abc import Sequence

from sidemand.bus import BusError, Event, Service
from sidemand.embedding.app import embedder_in
from sidemand.embedding.ports import Embedder
from sidemand.embedding.settings import Settings as EmbeddingSettings
from sidemand.reembedding.handlers import forget, take_in
from sidemand.retrieval.adapters.chosen import NO_GENERATIONS, Chosen, place_of
from sidemand.retrieval.adapters.weaviate import WeaviateIndex
from sidemand.retrieval.app import SETTLED
from sidemand.retrieval.contexts import Retrieval
from sidemand.retrieval.settings import Settings as RetrievalSettings
from sidemand.schemas import topics
from sidemand.schemas.identity import Payload, Tombstone
from sidemand.schemas.knowledge import KnowledgeEmbedded


def build(settings: RetrievalSettings, embedder: Embedder, retrieval: Retrieval) -> Service:
    """The service, not yet running: retrieval's knowledge lane for one generation.

    Its place in Kafka is the generation's, so that retrieval goes on where it stopped once the
    generation is retrieval's own.
    """
    service = Service("retrieval", settings.bus)
    service.keeps_place(topics.KNOWLEDGE_EMBEDDED, place_of(settings))

    @service.consumes(topics.KNOWLEDGE_EMBEDDED, publishes=SETTLED)
    async def on_knowledge_embedded(event: Event[KnowledgeEmbedded]) -> Sequence[Payload]:
        return await take_in(event.data, embedder, retrieval)

    @service.deletes(topics.KNOWLEDGE_EMBEDDED, publishes=SETTLED)
    async def on_knowledge_deleted(event: Event[Tombstone]) -> Sequence[Payload]:
        return await forget(event, retrieval)

    return service


def create() -> Service:
    """The service as the environment describes it.

    Raises `BusError` where the model or the index cannot be used.
    """
    embedding, settings = EmbeddingSettings(), RetrievalSettings()
    embedder = embedder_in(embedding.model, embedding)
    chosen = Chosen(settings)
    index = chosen.index
    if not isinstance(index, WeaviateIndex):
        raise BusError(NO_GENERATIONS)
    service = build(settings, embedder.backfill, chosen.retrieval)
    chosen.live_with(service)

    async def check_model() -> None:
        await _check_model(index, embedder, settings.weaviate_generation)

    service.on_start(check_model)
    return service


async def _check_model(index: WeaviateIndex, embedder: Embedder, generation: int) -> None:
    """Raises `BusError` where the generation is of another model."""
    held, given = await index.written_model(), embedder.model
    if held is not None and held.sha256 != given.sha256:
        raise BusError(
            f"generation {generation} holds vectors of {held.model_id} ({held.dimension}"
            f" components), and EMBEDDING_MODEL is {given.model_id} ({given.dimension}): set"
            " RETRIEVAL_WEAVIATE_GENERATION to a new number, or remove the generation with"
            f" `sidemand-retrieval remove {generation}`"
        )
