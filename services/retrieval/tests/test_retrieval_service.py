"""Retrieval on a Kafka, with the adapters that the embedded defaults name."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sidemand.bus import BusSettings, Publisher, Reader, Service
from sidemand.bus.embedded import EmbeddedKafka
from sidemand.retrieval.app import create
from sidemand.retrieval.calibration import shipped_calibration
from sidemand.schemas import topics
from sidemand.schemas.identity import Tombstone
from sidemand.schemas.kafka_topics import kafka_topics

from .retrieval_fakes import A_MODEL, case_document, knowledge

FRIST = knowledge("frister", "Fristen for svar er ti hverdage.")


@pytest.fixture
def bus(
    embedded_kafka: EmbeddedKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> BusSettings:
    for topic in kafka_topics(["storaadal", "faelles"]):
        embedded_kafka.create_topic(topic.name, topic.partitions)
    monkeypatch.setenv("SIDEMAND_KAFKA", embedded_kafka.bootstrap)
    monkeypatch.setenv("SIDEMAND_OBJECTS", f"file://{tmp_path}/objects")
    monkeypatch.setenv("SIDEMAND_FETCH_MAX_WAIT_MS", "20")
    monkeypatch.setenv("SIDEMAND_SESSION_TIMEOUT_MS", "2000")
    monkeypatch.setenv("RETRIEVAL_INDEX_FILE", f"{tmp_path}/index.db")
    monkeypatch.setenv("RETRIEVAL_LEDGER", f"sqlite+aiosqlite:///{tmp_path}/ledger.db")
    return BusSettings()


@pytest.fixture
async def service(bus: BusSettings) -> AsyncIterator[Service]:
    async with create() as running:
        yield running


async def test_a_document_is_receipted_and_answers_a_case_until_it_is_deleted(
    bus: BusSettings, service: Service
) -> None:
    document = case_document("Hvor lang er fristen for svar?")
    async with (
        Publisher(bus, "proeve") as publisher,
        Reader(bus, topics.KNOWLEDGE_INDEXED, tenant="faelles") as receipts,
        Reader(bus, topics.CONTEXT_RETRIEVED, tenant="storaadal") as contexts,
    ):
        receipt, answer = aiter(receipts), aiter(contexts)
        await publisher.publish(topics.KNOWLEDGE_EMBEDDED, FRIST)
        assert (await anext(receipt)).data.outcome == "indexed"
        await publisher.publish(topics.CASE_DOCUMENT_EMBEDDED, document)
        context = (await anext(answer)).data
        assert context.document_id == document.document_id
        assert context.knowledge_as_of == FRIST.published_at
        await publisher.publish(topics.KNOWLEDGE_EMBEDDED, Tombstone(document=FRIST.document))
        assert (await anext(receipt)).data.outcome == "removed"


def test_the_shipped_calibration_says_what_it_was_made_from() -> None:
    calibration = shipped_calibration()
    assert calibration.made_from.answerable >= 100
    assert calibration.made_from.model_sha256 != A_MODEL.sha256
    for kind in (calibration.short, calibration.long):
        assert 0 < kind.threshold < 1
        assert kind.first > 0 > kind.lacking
