"""At the border a flood waits in its own tenant's topic, and the others pass."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError
from sidemand.bus import BusSettings, Event, Publisher, Reader, Service
from sidemand.bus.border import Backlog, Border, Inside, even_share
from sidemand.schemas import topics
from sidemand.schemas.casework import FeedbackRedacted
from sidemand.schemas.identity import CaseRef, Payload
from sidemand.schemas.raw import FeedbackGiven

GIVEN, REDACTED = topics.FEEDBACK_GIVEN, topics.FEEDBACK_REDACTED
FLOOD, QUIET, MEDIUM = (
    [TopicPartition(GIVEN.of(tenant), number) for number in range(GIVEN.partitions)]
    for tenant in ("storaadal", "vesterhede", "sandoe")
)


class Behind:
    """What is behind the border, as the test says: each look is a second after the one before."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, waiting: int) -> None:
        self.waiting: int | None = waiting
        self.a_second = 0
        self.handled = 0
        self.now = 0.0
        monkeypatch.setattr("sidemand.bus.border.time.monotonic", lambda: self.now)
        self.border = Border(GIVEN, BusSettings(most_inside=100), self)

    async def __call__(self) -> dict[str, Backlog]:
        if self.waiting is None:
            raise KafkaConnectionError
        fast = Backlog(0, 1_000_000 + 50 * self.handled)
        return {"redaction": fast, "generation": Backlog(self.waiting, self.handled)}

    async def look(self, seconds: int = 1) -> None:
        for _ in range(seconds):
            self.now += 1
            self.handled += self.a_second
            await self.border.look()


@pytest.fixture
async def behind(monkeypatch: pytest.MonkeyPatch) -> Behind:
    """A border that is held."""
    behind = Behind(monkeypatch, waiting=100)
    behind.border.passed(FLOOD[0], 1)
    await behind.look()
    return behind


async def test_while_little_waits_inside_everything_passes(behind: Behind) -> None:
    behind.waiting = 50
    await behind.look()
    behind.border.passed(FLOOD[0], 49)
    assert behind.border.may_pass(FLOOD[0])


async def test_what_has_passed_since_the_last_look_counts_as_waiting_inside(behind: Behind) -> None:
    behind.waiting = 50
    await behind.look()
    behind.border.passed(FLOOD[0], 50)
    assert behind.border.is_held


async def test_while_much_waits_inside_a_flood_waits_and_a_quiet_tenant_passes(
    behind: Behind,
) -> None:
    behind.border.passed(FLOOD[0], 200)
    assert not behind.border.may_pass(FLOOD[0])
    assert not behind.border.may_pass(FLOOD[1])
    assert behind.border.may_pass(QUIET[0])


async def test_where_nothing_is_handled_each_tenant_passes_two_events_a_second(
    behind: Behind,
) -> None:
    passed = 0
    for _ in range(300):
        while behind.border.may_pass(FLOOD[0]):
            behind.border.passed(FLOOD[0], 1)
            passed += 1
        await behind.look()
    assert 580 <= passed <= 660


async def test_of_what_is_handled_a_flood_gets_what_the_others_leave(behind: Behind) -> None:
    """Of 200 events a second 160 may follow: 10 of a quiet tenant, 70 of another, 80 of a flood."""
    behind.a_second = 200
    passed = Counter[str]()
    for second in range(300):
        pouring = {"flood": (FLOOD[0], 1000), "quiet": (QUIET[0], 10), "medium": (MEDIUM[0], 70)}
        for name, (partition, events) in pouring.items():
            for _ in range(events):
                if behind.border.may_pass(partition):
                    behind.border.passed(partition, 1)
                    passed[name] += second >= 100
        await behind.look()
    assert passed["quiet"] == 200 * 10
    assert passed["medium"] == 200 * 70
    assert 200 * 75 <= passed["flood"] <= 200 * 85


async def test_of_what_is_handled_a_process_lets_pass_the_part_of_its_partitions(
    behind: Behind,
) -> None:
    behind.a_second = 200
    behind.border.assigned([*FLOOD[:3], *QUIET[:3]])
    await behind.look(40)
    behind.border.passed(FLOOD[0], 30 * 200 // 4)
    await behind.look()
    assert not behind.border.may_pass(FLOOD[0])
    behind.border.assigned([*FLOOD, *QUIET])
    await behind.look()
    assert behind.border.may_pass(FLOOD[0])


async def test_once_little_waits_inside_a_tenant_beyond_its_share_passes_too(
    behind: Behind,
) -> None:
    behind.border.passed(FLOOD[0], 200)
    behind.waiting = 99
    await behind.look()
    assert behind.border.may_pass(FLOOD[0])


async def test_whoever_cannot_see_what_waits_inside_holds_nobody_back(behind: Behind) -> None:
    behind.border.passed(FLOOD[0], 200)
    behind.waiting = None
    await behind.look()
    assert behind.border.may_pass(FLOOD[0])


@pytest.mark.parametrize(
    ("wanted", "share"),
    [([], 90), ([10], 90), ([100], 90), ([10, 100], 80), ([10, 60, 60], 40), ([40, 40, 40], 30)],
)
def test_nobody_gets_more_than_is_wanted_and_the_rest_is_shared_evenly(
    wanted: list[int], share: float
) -> None:
    assert even_share(90, wanted) == share


def feedback(tenant: str, number: int) -> FeedbackGiven:
    return FeedbackGiven(
        case=CaseRef(tenant=tenant, case_id=uuid.UUID(int=number)),
        suggestion_id=uuid.UUID(int=1),
        revision=1,
        verdict="used",
        given_at=datetime(2026, 5, 4, tzinfo=UTC),
    )


async def publish(publisher: Publisher, tenant: str, events: int) -> None:
    given = (feedback(tenant, number) for number in range(events))
    await asyncio.gather(*(publisher.publish(GIVEN, each) for each in given))


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 - it is out there
            await asyncio.sleep(0.05)


async def test_what_is_not_handled_waits_inside_unless_nobody_ever_handled_any(
    settings: BusSettings,
) -> None:
    inside = Inside(settings, "casework")
    service = Service("generation", settings)

    @service.consumes(REDACTED)
    async def take_note(event: Event[FeedbackRedacted]) -> None: ...

    async with Publisher(settings, "sidemand/redaction") as publisher, aclosing(inside):
        redacted = FeedbackRedacted(**feedback("storaadal", 1).model_dump())
        await publisher.publish(REDACTED, redacted)
        assert await inside.backlogs() == {}
        async with service:
            await until(partial(is_committed, settings))
        await publisher.publish(REDACTED, redacted)
        assert await inside.backlogs() == {f"generation.{REDACTED.name}": Backlog(1, 1)}


async def is_committed(settings: BusSettings) -> bool:
    """Whether generation has handled feedback."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(
            f"generation.{REDACTED.name}",
            partitions=[TopicPartition(REDACTED.name, n) for n in range(REDACTED.partitions)],
        )
    finally:
        await admin.close()
    return any(found.offset > 0 for found in offsets.values())


async def test_a_quiet_tenant_passes_while_a_flood_waits(settings: BusSettings) -> None:
    """Behind the border one event is handled, and the next one for ever."""
    border_service = Service("redaction", settings.model_copy(update={"most_inside": 100}))
    inner_service = Service("generation", settings.model_copy(update={"drain_seconds": 0.1}))
    handled = 0

    @border_service.consumes(GIVEN, publishes=REDACTED)
    async def pass_on(event: Event[FeedbackGiven]) -> Payload:
        return FeedbackRedacted(**event.data.model_dump())

    @inner_service.consumes(REDACTED)
    async def handle_one(event: Event[FeedbackRedacted]) -> None:
        nonlocal handled
        handled += 1
        if handled > 1:
            await asyncio.Event().wait()

    async with border_service, inner_service, Publisher(settings, "postsag") as publisher:
        await publish(publisher, "storaadal", 1)
        await until(partial(is_committed, settings))
        (border, _), *_ = border_service._borders
        await publish(publisher, "storaadal", 300)  # most of it owed for more than a minute
        async with asyncio.timeout(20):
            while border.may_pass(FLOOD[0]):  # noqa: ASYNC110 - it is out there
                await asyncio.sleep(0.05)
        await publish(publisher, "storaadal", 50)
        await publish(publisher, "vesterhede", 1)
        passed: list[str] = []
        async with Reader(settings, REDACTED, since="earliest") as outputs, asyncio.timeout(20):
            async for event in outputs:
                passed.append(event.envelope.tenant)
                if passed[-1] == "vesterhede":
                    break
        assert 100 <= len(passed) <= 302
