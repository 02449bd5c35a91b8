"""The bus on a real Kafka: nothing is lost through kills, rebalances and an outage."""

import asyncio
import os
import signal
import subprocess
import sys
import urllib.request
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from sidemand.bus import BusError, BusSettings, Event, Publisher, Service
from sidemand.bus.decoding import Record
from sidemand.bus.provisioning import create_topics, partition_counts
from sidemand.bus.publisher import Message, TooLarge
from sidemand.bus.reader import RecordReader
from sidemand.schemas import topics
from sidemand.schemas.casework import CaseErased, FeedbackRedacted
from sidemand.schemas.envelope import cause_id, derived_id
from sidemand.schemas.identity import CaseRef, Payload
from sidemand.schemas.raw import FeedbackGiven
from sidemand.testing.plugin import own_kafka
from sidemand.testing.servers import KafkaServer
from sidemand.testing.servers.program import free_ports

GIVEN, REDACTED = topics.FEEDBACK_GIVEN, topics.FEEDBACK_REDACTED
DEAD_LETTERS = GIVEN.dead_letters("redaction")
GROUP = f"redaction.{GIVEN.name}"
TENANT = "storaadal"
SOURCE = "postsag"
EVENTS, CASES, BLOWS = 3_000, 300, 6
STORM = [cause_id(SOURCE, f"storm-{number}") for number in range(EVENTS)]
MEMBER = Path(__file__).with_name("feedback_service.py")


@pytest.fixture(scope="module")
def broker(pytestconfig: pytest.Config) -> Iterator[KafkaServer]:
    """A Kafka of this module's own: it is killed, and topics have their fixed names."""
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


def feedback(number: int, cases: int = CASES) -> FeedbackGiven:
    return FeedbackGiven(
        case=CaseRef(tenant=TENANT, case_id=uuid.UUID(int=number % cases)),
        suggestion_id=uuid.UUID(int=1),
        revision=1,
        verdict="used",
        comment=str(number),
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


def erased(tenant: str, number: int) -> CaseErased:
    case = CaseRef(tenant=tenant, case_id=uuid.UUID(int=number))
    return CaseErased(case=case, erased_at=datetime.now(UTC))


async def test_a_message_over_the_brokers_limit_is_one_sentence(bus: BusSettings) -> None:
    large = Message(GIVEN.of(TENANT), feedback(0).key.encode(), os.urandom(8_000_000), [])
    async with Publisher(bus, SOURCE) as publisher:
        with pytest.raises(TooLarge, match=r"takes no message of 8000000 bytes on storaadal\."):
            await publisher.send([large])


@pytest.mark.parametrize("body", [b"x" * 8_000_000, os.urandom(1_048_300)])
async def test_a_record_as_large_as_the_broker_takes_is_a_dead_letter_and_nothing_stops(
    bus: BusSettings, body: bytes
) -> None:
    """Eight megabytes that compress well, and a body that leaves no room for more headers."""
    key = feedback(0).key.encode()
    before = len(await everything_on(bus, DEAD_LETTERS))
    async with Publisher(bus, SOURCE) as publisher, service(bus) as running:
        await publisher.send([Message(GIVEN.of(TENANT), key, body, [])])
        after = await publisher.publish(GIVEN, feedback(0))
        await until(lambda: _has_output(bus, after.id))
        assert not running.health.not_live()
    letters = await everything_on(bus, DEAD_LETTERS)
    assert len(letters) == before + 1
    assert header(letters[-1], "dlq-code") == "not_json"
    assert letters[-1].value in {body, b""}


async def _has_output(bus: BusSettings, event_id: str) -> bool:
    return cause_id(SOURCE, event_id) in await causes(bus)


# The storm.


@dataclass
class Member:
    """A service process: started, killed, told to stop."""

    settings: BusSettings
    log: Path
    port: int = field(default_factory=lambda: free_ports(1)[0])
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {
            "SIDEMAND_KAFKA": self.settings.kafka,
            "SIDEMAND_OBJECTS": self.settings.objects,
            "SIDEMAND_SESSION_TIMEOUT_MS": str(self.settings.session_timeout_ms),
            "SIDEMAND_DRAIN_SECONDS": str(self.settings.drain_seconds),
            "SIDEMAND_HEALTH_PORT": str(self.port),
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(MEMBER)],
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
            )

    async def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        with suppress(OSError):
            return await asyncio.to_thread(_is_green, f"http://127.0.0.1:{self.port}/ready")
        return False

    async def end(self, number: signal.Signals) -> int:
        """Send the signal and wait for the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, 30)


def _is_green(address: str) -> bool:
    with urllib.request.urlopen(address, timeout=5) as answer:
        return bool(answer.status == 200)


@asynccontextmanager
async def members(bus: BusSettings, folder: Path) -> AsyncIterator[tuple[Member, Member]]:
    one, other = Member(bus, folder / "one.log"), Member(bus, folder / "other.log")
    try:
        yield one, other
    finally:
        for member in (one, other):
            if member.process is not None:
                member.process.kill()
                member.process.wait()


@dataclass
class Load:
    """Publishes the numbered events a share at a time, so that every blow falls on work."""

    publisher: Publisher
    acknowledged: set[int] = field(default_factory=set)

    @asynccontextmanager
    async def share(self) -> AsyncIterator[None]:
        """Publish the next share; the block runs when half of it is acknowledged."""
        first = len(self.acknowledged)
        publishing = asyncio.create_task(self._publish(range(first, first + EVENTS // BLOWS)))

        async def half_is_there() -> bool:
            return len(self.acknowledged) >= first + EVENTS // BLOWS // 2

        await until(half_is_there)
        yield
        await asyncio.wait_for(publishing, 30)

    async def _publish(self, numbers: range) -> None:
        """Ten cases at a time, a case's own events in order."""
        for first in numbers[::10]:
            await asyncio.gather(*(self._event(number) for number in range(first, first + 10)))

    async def _event(self, number: int) -> None:
        await self.publisher.publish(GIVEN, feedback(number), event_id=f"storm-{number}")
        self.acknowledged.add(number)


async def committed(bus: BusSettings) -> dict[int, int]:
    """What the group has committed, by partition."""
    partitions = [TopicPartition(GIVEN.of(TENANT), number) for number in range(GIVEN.partitions)]
    async with AIOKafkaConsumer(
        bootstrap_servers=bus.kafka, group_id=GROUP, enable_auto_commit=False
    ) as consumer:
        consumer.assign(partitions)
        return {each.partition: await consumer.committed(each) or 0 for each in partitions}


async def causes(bus: BusSettings) -> set[str]:
    """The causes of the effects that Kafka has: an output or a dead letter."""
    outputs = {header(r, "ce_causationid") for r in await everything_on(bus, REDACTED.name)}
    return outputs | {cause_of(letter) for letter in await everything_on(bus, DEAD_LETTERS)}


def cause_of(record: Record) -> str:
    return cause_id(SOURCE, dict(record.headers).get("ce_id", b"").decode())


async def assert_nothing_is_committed_before_its_effects(bus: BusSettings) -> None:
    offsets = await committed(bus)
    have_effects = await causes(bus)
    inputs = await everything_on(bus, GIVEN.of(TENANT))
    passed = [record for record in inputs if record.offset < offsets[record.partition]]
    assert {cause_of(record) for record in passed} & set(STORM) <= have_effects


async def storm(
    bus: BusSettings, broker: KafkaServer, load: Load, one: Member, other: Member
) -> None:
    """Three kills, two polite stops, a broker killed, and a rebalance with each of them."""
    for member in (one, other):
        async with load.share():
            assert await member.end(signal.SIGKILL) == -signal.SIGKILL
            member.start()
        await assert_nothing_is_committed_before_its_effects(bus)
    for member in (one, other):
        await until(member.is_ready)
    async with load.share():
        broker.program.kill()
        await asyncio.to_thread(broker.program.start)
    for member in (one, other):
        await until(member.is_ready)
        async with load.share():
            assert await member.end(signal.SIGTERM) == 0, member.log.read_text()[-3000:]
            member.start()
        await assert_nothing_is_committed_before_its_effects(bus)
    await until(one.is_ready)
    async with load.share():
        assert await one.end(signal.SIGKILL) == -signal.SIGKILL
        one.start()
    await assert_nothing_is_committed_before_its_effects(bus)


async def test_through_a_storm_nothing_is_lost_and_every_case_keeps_its_order(
    bus: BusSettings, broker: KafkaServer, tmp_path: Path
) -> None:
    async with members(bus, tmp_path) as (one, other), Publisher(bus, SOURCE) as publisher:
        load = Load(publisher)
        for member in (one, other):
            member.start()
        await until(one.is_ready)
        await storm(bus, broker, load, one, other)
        wanted = {STORM[number] for number in load.acknowledged}

        async def all_have_effects() -> bool:
            return wanted <= await causes(bus)

        await until(all_have_effects, 40)
        for member in (one, other):
            await until(member.is_ready)
            assert await member.end(signal.SIGTERM) == 0, member.log.read_text()[-3000:]
    assert load.acknowledged == set(range(EVENTS))
    outputs = await everything_on(bus, REDACTED.name)
    _assert_every_good_event_has_its_output(outputs)
    _assert_order_within_cases(outputs)
    await _assert_poison_lies_in_the_dead_letters(bus)
    ends = Counter(record.partition for record in await everything_on(bus, GIVEN.of(TENANT)))
    assert await committed(bus) == {number: ends[number] for number in range(GIVEN.partitions)}


def _assert_every_good_event_has_its_output(outputs: list[Record]) -> None:
    ids = {header(record, "ce_id") for record in outputs}
    good = [number for number in range(EVENTS) if number % 100 != 99]
    expected = {
        derived_id(STORM[number], f"redaction|{REDACTED.name}|{feedback(number).key}|0", "1")
        for number in good
    }
    assert expected <= ids
    repeated = len(outputs) - len(ids)
    assert 0 < repeated < EVENTS, "the kills fell on work, and most of it was not done twice"


def _assert_order_within_cases(outputs: list[Record]) -> None:
    """Whoever takes each id once sees a case's events in order."""
    numbers: dict[str, dict[str, int]] = defaultdict(dict)
    for record in sorted(outputs, key=lambda each: (each.partition, each.offset)):
        if header(record, "ce_causationid") in STORM:
            payload = FeedbackRedacted.model_validate_json(record.value or b"")
            numbers[payload.key].setdefault(header(record, "ce_id"), int(payload.comment))
    assert len(numbers) == CASES - CASES // 100
    assert all(list(seen.values()) == sorted(seen.values()) for seen in numbers.values())


async def _assert_poison_lies_in_the_dead_letters(bus: BusSettings) -> None:
    """All of it and nothing else; once each, but for what a kill made come again."""
    letters = await everything_on(bus, DEAD_LETTERS)
    ids = {header(r, "ce_id") for r in letters if header(r, "dlq-code") == "every_hundredth"}
    assert ids == {f"storm-{number}" for number in range(99, EVENTS, 100)}
    assert {header(r, "dlq-code") for r in letters} == {"every_hundredth", "not_json"}
