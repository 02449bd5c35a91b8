"""A service begins with the right Kafka or says what is wrong, and ends when it is told to."""

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from sidemand.bus import BusError, BusSettings, Event, Publisher, Service, Transient, run
from sidemand.bus.embedded import EmbeddedKafka
from sidemand.schemas import topics
from sidemand.schemas.casework import FeedbackRedacted
from sidemand.schemas.identity import CaseRef, Payload
from sidemand.schemas.kafka_topics import kafka_topics
from sidemand.schemas.raw import FeedbackGiven

Handle = Callable[[Event[FeedbackGiven]], Awaitable[Payload | None]]


async def pass_on(event: Event[FeedbackGiven]) -> Payload:
    return FeedbackRedacted(**event.data.model_dump())


def service(settings: BusSettings, handle: Handle = pass_on) -> Service:
    made = Service("redaction", settings)
    made.consumes(topics.FEEDBACK_GIVEN, publishes=topics.FEEDBACK_REDACTED)(handle)
    return made


async def publish(settings: BusSettings, cases: int) -> None:
    async with Publisher(settings, "postsag") as publisher:
        for number in range(cases):
            given = FeedbackGiven(
                case=CaseRef(tenant="storaadal", case_id=uuid.UUID(int=number)),
                suggestion_id=uuid.UUID(int=1),
                revision=1,
                verdict="used",
                given_at=datetime(2026, 5, 4, tzinfo=UTC),
            )
            await publisher.publish(topics.FEEDBACK_GIVEN, given)


def test_a_setting_that_cannot_be_used_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIDEMAND_PARTITIONS", "hemmeligt")
    with pytest.raises(SystemExit, match="SIDEMAND_PARTITIONS: Input should be a valid") as raised:
        run(lambda: service(BusSettings()))
    assert "hemmeligt" not in str(raised.value)


async def test_no_kafka_at_the_address_is_one_sentence(settings: BusSettings) -> None:
    nowhere = settings.model_copy(update={"kafka": "127.0.0.1:1", "start_seconds": 1.0})
    with pytest.raises(BusError, match=r"No Kafka answers at 127\.0\.0\.1:1\. Start it there"):
        async with service(nowhere):
            pass


async def test_a_start_waits_for_a_kafka_that_comes(
    settings: BusSettings, kafka: EmbeddedKafka
) -> None:
    kafka.stop_broker()
    running = service(settings)
    starting = asyncio.create_task(running.__aenter__())
    _, waiting = await asyncio.wait({starting}, timeout=0.2)
    assert waiting
    kafka.start_broker()
    async with asyncio.timeout(10):
        await starting
    await running.__aexit__(None, None, None)


@pytest.mark.parametrize(
    "wrong", [topics.FEEDBACK_REDACTED.name, topics.FEEDBACK_GIVEN.of("storaadal")]
)
async def test_a_topic_with_another_partition_count_is_refused_at_start(
    wrong: str, tmp_path: Path
) -> None:
    with EmbeddedKafka() as kafka:
        for topic in kafka_topics(["storaadal"]):
            kafka.create_topic(topic.name, 3 if topic.name == wrong else topic.partitions)
        settings = BusSettings(kafka=kafka.bootstrap, objects=f"file://{tmp_path}")
        refusal = f"Topic {re.escape(wrong)} has 3 partitions, and 12 are wanted"
        with pytest.raises(BusError, match=refusal):
            async with service(settings):
                pass


async def test_a_missing_topic_is_named_at_start(tmp_path: Path) -> None:
    with EmbeddedKafka() as kafka:
        settings = BusSettings(kafka=kafka.bootstrap, objects=f"file://{tmp_path}")
        with pytest.raises(BusError, match=r"has no topic .*sidemand topics create"):
            async with service(settings):
                pass


async def test_nothing_is_committed_past_an_event_that_is_not_finished(
    settings: BusSettings,
) -> None:
    release = asyncio.Event()
    positions: list[str] = []

    async def first_waits(event: Event[FeedbackGiven]) -> None:
        positions.append(event.position)
        if event.position == positions[0]:
            await release.wait()

    async with service(settings, first_waits), asyncio.timeout(15):
        await publish(settings, cases=40)
        published = await _offsets(settings, end=True)
        partition, offset = map(int, (await _first(positions)).split("/")[1:])
        others = {number: end for number, end in published.items() if number != partition}
        while not others.items() <= (committed := await _offsets(settings, end=False)).items():
            pass
        assert committed[partition] <= offset
        release.set()
    assert await _offsets(settings, end=False) == published


async def _first(positions: list[str]) -> str:
    while not positions:  # noqa: ASYNC110 - it changes in the handler
        await asyncio.sleep(0.01)
    return positions[0]


async def _offsets(settings: BusSettings, *, end: bool) -> dict[int, int]:
    """The end of each partition, or what the group has committed there."""
    topic = topics.FEEDBACK_GIVEN
    partitions = [TopicPartition(topic.of("storaadal"), number) for number in range(12)]
    async with AIOKafkaConsumer(
        bootstrap_servers=settings.kafka,
        group_id=f"redaction.{topic.name}",
        enable_auto_commit=False,
    ) as consumer:
        consumer.assign(partitions)
        if end:
            ends = await consumer.end_offsets(partitions)
            return {each.partition: ends[each] for each in partitions}
        return {each.partition: await consumer.committed(each) or 0 for each in partitions}


async def test_a_stop_begins_nothing_that_was_only_waiting_for_its_turn(
    settings: BusSettings,
) -> None:
    begun = 0
    stopping = asyncio.Event()

    async def slowly(event: Event[FeedbackGiven]) -> None:
        nonlocal begun
        begun += 1
        await stopping.wait()

    one_at_a_time = settings.model_copy(update={"concurrency": 1})
    running = service(one_at_a_time, slowly)
    async with asyncio.timeout(10):
        async with running:
            await publish(settings, cases=20)
            (lane,) = running.health.lanes.values()
            while lane.oldest_seconds == 0:  # noqa: ASYNC110 - it changes in the lane
                await asyncio.sleep(0.01)
            stop = asyncio.create_task(lane.stop())
            await asyncio.sleep(0)
            stopping.set()
            await stop
    assert begun == 1


async def test_a_stop_does_not_wait_for_a_dependency_that_is_away(settings: BusSettings) -> None:
    tried = asyncio.Event()

    async def away(event: Event[FeedbackGiven]) -> None:
        tried.set()
        raise Transient("vault")

    async with asyncio.timeout(4), service(settings, away):
        await publish(settings, cases=3)
        await tried.wait()


async def test_a_stop_does_not_wait_for_all_that_wait_for_a_dependency(
    settings: BusSettings,
) -> None:
    async def away(event: Event[FeedbackGiven]) -> None:
        raise Transient("vault")

    patient = settings.model_copy(update={"drain_seconds": 60})
    async with asyncio.timeout(20), service(patient, away) as running:
        await publish(settings, cases=100)
        while not running.health.not_ready():  # noqa: ASYNC110 - it changes in the service
            await asyncio.sleep(0.01)


async def test_a_stop_ends_while_kafka_is_away(settings: BusSettings, kafka: EmbeddedKafka) -> None:
    begun = asyncio.Event()

    async def into_the_void(event: Event[FeedbackGiven]) -> Payload:
        kafka.stop_broker()
        begun.set()
        return await pass_on(event)

    soon = settings.model_copy(update={"drain_seconds": 0.3})
    async with asyncio.timeout(20):
        async with service(soon, into_the_void):
            await publish(settings, cases=1)
            await begun.wait()
    kafka.start_broker()


async def test_hooks_run_around_the_work_and_in_reverse_at_its_end(settings: BusSettings) -> None:
    order: list[str] = []

    def hook(name: str) -> Callable[[], Awaitable[None]]:
        async def call() -> None:
            order.append(name)

        return call

    made = service(settings)
    made.on_start(hook("open vault"))
    made.on_start(hook("open index"))
    made.on_stop(hook("close vault"))
    made.on_stop(hook("close index"))
    async with made:
        assert order == ["open vault", "open index"]
    assert order[2:] == ["close index", "close vault"]
