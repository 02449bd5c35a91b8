"""An embedded Kafka with a few topics, and services of few lines that stand in for the five."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sidemand.bus import BusSettings, Event, Poison, Service
from sidemand.bus.embedded import EmbeddedKafka
from sidemand.schemas import topics
from sidemand.schemas.casework import (
    Abstention,
    CaseErased,
    CaseEventRefused,
    ErasureConfirmed,
    MakingRecord,
    Suggestion,
    SuggestionKind,
)
from sidemand.schemas.envelope import derived_id
from sidemand.schemas.identity import Payload, Tombstone
from sidemand.schemas.knowledge import KnowledgeIndexed, KnowledgePublished
from sidemand.schemas.raw import CaseEvent, SuggestionChanged
from sidemand.schemas.topics import Topic

TENANTS = ("storaadal", "faelles")
EDGE: Sequence[Topic[Payload]] = (
    topics.CASE_EVENT_PUBLISHED,
    topics.CASE_EVENT_REFUSED,
    topics.SUGGESTION_CHANGED,
    topics.FEEDBACK_GIVEN,
    topics.CASE_ERASED,
    topics.ERASURE_CONFIRMED,
    topics.KNOWLEDGE_PUBLISHED,
    topics.KNOWLEDGE_INDEXED,
)
DEAD_LETTERS = (
    topics.CASE_EVENT_PUBLISHED.dead_letters("ingestion"),
    topics.KNOWLEDGE_PUBLISHED.dead_letters("ingestion"),
    topics.CASE_ERASED.dead_letters("ingestion"),
)


@pytest.fixture
def settings(embedded_kafka: EmbeddedKafka, tmp_path: Path) -> BusSettings:
    for topic in EDGE:
        for tenant in TENANTS:
            if topic.lane == "knowledge" or tenant != "faelles":
                embedded_kafka.create_topic(topic.of(tenant), topic.partitions)
    for name in DEAD_LETTERS:
        embedded_kafka.create_topic(name, 3)
    embedded_kafka.create_topic(topics.ACCESS_RECORDED.name, topics.ACCESS_RECORDED.partitions)
    return BusSettings(
        kafka=embedded_kafka.bootstrap,
        objects=f"file://{tmp_path}/objects",
        session_timeout_ms=2000,
        drain_seconds=5,
        start_seconds=5,
    )


@pytest.fixture
async def index(settings: BusSettings) -> AsyncIterator[None]:
    """Answers documents with receipts, as the knowledge lane does."""
    service = Service("ingestion", settings)
    versions: dict[str, int] = {}

    @service.consumes(topics.KNOWLEDGE_PUBLISHED, publishes=topics.KNOWLEDGE_INDEXED)
    async def on_document(event: Event[KnowledgePublished]) -> KnowledgeIndexed | None:
        document = event.data
        if document.title == "Forsvind":
            return None
        newer = document.version > versions.get(document.key, 0)
        outcome = "indexed" if newer else "superseded"
        if document.title == "Afvis":
            outcome = "refused"
        else:
            versions[document.key] = document.version
        return _receipt(event, outcome, document.version)

    @service.deletes(topics.KNOWLEDGE_PUBLISHED, publishes=topics.KNOWLEDGE_INDEXED)
    async def on_deletion(event: Event[Tombstone]) -> KnowledgeIndexed:
        versions.pop(event.data.key, None)
        return _receipt(event, "removed", None)

    async with service:
        yield


def _receipt(event: Event[Payload], outcome: str, version: int | None) -> KnowledgeIndexed:
    return KnowledgeIndexed.model_validate(
        {
            "document": {"tenant": event.data.tenant, "document_id": event.data.subject},
            "version": version,
            "outcome": outcome,
            "reason": "Filen kan ikke læses." if outcome == "refused" else None,
            "passages": 2 if outcome == "indexed" else 0,
            "published_at": event.envelope.time,
            "settled_at": datetime.now(UTC),
        }
    )


@pytest.fixture
async def colleague(settings: BusSettings) -> AsyncIterator[None]:
    """Answers case events as the live lane does: with abstentions, a refusal, or a dead letter.

    It refuses the purpose `ukendt`, cannot handle the purpose `gift`, and leaves summaries out.
    """
    service = Service("ingestion", settings)

    @service.consumes(
        topics.CASE_EVENT_PUBLISHED,
        publishes=(topics.SUGGESTION_CHANGED, topics.CASE_EVENT_REFUSED),
    )
    async def on_case_event(event: Event[CaseEvent]) -> Sequence[Payload]:
        if event.data.purpose == "gift":
            raise Poison("script_unknown", "the text is not in the Latin alphabet")
        if event.data.purpose == "ukendt":
            return [_refused(event)]
        return [_abstained(event, kind) for kind in event.data.requests if kind != "summary"]

    @service.consumes(topics.CASE_ERASED, publishes=topics.ERASURE_CONFIRMED)
    async def on_erased(event: Event[CaseErased]) -> Sequence[Payload]:
        names = topics.STATEFUL[:2] if event.data.reason == "halvt" else topics.STATEFUL
        now = datetime.now(UTC)
        return [
            ErasureConfirmed(case=event.data.case, service=name, erased=1, confirmed_at=now)
            for name in names
        ]

    async with service:
        yield


def _refused(event: Event[CaseEvent]) -> CaseEventRefused:
    return CaseEventRefused(
        case=event.data.case,
        event_id=event.envelope.id,
        code="no_legal_basis",
        explanation="Formålet står ikke i hjemmelsregistret.",
        remedy="Ret formålet.",
        refused_at=datetime.now(UTC),
    )


def _abstained(event: Event[CaseEvent], kind: SuggestionKind) -> SuggestionChanged:
    now = datetime.now(UTC)
    identity = derived_id(event.envelope.id, kind, "1")
    suggestion = Suggestion.model_validate(
        {
            "suggestion_id": identity,
            "revision": 1,
            "state": "created",
            "kind": kind,
            "document_id": identity,
            "abstention": Abstention(
                code="no_sources", reason=f"Kilderne svarer ikke på {event.data.title}."
            ),
            "knowledge_as_of": now,
            "record": MakingRecord(
                writer="extractive",
                model="uddrag",
                version="1",
                how="Ingen sprogmodel er brugt.",
                personal_data_sources=("mail i sagen",),
                made_at=now,
            ),
        }
    )
    return SuggestionChanged(
        case=event.data.case, suggestion=suggestion, published_at=event.envelope.time
    )
