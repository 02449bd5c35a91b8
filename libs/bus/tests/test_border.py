"""At the border a flood waits in its own tenant's topic, and the others pass."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError
from sidemand.bus import BusSettings, Event, Publisher, Reader, Service
from sidemand.bus.border import _AT_ONCE, Border, Inside
from sidemand.schemas import topics
from sidemand.schemas.casework import FeedbackRedacted
from sidemand.schemas.identity import CaseRef, Payload
from sidemand.schemas.raw import FeedbackGiven

GIVEN, REDACTED = topics.FEEDBACK_GIVEN, topics.FEEDBACK_REDACTED
FLOOD, QUIET = (TopicPartition(GIVEN.of(each), 0) for each in ("storaadal", "vesterhede"))
OF_FLOOD_TOO = TopicPartition(FLOOD.topic, 1)


class Waiting:
    """What waits behind the border, as the test says."""

    def __init__(self, events: int) -> None:
        self.events: int | None = events

    async def __call__(self) -> int:
        if self.events is None:
            raise KafkaConnectionError
        return self.events


async def held(waiting: Waiting) -> Border:
    border = Border(GIVEN, 100, waiting)
    border.passed(FLOOD, 1)
    await border.look()
    return border


async def test_while_little_waits_inside_everything_passes() -> None:
    border = await held(Waiting(50))
    border.passed(FLOOD, 49)
    assert border.may_pass(FLOOD)


async def test_what_has_passed_since_the_last_look_counts_as_waiting_inside() -> None:
    border = await held(Waiting(50))
    border.passed(FLOOD, 50)
    assert border.is_held


async def test_while_much_waits_inside_a_flood_waits_and_a_quiet_tenant_passes() -> None:
    border = await held(Waiting(100))
    border.passed(FLOOD, 200)
    assert not border.may_pass(FLOOD)
    assert not border.may_pass(OF_FLOOD_TOO)
    assert border.may_pass(QUIET)


async def test_what_passed_in_one_batch_is_owed_and_then_the_tenant_passes_again() -> None:
    border = await held(Waiting(100))
    border.passed(FLOOD, int(_AT_ONCE) + 3)
    for _ in range(2):
        assert not border.may_pass(FLOOD)
        await border.look()
    assert border.may_pass(FLOOD)


async def test_once_little_waits_inside_a_tenant_with_debts_passes_too() -> None:
    waiting = Waiting(100)
    border = await held(waiting)
    border.passed(FLOOD, 200)
    waiting.events = 99
    await border.look()
    assert border.may_pass(FLOOD)


async def test_whoever_cannot_see_what_waits_inside_holds_nobody_back() -> None:
    waiting = Waiting(100)
    border = await held(waiting)
    border.passed(FLOOD, 200)
    waiting.events = None
    await border.look()
    assert border.may_pass(FLOOD)


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

    async def waiting(events: int) -> bool:
        return await inside.waiting() == events

    async with Publisher(settings, "sidemand/redaction") as publisher, aclosing(inside):
        redacted = FeedbackRedacted(**feedback("storaadal", 1).model_dump())
        await publisher.publish(REDACTED, redacted)
        assert await waiting(0)
        async with service:
            await until(partial(is_committed, settings))
        await publisher.publish(REDACTED, redacted)
        assert await waiting(1)


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
            while border.may_pass(FLOOD):  # noqa: ASYNC110 - it is out there
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
