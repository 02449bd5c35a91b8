"""The service as the environment describes it, on an embedded Kafka, with its real adapters."""

import asyncio
import sqlite3
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import pytest
from aiokafka import AIOKafkaProducer
from sidemand.bus import BusError, BusSettings, Publisher, Reader
from sidemand.bus.embedded import EmbeddedKafka
from sidemand.ingestion.adapters.sql import SqlLedger
from sidemand.ingestion.app import build, create
from sidemand.ingestion.deliveries import Delivery, Verdict
from sidemand.ingestion.handlers import Border
from sidemand.ingestion.ports import Ledger
from sidemand.ingestion.settings import Settings
from sidemand.schemas import topics
from sidemand.schemas.casework import CaseErased
from sidemand.schemas.envelope import Event, cause_id
from sidemand.schemas.identity import CaseRef, Payload, Tombstone
from sidemand.schemas.kafka_topics import kafka_topics
from sidemand.schemas.knowledge import KnowledgePublished
from sidemand.schemas.raw import CaseEvent
from sidemand.schemas.text import Content
from sidemand.schemas.topics import Topic

P = TypeVar("P", bound=Payload)
MakeCaseEvent = Callable[..., Event[CaseEvent]]
MakeKnowledge = Callable[..., Event[KnowledgePublished]]

SOURCE = "postsag"
CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=7))


@pytest.fixture
def environment(
    embedded_kafka: EmbeddedKafka,
    tmp_path: Path,
    tenants_file: Path,
    legal_basis_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A Kafka with topics, registries, a ledger and a folder for objects."""
    for topic in kafka_topics(["storaadal", "faelles"]):
        embedded_kafka.create_topic(topic.name, topic.partitions)
    for name, value in {
        "SIDEMAND_KAFKA": embedded_kafka.bootstrap,
        "SIDEMAND_OBJECTS": f"file://{tmp_path}/objects",
        "SIDEMAND_FETCH_MAX_WAIT_MS": "20",
        "SIDEMAND_SESSION_TIMEOUT_MS": "2000",
        "INGESTION_LEDGER": f"sqlite+aiosqlite:///{tmp_path}/ledger.db",
        "INGESTION_TENANTS": str(tenants_file),
        "INGESTION_LEGAL_BASIS": str(legal_basis_file),
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
async def bus(environment: None) -> AsyncIterator[BusSettings]:
    """The settings of a Kafka on which ingestion runs."""
    async with create():
        yield BusSettings()


async def all_of(
    bus: BusSettings, topic: Topic[P], tenant: str = "", *, count: int
) -> list[Event[P]]:
    """The first `count` events of a topic."""
    found: list[Event[P]] = []
    async with Reader(bus, topic, tenant, since="earliest") as events, asyncio.timeout(20):
        async for event in events:
            found.append(event)
            if len(found) == count:
                break
    return found


async def publish(
    bus: BusSettings, topic: Topic[P], payloads: Sequence[tuple[str, Payload]]
) -> None:
    async with Publisher(bus, SOURCE) as publisher:
        for event_id, payload in payloads:
            await publisher.publish(topic, payload, event_id=event_id)


async def test_a_redelivery_leads_to_one_document_and_a_changed_one_to_a_conflict(
    bus: BusSettings, case_event: MakeCaseEvent
) -> None:
    first, changed = case_event().data, case_event(title="Anden titel").data
    large = case_event(content=Content(text="Stor sag. " * 20_000)).data

    await publish(
        bus,
        topics.CASE_EVENT_PUBLISHED,
        [("1", first), ("1", first), ("1", changed), ("2", large)],
    )

    one, two = await all_of(bus, topics.CASE_DOCUMENT_INGESTED, count=2)
    (refused,) = await all_of(bus, topics.CASE_EVENT_REFUSED, "storaadal", count=1)
    assert one.envelope.causation_id == cause_id(SOURCE, "1")
    assert two.envelope.causation_id == cause_id(SOURCE, "2")
    assert one.data.text == "Kære kommune\n\nKan vi få mere tid?"
    assert len(two.data.text) > 190_000
    assert (refused.data.event_id, refused.data.code) == ("1", "conflict")


class BreaksOffOnce:
    """A ledger that remembers the first event, and then the work on it stops."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.broke_off = False

    async def remember(self, delivery: Delivery) -> Verdict:
        verdict = await self._ledger.remember(delivery)
        if not self.broke_off:
            self.broke_off = True
            raise RuntimeError("stopped")
        return verdict

    async def erase(self, case: CaseRef) -> int:
        return await self._ledger.erase(case)

    async def forget(self, before: datetime, most: int) -> int:
        return await self._ledger.forget(before, most)


async def test_an_event_that_was_remembered_and_not_passed_on_is_not_lost(
    environment: None, border: Border, case_event: MakeCaseEvent
) -> None:
    settings = Settings()
    ledger = BreaksOffOnce(border.ledger)
    async with build(settings, replace(border, ledger=ledger)):
        await publish(settings.bus, topics.CASE_EVENT_PUBLISHED, [("1", case_event().data)])

        (document,) = await all_of(settings.bus, topics.CASE_DOCUMENT_INGESTED, count=1)

    assert ledger.broke_off
    assert document.envelope.causation_id == cause_id(SOURCE, "1")


async def test_a_record_that_is_no_event_is_answered(bus: BusSettings) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bus.kafka) as producer:
        await producer.send_and_wait(
            topics.CASE_EVENT_PUBLISHED.of("storaadal"),
            b"ikke JSON",
            key=CASE.key.encode(),
            headers=[
                ("ce_id", b"7"),
                ("ce_source", b"postsag"),
                ("ce_type", topics.CASE_EVENT_PUBLISHED.name.encode()),
                ("ce_time", b"2026-05-04T10:00:00+02:00"),
            ],
        )

    (refused,) = await all_of(bus, topics.CASE_EVENT_REFUSED, "storaadal", count=1)
    assert (refused.data.event_id, refused.data.code) == ("7", "invalid_event")
    assert refused.data.case == CASE


async def test_knowledge_is_let_in_refused_and_deleted(
    bus: BusSettings, knowledge: MakeKnowledge
) -> None:
    good = knowledge().data
    broken = knowledge(content=Content(media_type="application/pdf", data=b"x"), version=3).data
    async with (
        Publisher(bus, "redaktion") as publisher,
        Reader(bus, topics.KNOWLEDGE_INGESTED) as ingested,
        asyncio.timeout(20),
    ):
        for payload in (good, broken, Tombstone(document=good.document)):
            await publisher.publish(topics.KNOWLEDGE_PUBLISHED, payload)
        came: list[Payload] = []
        async for event in ingested:
            came.append(event.data)
            if len(came) == 2:
                break

    (receipt,) = await all_of(bus, topics.KNOWLEDGE_INDEXED, "faelles", count=1)
    assert came[0].subject == "partshoering"
    assert came[1] == Tombstone(document=good.document)
    assert (receipt.data.outcome, receipt.data.version) == ("refused", 3)


async def test_an_erased_case_is_confirmed_and_lets_nothing_in(
    bus: BusSettings, case_event: MakeCaseEvent
) -> None:
    event = case_event()
    await publish(bus, topics.CASE_EVENT_PUBLISHED, [("1", event.data)])
    await all_of(bus, topics.CASE_DOCUMENT_INGESTED, count=1)
    erased = CaseErased(case=CASE, erased_at=event.envelope.time)

    await publish(bus, topics.CASE_ERASED, [("2", erased)])
    (confirmed,) = await all_of(bus, topics.ERASURE_CONFIRMED, "storaadal", count=1)
    await publish(bus, topics.CASE_EVENT_PUBLISHED, [("3", event.data)])
    (refused,) = await all_of(bus, topics.CASE_EVENT_REFUSED, "storaadal", count=1)

    assert (confirmed.data.service, confirmed.data.erased) == ("ingestion", 1)
    assert (refused.data.event_id, refused.data.code) == ("3", "erased_case")


async def test_a_service_forgets_what_is_too_old_to_come_again(
    environment: None, tmp_path: Path
) -> None:
    kept = Delivery(
        case=CASE, source=SOURCE, event_id="1", content_sha256="a" * 64, position="published/3/10"
    )
    ledger = SqlLedger(Settings().ledger)
    await ledger.open()
    for event_id in ("1", "2"):
        await ledger.remember(replace(kept, event_id=event_id))
    await ledger.close()

    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as database:
        database.execute(
            "UPDATE ingestion_events SET received_at = '2026-01-01 12:00:00' WHERE event_id = '1'"
        )
        async with create(), asyncio.timeout(20):
            while _event_ids(database) != ["2"]:  # noqa: ASYNC110 - a table rings no bell
                await asyncio.sleep(0.01)


def _event_ids(database: sqlite3.Connection) -> list[str]:
    return [row[0] for row in database.execute("SELECT event_id FROM ingestion_events")]


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("INGESTION_TENANTS", "none.yaml", "The file none.yaml is not there"),
        ("INGESTION_LEDGER", "mysql://clerk:secret@host/db", "begins with mysql://"),
        ("SIDEMAND_OBJECTS", "ftp://host", "write file://folder"),
    ],
)
def test_a_setting_that_cannot_be_used_ends_the_start_with_one_sentence(
    environment: None, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, says: str
) -> None:
    monkeypatch.setenv(setting, value)

    with pytest.raises(BusError, match=says) as caught:
        create()

    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_a_database_that_is_away_ends_the_start_with_one_sentence(
    environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INGESTION_LEDGER", "postgresql+asyncpg://clerk@127.0.0.1:9/ledger")

    with pytest.raises(BusError, match="The ledger's database does not answer"):
        async with create():
            pass
