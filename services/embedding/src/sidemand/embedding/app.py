"""Wiring of embedding."""

from sidemand.bus import BusError, Event, Service
from sidemand.embedding.adapters.onnx import OnnxEmbedder
from sidemand.embedding.handlers import embed_document, embed_knowledge
from sidemand.embedding.ports import Embedder, ModelError
from sidemand.embedding.settings import Settings
from sidemand.schemas import topics
from sidemand.schemas.casework import EmbeddedCaseDocument, RedactedCaseDocument
from sidemand.schemas.identity import Tombstone
from sidemand.schemas.knowledge import KnowledgeEmbedded, KnowledgeRedacted


def build(settings: Settings, live: Embedder, backfill: Embedder) -> Service:
    """The service, not yet running; both embedders have one model, and ids change with it."""
    service = Service("embedding", settings.bus, version=live.model.sha256)

    @service.consumes(topics.CASE_DOCUMENT_REDACTED, publishes=topics.CASE_DOCUMENT_EMBEDDED)
    async def on_document_redacted(event: Event[RedactedCaseDocument]) -> EmbeddedCaseDocument:
        return await embed_document(event.data, live)

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
    try:
        embedder = OnnxEmbedder(settings.model, settings.threads, settings.device)
    except ModelError as error:
        raise BusError(str(error)) from None
    found, wanted = embedder.model.dimension, settings.dimension
    if wanted not in (None, found):
        raise BusError(
            f"the model in {settings.model} makes {found} components and the index has {wanted}:"
            " set EMBEDDING_MODEL to the index's model, or build the index anew and set"
            f" EMBEDDING_DIMENSION={found}"
        )
    return build(settings, embedder, embedder.backfill)
