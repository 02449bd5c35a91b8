"""Redaction on a Kafka, with the adapters that the embedded defaults name."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import pytest
from sidemand.bus import BusSettings, Event, Publisher, Reader, Service
from sidemand.bus.embedded import EmbeddedKafka
from sidemand.redaction.app import create
from sidemand.schemas import topics
from sidemand.schemas.casework import CaseErased
from sidemand.schemas.identity import Payload, Tombstone
from sidemand.schemas.kafka_topics import kafka_topics

from .redaction_events import NOW, case_document, drafted, knowledge
from .vault_fakes import A_CASE

P = TypeVar("P", bound=Payload)


async def first(reader: Reader[P]) -> Event[P]:
    """The next event of `reader`."""
    async for event in reader:
        return event
    raise AssertionError("a reader follows its topic for ever")


@pytest.fixture
async def bus(
    embedded_kafka: EmbeddedKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> BusSettings:
    for topic in kafka_topics(["storaadal", "faelles"]):
        embedded_kafka.create_topic(topic.name, topic.partitions)
    monkeypatch.setenv("SIDEMAND_KAFKA", embedded_kafka.bootstrap)
    monkeypatch.setenv("SIDEMAND_OBJECTS", f"file://{tmp_path}/objects")
    monkeypatch.setenv("SIDEMAND_FETCH_MAX_WAIT_MS", "20")
    monkeypatch.setenv("SIDEMAND_SESSION_TIMEOUT_MS", "2000")
    monkeypatch.setenv("REDACTION_DATABASE", f"sqlite+aiosqlite:///{tmp_path}/vault.db")
    monkeypatch.setenv("REDACTION_KEY_FILE", f"{tmp_path}/keys.json")
    return BusSettings()


@pytest.fixture
async def service(bus: BusSettings) -> AsyncIterator[Service]:
    async with create() as running:
        yield running


async def test_a_person_is_a_token_behind_the_gate_and_a_person_again_before_it(
    bus: BusSettings, service: Service
) -> None:
    async with (
        Publisher(bus, "proeve") as publisher,
        Reader(bus, topics.CASE_DOCUMENT_REDACTED) as redacted,
        Reader(bus, topics.SUGGESTION_CHANGED, tenant="storaadal") as changed,
        Reader(bus, topics.ACCESS_RECORDED) as accesses,
        Reader(bus, topics.ERASURE_CONFIRMED, tenant="storaadal") as erasures,
    ):
        await publisher.publish(topics.CASE_DOCUMENT_INGESTED, case_document())
        document = (await first(redacted)).data
        assert "Mikkelsen" not in document.model_dump_json()
        lan = document.parties[0].token
        await publisher.publish(topics.SUGGESTION_DRAFTED, drafted(f"Kære {lan}"))
        suggestion = (await first(changed)).data.suggestion
        assert suggestion.statements[0].text == "Kære Lan Nguyen Mikkelsen"
        assert (await first(accesses)).data.tokens == 1
        await publisher.publish(topics.CASE_ERASED, CaseErased(case=A_CASE, erased_at=NOW))
        assert (await first(erasures)).data.erased > 0


async def test_knowledge_passes_masked_and_its_deletion_passes_too(
    bus: BusSettings, service: Service
) -> None:
    document = knowledge("Klager Henning Krogh, 740344-1237, fik medhold.")
    async with (
        Publisher(bus, "proeve") as publisher,
        Reader(bus, topics.KNOWLEDGE_REDACTED) as redacted,
    ):
        await publisher.publish(topics.KNOWLEDGE_INGESTED, document)
        masked = (await first(redacted)).data
        assert not isinstance(masked, Tombstone)
        assert masked.text == "Klager [person], [cpr-nummer], fik medhold."
        await publisher.publish(topics.KNOWLEDGE_INGESTED, Tombstone(document=document.document))
        assert isinstance((await first(redacted)).data, Tombstone)
