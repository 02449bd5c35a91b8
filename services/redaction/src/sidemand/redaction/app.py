"""Wiring of redaction."""

from collections.abc import Sequence

from sidemand.bus import Event, Service
from sidemand.redaction import handlers, knowledge, special
from sidemand.redaction.adapters.sql import SqlVault
from sidemand.redaction.finding import Finder
from sidemand.redaction.keys import key_provider
from sidemand.redaction.ports import Redactor, Vault
from sidemand.redaction.settings import Settings
from sidemand.redaction.tagger import Tagger, shipped_weights
from sidemand.schemas import topics
from sidemand.schemas.casework import (
    CaseErased,
    ErasureConfirmed,
    FeedbackRedacted,
    RedactedCaseDocument,
    SuggestionDrafted,
)
from sidemand.schemas.governance import AccessRecorded
from sidemand.schemas.identity import Tombstone
from sidemand.schemas.knowledge import KnowledgeIndexed, KnowledgeIngested, KnowledgeRedacted
from sidemand.schemas.raw import CaseDocument, FeedbackGiven, SuggestionChanged


def build(settings: Settings, redactor: Redactor, masker: Redactor, vault: Vault) -> Service:
    """The service, not yet running. `masker` reads knowledge, where few persons are named."""
    service = Service(handlers.SERVICE, settings.bus)
    wishes = settings.special_categories

    @service.consumes(topics.CASE_DOCUMENT_INGESTED, publishes=topics.CASE_DOCUMENT_REDACTED)
    async def on_document_ingested(event: Event[CaseDocument]) -> RedactedCaseDocument | None:
        return await handlers.redact_document(event.data, redactor, vault, wishes)

    @service.consumes(
        topics.SUGGESTION_DRAFTED, publishes=(topics.SUGGESTION_CHANGED, topics.ACCESS_RECORDED)
    )
    async def on_suggestion_drafted(
        event: Event[SuggestionDrafted],
    ) -> Sequence[SuggestionChanged | AccessRecorded]:
        return await handlers.restore_suggestion(event.data, vault)

    @service.consumes(topics.FEEDBACK_GIVEN, publishes=topics.FEEDBACK_REDACTED)
    async def on_feedback_given(event: Event[FeedbackGiven]) -> FeedbackRedacted | None:
        return await handlers.redact_feedback(event.data, redactor, vault, wishes)

    @service.consumes(
        topics.KNOWLEDGE_INGESTED, publishes=(topics.KNOWLEDGE_REDACTED, topics.KNOWLEDGE_INDEXED)
    )
    async def on_knowledge_ingested(
        event: Event[KnowledgeIngested],
    ) -> KnowledgeRedacted | KnowledgeIndexed:
        return await handlers.mask_knowledge(event.data, masker)

    @service.deletes(topics.KNOWLEDGE_INGESTED, publishes=topics.KNOWLEDGE_REDACTED)
    async def on_knowledge_deleted(event: Event[Tombstone]) -> Tombstone:
        return event.data

    @service.consumes(topics.CASE_ERASED, publishes=topics.ERASURE_CONFIRMED)
    async def on_case_erased(event: Event[CaseErased]) -> ErasureConfirmed:
        return await handlers.erase_case(event.data, vault)

    return service


def create(settings: Settings | None = None) -> Service:
    """The service as `settings`, or the environment, describe it."""
    settings = settings or Settings()
    vault = SqlVault.at(settings.database, key_provider(settings))
    tagger = Tagger(*shipped_weights())
    categories = special.shipped() if settings.special_categories else None
    redactor = Finder(tagger, special=categories, max_characters=settings.max_characters)
    masker = Finder(tagger, max_characters=settings.max_characters, caution=knowledge.CAUTION)
    service = build(settings, redactor, masker, vault)
    service.on_start(vault.start)
    service.on_stop(vault.stop)
    return service
