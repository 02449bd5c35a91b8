"""Wiring of retrieval."""

from collections.abc import Sequence

from sidemand.bus import Event, Service
from sidemand.retrieval import handlers
from sidemand.retrieval.adapters.chosen import Chosen, place_of
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

SETTLED = (topics.KNOWLEDGE_INDEXED, topics.CONTEXT_RETRIEVED)
"""What follows from a document that was applied: its receipt, and what it shakes."""


def build(settings: Settings, retrieval: Retrieval) -> Service:
    """The service with `retrieval`'s index and ledger, not yet running."""
    service = Service("retrieval", settings.bus)
    service.keeps_place(topics.KNOWLEDGE_EMBEDDED, place_of(settings))

    @service.consumes(topics.KNOWLEDGE_EMBEDDED, publishes=SETTLED)
    async def on_knowledge_embedded(event: Event[KnowledgeEmbedded]) -> Sequence[Payload]:
        return await handlers.index_document(event.data, retrieval)

    @service.deletes(topics.KNOWLEDGE_EMBEDDED, publishes=SETTLED)
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
    chosen = Chosen(settings)
    service = build(settings, chosen.retrieval)
    chosen.live_with(service)
    return service
