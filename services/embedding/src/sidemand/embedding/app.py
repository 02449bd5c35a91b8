"""Wiring of embedding."""

from pathlib import Path

from sidemand.bus import BusError, Event, Service
from sidemand.embedding.adapters.onnx import OnnxEmbedder
from sidemand.embedding.handlers import embed_document, embed_knowledge
from sidemand.embedding.ports import Embedder, ModelError
from sidemand.embedding.settings import Settings
from sidemand.schemas import topics
from sidemand.schemas.casework import EmbeddedCaseDocument, RedactedCaseDocument
from sidemand.schemas.identity import Tombstone
from sidemand.schemas.knowledge import KnowledgeEmbedded, KnowledgeRedacted


def build(
    settings: Settings, live: Embedder, backfill: Embedder, beside: Embedder | None = None
) -> Service:
    """The service, not yet running; `live` and `backfill` have one model, ids change with it."""
    service = Service("embedding", settings.bus, version=live.model.sha256)

    @service.consumes(topics.CASE_DOCUMENT_REDACTED, publishes=topics.CASE_DOCUMENT_EMBEDDED)
    async def on_document_redacted(event: Event[RedactedCaseDocument]) -> EmbeddedCaseDocument:
        return await embed_document(event.data, live, beside)

    @service.consumes(topics.KNOWLEDGE_REDACTED, publishes=topics.KNOWLEDGE_EMBEDDED)
    async def on_knowledge_redacted(event: Event[KnowledgeRedacted]) -> KnowledgeEmbedded:
        return await embed_knowledge(event.data, backfill)

    @service.deletes(topics.KNOWLEDGE_REDACTED, publishes=topics.KNOWLEDGE_EMBEDDED)
    async def on_knowledge_deleted(event: Event[Tombstone]) -> Tombstone:
        return event.data

    return service


def create(settings: Settings | None = None) -> Service:
    """The service as `settings`, or the environment, describe it.

    Raises `BusError` where the model cannot be used.
    """
    settings = settings or Settings()
    embedder = embedder_in(settings.model, settings)
    found, wanted = embedder.model.dimension, settings.dimension
    if wanted not in (None, found):
        raise BusError(
            f"the model in {settings.model} makes {found} components and the index has {wanted}:"
            " set EMBEDDING_MODEL to the index's model, or build the index anew and set"
            f" EMBEDDING_DIMENSION={found}"
        )
    if settings.model_beside is None:
        return build(settings, embedder, embedder.backfill)
    beside = embedder_in(settings.model_beside, settings)
    if beside.model == embedder.model:
        raise BusError(
            f"the model in {settings.model_beside} is the one that embeds already: set"
            " EMBEDDING_MODEL_BESIDE to the other one, or unset it"
        )
    return build(settings, embedder, embedder.backfill, beside)


def embedder_in(folder: Path, settings: Settings) -> OnnxEmbedder:
    """The embedder of the model in `folder`. Raises `BusError` where it cannot be used."""
    try:
        return OnnxEmbedder(folder, settings.threads, settings.device)
    except ModelError as error:
        raise BusError(str(error)) from None
