"""The main job on real servers: five services as five processes, Kafka, Weaviate, PostgreSQL."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from sidemand.bus import BusSettings, Publisher
from sidemand.bus.provisioning import create_topics
from sidemand.bus.publisher import Message
from sidemand.bus.reader import RecordReader
from sidemand.client import (
    Answer,
    CaseFile,
    Content,
    Following,
    Sidemand,
    knowledge_at,
    read_case_file,
)
from sidemand.observability.logs import ALLOWED_KEYS
from sidemand.schemas import topics
from sidemand.schemas.identity import CasePayload, DocumentPayload
from sidemand.testing.processes import (
    Process,
    environment_of_five,
    five_services,
    index_on,
)
from sidemand.testing.servers import KafkaServer, PostgresServer, WeaviateServer

P = TypeVar("P", bound=CasePayload | DocumentPayload)

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
TENANTS = ["storaadal", "vesterhede", "faelles"]


@dataclass
class House:
    """The running services and the connection of a case system in Storådal."""

    services: list[Process]
    bus: BusSettings
    postsag: Sidemand
    editor: Sidemand


@pytest.fixture(scope="module")
def servers(
    kafka: KafkaServer,
    weaviate: WeaviateServer,
    postgres: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[list[Process], BusSettings]]:
    folder = tmp_path_factory.mktemp("five-processes")
    bus = BusSettings(kafka=kafka.bootstrap, objects=f"file://{folder / 'objects'}")
    asyncio.run(create_topics(bus, TENANTS))
    environment = environment_of_five(bus, postgres.create_database(), SAMPLES, folder)
    environment |= index_on(weaviate, "FiveProcesses")
    with five_services(environment, folder) as services:
        asyncio.run(_load_guidance(bus))
        yield services, bus


async def _load_guidance(bus: BusSettings) -> None:
    async with Sidemand(bus, tenant="faelles", source="redaktion") as editor:
        report = await editor.load(knowledge_at(SAMPLES / "guidance", "faelles"))
    assert (report.indexed, report.refused, report.skipped) == (54, [], [])


@pytest.fixture
async def house(servers: tuple[list[Process], BusSettings]) -> AsyncIterator[House]:
    services, bus = servers
    async with AsyncExitStack() as stack:
        yield House(
            services,
            bus,
            await stack.enter_async_context(Sidemand(bus, tenant="storaadal", source="postsag")),
            await stack.enter_async_context(Sidemand(bus, tenant="storaadal", source="redaktion")),
        )


def sample(name: str) -> CaseFile:
    return read_case_file(SAMPLES / f"{name}.yaml")


async def ask(house: House, name: str, event_id: str) -> Answer:
    return await house.postsag.ask(sample(name).event, event_id=event_id, patience=60)


async def first(following: Following[P]) -> P:
    async with asyncio.timeout(60):
        async for each in following:
            return each
    raise AssertionError("following ends only with its time-out")


async def test_every_kind_that_is_asked_for_is_answered_with_verbatim_quotes(
    house: House,
) -> None:
    answer = await ask(house, "cases/ps-02-hoering-uden-store-bogstaver", "integration-1")
    assert answer.unanswered == ()
    assert answer.refusal is None
    statements = [each for changed in answer.suggestions for each in changed.suggestion.statements]
    assert statements
    texts = await _knowledge_texts(house.bus)
    for statement in statements:
        for citation in statement.citations:
            text = texts.get((citation.document.key, citation.version))
            if text is not None:
                assert text[citation.start : citation.end] == citation.quote
    cited = {citation.document.key for each in statements for citation in each.citations}
    assert cited & {key for key, _ in texts}


async def _knowledge_texts(bus: BusSettings) -> dict[tuple[str, int], str]:
    """What the index took in, by document and version, as Kafka has it."""
    found = {}
    async with RecordReader(bus, topics.KNOWLEDGE_EMBEDDED.name, "earliest") as records:
        async for record in records.until_now():
            if record.value and record.value != b"{}" and record.key:
                data = json.loads(record.value)
                found[record.key.decode(), data["version"]] = data["text"]
    return found


async def test_no_party_stands_behind_the_gate(house: House) -> None:
    event = sample("cases/ps-03-laan-af-koerestol-brev").event
    other = sample("cases/ps-04-laan-af-koerestol-haandbold").event
    await house.postsag.ask(other, event_id="integration-2", patience=60)
    assert event.case != other.case
    marks = [
        mark for party in other.parties for mark in (party.name, party.cpr, party.email) if mark
    ]
    behind = [
        topics.CASE_DOCUMENT_REDACTED.name,
        topics.CASE_DOCUMENT_EMBEDDED.name,
        topics.CONTEXT_RETRIEVED.name,
        topics.SUGGESTION_DRAFTED.name,
    ]
    seen = 0
    async with RecordReader(house.bus, behind, "earliest") as records:
        async for record in records.until_now():
            seen += 1
            body = (record.value or b"").decode()
            assert not [mark for mark in marks if mark in body]
    assert seen >= len(behind)
    for service in house.services:
        log = service.log.read_text()
        assert not [mark for mark in marks if mark in log]


async def test_a_redelivery_counts_once_and_another_content_under_its_id_is_refused(
    house: House,
) -> None:
    case = sample("cases/ps-08-genoptraening-foerst-om-tre-uger")
    tenant = case.event.tenant
    async with Sidemand(house.bus, tenant=tenant, source="postsag") as postsag:
        answered = await postsag.ask(case.event, event_id="integration-3", patience=60)
        assert answered.suggestions
        async with postsag.suggestions(case.event.case) as suggestions:
            await postsag.publish(case.event, event_id="integration-3")
            other = case.event.model_copy(update={"content": Content(text="Noget andet.")})
            conflict = await postsag.ask(other, event_id="integration-3", patience=60)
            # A third event of the same case comes after both: whatever they caused is out by then.
            third = await postsag.publish(case.event, event_id="integration-4")
            assert (await first(suggestions)).published_at == third.time
    assert conflict.refusal is not None
    assert conflict.refusal.code == "conflict"


async def test_an_event_without_legal_basis_is_refused_in_danish(house: House) -> None:
    answer = await ask(house, "cases/yp-storaadal-profilering-familier", "integration-5")
    assert answer.refusal is not None
    assert answer.refusal.code == "no_legal_basis"
    assert answer.refusal.remedy


async def test_a_body_that_is_no_json_is_refused_and_dead_lettered(house: House) -> None:
    event = sample("cases/ps-02-hoering-uden-store-bogstaver").event
    topic = topics.CASE_EVENT_PUBLISHED
    headers = [
        ("ce_id", b"integration-6"),
        ("ce_source", b"postsag"),
        ("ce_type", topic.name.encode()),
        ("ce_time", datetime.now(UTC).isoformat().encode()),
    ]
    async with house.postsag.refusals(event.case) as refusals:
        async with Publisher(house.bus, "postsag") as publisher:
            message = Message(topic.of(event.tenant), event.case.key.encode(), b"{", headers)
            await publisher.send([message])
        refusal = await first(refusals)
    assert refusal.code == "invalid_event"
    assert refusal.event_id == "integration-6"
    dead = RecordReader(house.bus, topic.dead_letters("ingestion"), "earliest")
    async with dead as records, asyncio.timeout(60):
        async for letter in records:
            assert dict(letter.headers)["dlq-code"] == b"not_json"
            return


async def test_a_suggestion_is_withdrawn_when_its_only_source_is_deleted(house: House) -> None:
    notice = SAMPLES / "acts" / "storaadal-baalhytte.md"
    report = await house.editor.load(knowledge_at(notice, "storaadal"))
    assert report.indexed == 1
    answer = await ask(house, "acts/storaadal-baalhytte", "integration-7")
    (changed,) = answer.suggestions
    cited = {
        citation.document.document_id
        for each in changed.suggestion.statements
        for citation in each.citations
    }
    assert "storaadal-baalhytte" in cited
    case = sample("acts/storaadal-baalhytte").event.case
    async with house.postsag.suggestions(case) as suggestions:
        receipt = await house.editor.delete_document("storaadal-baalhytte")
        assert receipt.outcome == "removed"
        after = await first(suggestions)
    assert after.suggestion.suggestion_id == changed.suggestion.suggestion_id
    assert after.suggestion.revision == 2
    assert after.suggestion.state == "withdrawn"
    assert "storaadal-baalhytte" not in after.model_dump_json()


async def test_a_case_is_forgotten_by_every_service_that_knows_it(house: House) -> None:
    answer = await ask(house, "cases/ps-10-sort-tag-og-skjult-besked", "integration-8")
    assert answer.suggestions
    case = sample("cases/ps-10-sort-tag-og-skjult-besked").event.case
    confirmed = await house.postsag.erase_case(case, "slettet i fagsystemet")
    assert {each.service for each in confirmed} == set(topics.STATEFUL)
    again = await ask(house, "cases/ps-10-sort-tag-og-skjult-besked", "integration-9")
    assert again.refusal is not None
    assert again.refusal.code == "erased_case"


async def test_every_service_is_live_ready_and_tells_its_figures(house: House) -> None:
    for service in house.services:
        assert service.answers("/live")
        assert service.answers("/ready")
        assert "sidemand_events_handled_total" in await asyncio.to_thread(service.page, "/metrics")


async def test_a_log_line_is_an_object_with_known_keys_only(house: House) -> None:
    lines = [
        json.loads(line)
        for service in house.services
        for line in service.log.read_text().splitlines()
    ]
    assert {"started", "dead_letter"} <= {line["event"] for line in lines}
    assert {key for line in lines for key in line} <= ALLOWED_KEYS


async def test_every_service_ends_in_order_when_it_is_told_to(house: House) -> None:
    for service in house.services:
        service.running.terminate()
    assert {service.running.wait(60) for service in house.services} == {0}
