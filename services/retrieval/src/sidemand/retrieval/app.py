"""Wiring of retrieval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sidemand.bus import Event, Service
from sidemand.retrieval import handlers
from sidemand.retrieval.adapters.ledger_sql import SqlLedger
from sidemand.retrieval.adapters.sqlite import SqliteIndex
from sidemand.retrieval.calibration import shipped_calibration
from sidemand.retrieval.contexts import Retrieval
from sidemand.retrieval.settings import Settings
from sidemand.schemas import topics
from sidemand.schemas.casework import (
    CaseErased,
    EmbeddedCaseDocument,
    ErasureConfirmed,
    RetrievedContext,
    SuggestionDrafted,
)
from sidemand.schemas.identity import Payload, Tombstone
from sidemand.schemas.knowledge import KnowledgeEmbedded

if TYPE_CHECKING:
    from sidemand.retrieval.adapters.weaviate import WeaviateIndex

_SETTLED = (topics.KNOWLEDGE_INDEXED, topics.CONTEXT_RETRIEVED)


def build(settings: Settings, retrieval: Retrieval) -> Service:
    """The service with `retrieval`'s index and ledger, not yet running."""
    service = Service("retrieval", settings.bus)

    @service.consumes(topics.KNOWLEDGE_EMBEDDED, publishes=_SETTLED)
    async def on_knowledge_embedded(event: Event[KnowledgeEmbedded]) -> Sequence[Payload]:
        return await handlers.index_document(event.data, retrieval)

    @service.deletes(topics.KNOWLEDGE_EMBEDDED, publishes=_SETTLED)
    async def on_knowledge_deleted(event: Event[Tombstone]) -> Sequence[Payload]:
        return await handlers.remove_document(event, retrieval)

    @service.consumes(topics.CASE_DOCUMENT_EMBEDDED, publishes=topics.CONTEXT_RETRIEVED)
    async def on_document_embedded(event: Event[EmbeddedCaseDocument]) -> RetrievedContext | None:
        return await handlers.retrieve_context(event.data, retrieval)

    @service.consumes(topics.SUGGESTION_DRAFTED, publishes=topics.CONTEXT_RETRIEVED)
    async def on_suggestion_drafted(event: Event[SuggestionDrafted]) -> RetrievedContext | None:
        return await handlers.note_suggestion(event.data, retrieval)

    @service.consumes(topics.CASE_ERASED, publishes=topics.ERASURE_CONFIRMED)
    async def on_case_erased(event: Event[CaseErased]) -> ErasureConfirmed:
        return await handlers.forget_case(event.data, retrieval)

    return service


def create(settings: Settings | None = None) -> Service:
    """The service as `settings`, or the environment, describe it."""
    settings = settings or Settings()
    index = SqliteIndex(settings.index_file) if settings.index == "sqlite" else _weaviate(settings)
    ledger = SqlLedger(settings.ledger)
    service = build(settings, Retrieval(index, ledger, shipped_calibration()))
    for adapter in (index, ledger):
        service.on_start(adapter.open)
        service.on_stop(adapter.close)
    return service


def _weaviate(settings: Settings) -> "WeaviateIndex":
    # Here, since Weaviate's client alone takes as long to import as everything else.
    from sidemand.retrieval.adapters.weaviate import Address, WeaviateIndex
    from sidemand.retrieval.adapters.weaviate_schema import Names

    ports = (settings.weaviate_http_port, settings.weaviate_grpc_port)
    names = Names(settings.weaviate_collection, settings.weaviate_generation)
    return WeaviateIndex(Address(settings.weaviate_host, *ports), names)
