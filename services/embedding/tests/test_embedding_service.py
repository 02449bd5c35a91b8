"""Embedding on a Kafka: what comes out, and what a deletion does."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from sidemand.bus import BusError, BusSettings, Publisher, Reader
from sidemand.bus.embedded import EmbeddedKafka
from sidemand.bus.reader import RecordReader
from sidemand.embedding.app import create
from sidemand.embedding.model_files import SHIPPED
from sidemand.embedding.settings import Settings
from sidemand.schemas import topics
from sidemand.schemas.casework import CaseFacts, LegalBasis, RedactedCaseDocument
from sidemand.schemas.identity import CasePayload, CaseRef, DocumentPayload, DocumentRef, Tombstone
from sidemand.schemas.kafka_topics import kafka_topics
from sidemand.schemas.knowledge import KnowledgeRedacted
from sidemand.schemas.text import Section

P = TypeVar("P", bound=CasePayload | DocumentPayload)

NOW = datetime(2026, 5, 4, tzinfo=UTC)
TEXT = "Svarfrist\n\nUdgangspunktet er 10 hverdage fra den dag, brevet er fremme."
GUIDANCE = KnowledgeRedacted(
    document=DocumentRef(tenant="faelles", document_id="partshoering"),
    version=3,
    title="Partshøring",
    valid_from=date(2025, 1, 1),
    published_at=NOW,
    masked=2,
    text=TEXT,
    sections=(Section(heading_path=("Svarfrist",), start=11, end=len(TEXT)),),
)
NOTE = RedactedCaseDocument(
    case=CaseRef(tenant="storaadal", case_id=uuid.UUID(int=1)),
    document_id=uuid.UUID(int=2),
    title="Hjemmehjælp – ⟦PERSON_7K2MX4⟧",
    facts=CaseFacts(kle="27.36.04", progress="Oplyst", sensitivity=3),
    kind="note_written",
    occurred_at=NOW,
    published_at=NOW,
    purpose="partshoering",
    legal_basis=LegalBasis(title="Partshøring", hjemmel=("LBK nr. 433 af 2014",)),
    requests=("answer",),
    text="Hvor lang svarfrist skal ⟦PERSON_7K2MX4⟧ have?",
    sections=(),
)


@pytest.fixture
def settings(embedded_kafka: EmbeddedKafka, tmp_path: Path) -> BusSettings:
    for topic in kafka_topics(["storaadal", "faelles"], partitions=1):
        embedded_kafka.create_topic(topic.name, topic.partitions)
    return BusSettings(
        kafka=embedded_kafka.bootstrap,
        objects=f"file://{tmp_path}",
        partitions=1,
        session_timeout_ms=2000,
    )


@asynccontextmanager
async def embedding(settings: BusSettings) -> AsyncIterator[Publisher]:
    async with create(Settings(bus=settings)), Publisher(settings, "test") as publisher:
        yield publisher


async def first(reader: Reader[P]) -> P:
    async with asyncio.timeout(15):
        async for event in reader:
            return event.data
    raise AssertionError("a reader ends only with its time-out")


async def test_a_document_gets_passages_that_quote_it_and_unit_vectors(
    settings: BusSettings,
) -> None:
    embedded = Reader(settings, topics.KNOWLEDGE_EMBEDDED, since="earliest")
    async with embedding(settings) as publisher, embedded:
        await publisher.publish(topics.KNOWLEDGE_REDACTED, GUIDANCE)
        document = await first(embedded)
    (one,) = document.passages
    assert one.passage.text == TEXT[one.passage.start : one.passage.end]
    assert one.passage.heading_path == ("Svarfrist",)
    assert one.vector.dimension == document.model.dimension
    assert sum(each**2 for each in one.vector.components) == pytest.approx(1, abs=0.01)
    assert (document.masked, document.version, document.text) == (2, 3, TEXT)


async def test_a_case_document_gets_the_vectors_that_search_for_it(settings: BusSettings) -> None:
    embedded = Reader(settings, topics.CASE_DOCUMENT_EMBEDDED, since="earliest")
    async with embedding(settings) as publisher, embedded:
        await publisher.publish(topics.CASE_DOCUMENT_REDACTED, NOTE)
        document = await first(embedded)
    whole, heading = (query.text for query in document.queries)
    assert heading == "Hjemmehjælp –   – Partshøring"
    assert whole.startswith(heading)
    assert "PERSON" not in whole
    assert document.text == NOTE.text


async def test_a_deletion_is_passed_on(settings: BusSettings) -> None:
    async with embedding(settings) as publisher:
        await publisher.publish(topics.KNOWLEDGE_REDACTED, Tombstone(document=GUIDANCE.document))
        name = topics.KNOWLEDGE_EMBEDDED.name
        async with RecordReader(settings, name, "earliest") as records, asyncio.timeout(15):
            async for record in records:
                assert (record.key, record.value) == (b"faelles|partshoering", None)
                return


def test_a_model_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BusError, match=r"model\.json"):
        create(Settings(bus=BusSettings(), model=tmp_path))
    assert SHIPPED.is_dir()
