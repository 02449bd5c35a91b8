"""The bus on a real Kafka: topics, tenants, sizes. What it survives stands in `tests/fault`."""

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from sidemand.bus import BusError, BusSettings, Event, Publisher, Service
from sidemand.bus.decoding import Record
from sidemand.bus.provisioning import create_topics, partition_counts
from sidemand.bus.publisher import Message, TooLarge
from sidemand.bus.reader import RecordReader
from sidemand.schemas import topics
from sidemand.schemas.casework import CaseErased, FeedbackRedacted
from sidemand.schemas.envelope import cause_id
from sidemand.schemas.identity import CaseRef, Payload
from sidemand.schemas.raw import FeedbackGiven
from sidemand.testing.plugin import own_kafka
from sidemand.testing.servers import KafkaServer

GIVEN, REDACTED = topics.FEEDBACK_GIVEN, topics.FEEDBACK_REDACTED
DEAD_LETTERS = GIVEN.dead_letters("redaction")
TENANT = "storaadal"
SOURCE = "postsag"


@pytest.fixture(scope="module")
def broker(pytestconfig: pytest.Config) -> Iterator[KafkaServer]:
    """A Kafka of this module's own: topics have their fixed names."""
    yield from own_kafka(pytestconfig)


@pytest.fixture(scope="module")
def bus(broker: KafkaServer, tmp_path_factory: pytest.TempPathFactory) -> BusSettings:
    return BusSettings(
        kafka=broker.bootstrap,
        objects=f"file://{tmp_path_factory.mktemp('objects')}",
        session_timeout_ms=6_000,
        drain_seconds=5,
    )


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - a condition out there, not an event
            await asyncio.sleep(0.05)


def feedback() -> FeedbackGiven:
    return FeedbackGiven(
        case=CaseRef(tenant=TENANT, case_id=uuid.UUID(int=1)),
        suggestion_id=uuid.UUID(int=1),
        revision=1,
        verdict="used",
        comment="",
        given_at=datetime(2026, 5, 4, tzinfo=UTC),
    )


async def pass_on(event: Event[FeedbackGiven]) -> Payload:
    return FeedbackRedacted(**event.data.model_dump())


def service(bus: BusSettings) -> Service:
    made = Service("redaction", bus)
    made.consumes(GIVEN, publishes=REDACTED)(pass_on)
    return made


async def everything_on(bus: BusSettings, name: str) -> list[Record]:
    async with RecordReader(bus, name, "earliest") as reader:
        return [record async for record in reader.until_now()]


def header(record: Record, name: str) -> str:
    return dict(record.headers)[name].decode()


async def test_a_missing_topic_is_named_at_start(bus: BusSettings) -> None:
    """The first test, on an empty Kafka; the second makes the topics for the others."""
    with pytest.raises(BusError, match=rf"has no topic {REDACTED.name}\. Create the topics"):
        async with service(bus):
            pass


async def test_a_wrong_partition_count_is_refused_when_topics_are_created_and_at_start(
    bus: BusSettings,
) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bus.kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(REDACTED.name, 3, 1), NewTopic(DEAD_LETTERS, 3, 1)])
        await until(lambda: _exists(bus, DEAD_LETTERS))
        refusal = rf"{REDACTED.name} has 3 partitions, and "
        with pytest.raises(BusError, match=refusal):
            await create_topics(bus, [TENANT])
        with pytest.raises(BusError, match=refusal):
            async with service(bus):
                pass
        await admin.delete_topics([REDACTED.name])
    finally:
        await admin.close()
    await until(lambda: _exists(bus, REDACTED.name, expected=False))
    await create_topics(bus, [TENANT, "faelles"])
    await until(lambda: _exists(bus, topics.ALL[-1].name))


async def _exists(bus: BusSettings, name: str, expected: bool = True) -> bool:
    return (name in await partition_counts(bus)) == expected


async def test_a_reader_from_the_beginning_sees_everything_every_time(bus: BusSettings) -> None:
    async with Publisher(bus, SOURCE) as publisher:
        for number in range(5):
            await publisher.publish(topics.CASE_ERASED, erased(TENANT, number))
    began = datetime.now(UTC)
    name = topics.CASE_ERASED.of(TENANT)
    counts = [len(await everything_on(bus, name)) for _ in range(8)]
    assert counts == [5] * 8
    for since, expected in ((began - timedelta(minutes=5), 5), (began + timedelta(minutes=5), 0)):
        async with RecordReader(bus, name, since) as reader:
            assert len([record async for record in reader.until_now()]) == expected


async def test_a_new_tenant_is_served_without_a_restart(
    bus: BusSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sidemand.bus import service as module

    assert module.NEW_TENANT_SECONDS <= 30
    monkeypatch.setattr(module, "NEW_TENANT_SECONDS", 1)
    seen: asyncio.Queue[str] = asyncio.Queue()
    made = Service("retrieval", bus)

    @made.consumes(topics.CASE_ERASED)
    async def on_erased(event: Event[CaseErased]) -> None:
        await seen.put(event.data.tenant)

    async with made, Publisher(bus, SOURCE) as publisher:
        assert {await asyncio.wait_for(seen.get(), 10) for _ in range(5)} == {TENANT}
        await create_topics(bus, ["nybyen"])
        await publisher.publish(topics.CASE_ERASED, erased("nybyen", 1))
        assert await asyncio.wait_for(seen.get(), 15) == "nybyen"


async def test_a_new_member_gets_its_share_soon_however_long_sessions_are(
    bus: BusSettings,
) -> None:
    patient = bus.model_copy(update={"session_timeout_ms": 300_000, "drain_seconds": 60})
    shares: list[set[str]] = [set(), set()]

    def member(share: set[str]) -> Service:
        made = Service("ingestion", patient)

        @made.consumes(topics.CASE_ERASED)
        async def on_erased(event: Event[CaseErased]) -> None:
            share.add(event.data.subject)

        return made

    async def have_some(publisher: Publisher, members: int) -> bool:
        for number in range(20):
            await publisher.publish(topics.CASE_ERASED, erased(TENANT, number))
        return all(shares[:members])

    async with Publisher(bus, SOURCE) as publisher, member(shares[0]):
        await until(lambda: have_some(publisher, 1))
        async with asyncio.timeout(40), member(shares[1]):  # its start waits for its share
            await until(lambda: have_some(publisher, 2))


def erased(tenant: str, number: int) -> CaseErased:
    case = CaseRef(tenant=tenant, case_id=uuid.UUID(int=number))
    return CaseErased(case=case, erased_at=datetime.now(UTC))


async def test_a_message_over_the_brokers_limit_is_one_sentence(bus: BusSettings) -> None:
    large = Message(GIVEN.of(TENANT), feedback().key.encode(), os.urandom(8_000_000), [])
    async with Publisher(bus, SOURCE) as publisher:
        with pytest.raises(TooLarge, match=r"takes no message of 8000000 bytes on storaadal\."):
            await publisher.send([large])


@pytest.mark.parametrize("body", [b"x" * 8_000_000, os.urandom(1_048_300)])
async def test_a_record_as_large_as_the_broker_takes_is_a_dead_letter_and_nothing_stops(
    bus: BusSettings, body: bytes
) -> None:
    """Eight megabytes that compress well, and a body that leaves no room for more headers."""
    key = feedback().key.encode()
    before = len(await everything_on(bus, DEAD_LETTERS))
    async with Publisher(bus, SOURCE) as publisher, service(bus) as running:
        await publisher.send([Message(GIVEN.of(TENANT), key, body, [])])
        after = await publisher.publish(GIVEN, feedback())
        await until(lambda: _has_output(bus, after.id))
        assert not running.health.not_live()
    letters = await everything_on(bus, DEAD_LETTERS)
    assert len(letters) == before + 1
    assert header(letters[-1], "dlq-code") == "not_json"
    assert letters[-1].value in {body, b""}


async def _has_output(bus: BusSettings, event_id: str) -> bool:
    outputs = await everything_on(bus, REDACTED.name)
    return cause_id(SOURCE, event_id) in {header(each, "ce_causationid") for each in outputs}
