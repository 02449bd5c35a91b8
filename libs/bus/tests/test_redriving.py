"""Dead letters are found, filtered and redriven; no word of a body is ever shown."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaProducer
from sidemand.bus import BusSettings, Event, Poison, Publisher, Service
from sidemand.bus.dead_letters import DeadLetter
from sidemand.bus.redriving import Wanted, find_dead_letters, redrive
from sidemand.schemas import topics
from sidemand.schemas.casework import FeedbackRedacted
from sidemand.schemas.identity import CaseRef
from sidemand.schemas.raw import FeedbackGiven

CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=7))
MARK = "Ida Kragelund-Ørnfeldt"
DEAD = topics.FEEDBACK_GIVEN.dead_letters("redaction")

Handle = Callable[[Event[FeedbackGiven]], Awaitable[FeedbackRedacted]]


def feedback(tenant: str = "storaadal") -> FeedbackGiven:
    return FeedbackGiven(
        case=CaseRef(tenant=tenant, case_id=CASE.case_id),
        suggestion_id=uuid.UUID(int=1),
        revision=1,
        verdict="used",
        comment=MARK,
        given_at=datetime(2031, 5, 4, tzinfo=UTC),
    )


class Handling:
    """A handler that can be mended, and what it saw."""

    def __init__(self) -> None:
        self.is_broken = True
        self.seen: asyncio.Queue[Event[FeedbackGiven]] = asyncio.Queue()

    async def __call__(self, event: Event[FeedbackGiven]) -> FeedbackRedacted:
        self.seen.put_nowait(event)
        if self.is_broken:
            raise Poison("tagger_away", "the tagger has no weights")
        return FeedbackRedacted(**event.data.model_dump())


def service(settings: BusSettings, handling: Handle) -> Service:
    made = Service("redaction", settings)
    made.consumes(topics.FEEDBACK_GIVEN, publishes=topics.FEEDBACK_REDACTED)(handling)
    return made


async def letters(
    settings: BusSettings, count: int, wanted: Wanted | None = None
) -> list[DeadLetter]:
    """Wait until so many are there."""
    async with asyncio.timeout(15):
        while True:
            found = await find_dead_letters(settings, wanted or Wanted())
            if len(found) >= count:
                return found


async def publish(settings: BusSettings, payload: FeedbackGiven, event_id: str) -> None:
    async with Publisher(settings, "postsag") as publisher:
        await publisher.publish(topics.FEEDBACK_GIVEN, payload, event_id=event_id)


async def seen(handling: Handling) -> Event[FeedbackGiven]:
    return await asyncio.wait_for(handling.seen.get(), 10)


async def test_a_letter_says_everything_but_the_body(settings: BusSettings) -> None:
    async with service(settings, Handling()):
        await publish(settings, feedback(), "evt-1")
        (letter,) = await letters(settings, 1)
    assert letter.about == CASE
    assert (letter.tenant, letter.event_id, letter.source) == ("storaadal", "evt-1", "postsag")
    assert (letter.service, letter.code) == ("redaction", "tagger_away")
    assert letter.detail == "the tagger has no weights"
    assert (letter.origin or "").startswith("storaadal.casework.feedback.given.v1/")
    assert letter.position.startswith(f"{DEAD}/")
    assert letter.size == len(feedback().model_dump_json().encode())
    assert letter.redriven_at is None
    assert MARK not in str(asdict(letter))


async def test_a_redriven_event_is_the_same_event_and_nothing_else_is_handled_again(
    settings: BusSettings,
) -> None:
    handling = Handling()
    async with service(settings, handling):
        await publish(settings, feedback(), "evt-1")
        first = await seen(handling)
        await letters(settings, 1)
        handling.is_broken = False
        await publish(settings, feedback(), "evt-2")
        await seen(handling)
        done = await redrive(settings, await letters(settings, 1))
        again = await seen(handling)
        await publish(settings, feedback(), "evt-3")
        after = await seen(handling)
    assert [letter.event_id for letter in done] == ["evt-1"]
    assert (again.envelope.id, again.position) == ("evt-1", first.position)
    assert again.data == first.data
    assert after.envelope.id == "evt-3"


async def test_redriving_twice_publishes_once_and_the_letter_says_when(
    settings: BusSettings,
) -> None:
    handling = Handling()
    async with service(settings, handling):
        await publish(settings, feedback(), "evt-1")
        found = await letters(settings, 1)
        handling.is_broken = False
        before = datetime.now(UTC)
        assert len(await redrive(settings, found)) == 1
        (letter,) = await letters(settings, 1)
        assert await redrive(settings, [letter]) == []
        await publish(settings, feedback(), "evt-2")
        ids = [(await seen(handling)).envelope.id for _ in range(3)]
    assert letter.redriven_at is not None
    assert letter.redriven_at.timestamp() == pytest.approx(before.timestamp(), abs=10)
    assert ids == ["evt-1", "evt-1", "evt-2"]


async def test_what_fails_again_is_a_new_letter_of_the_same_event(settings: BusSettings) -> None:
    handling = Handling()
    async with service(settings, handling):
        await publish(settings, feedback(), "evt-1")
        first = await seen(handling)
        await redrive(settings, await letters(settings, 1))
        old, new = await letters(settings, 2)
        handling.is_broken = False
        done = await redrive(settings, [old, new])
        positions = {(await seen(handling)).position for _ in range(2)}
    assert old.redriven_at is not None
    assert new.redriven_at is None
    assert [letter.position for letter in done] == [new.position]
    assert positions == {first.position}


async def test_letters_are_chosen_by_topic_tenant_code_and_position(settings: BusSettings) -> None:
    async with service(settings, Handling()):
        await publish(settings, feedback("storaadal"), "evt-1")
        await publish(settings, feedback("vesterhede"), "evt-2")
        both = await letters(settings, 2)
    one = next(letter for letter in both if letter.tenant == "vesterhede")
    for wanted, ids in (
        (Wanted(topic="casework.feedback.given.v1"), {"evt-1", "evt-2"}),
        (Wanted(topic=DEAD), {"evt-1", "evt-2"}),
        (Wanted(topic="casework.case.erased.v1"), set()),
        (Wanted(tenant="vesterhede"), {"evt-2"}),
        (Wanted(code="tagger_away"), {"evt-1", "evt-2"}),
        (Wanted(code="other"), set()),
        (Wanted(position=one.position), {"evt-2"}),
    ):
        found = await find_dead_letters(settings, wanted)
        assert {letter.event_id for letter in found} == ids


async def test_what_an_unreadable_event_holds_is_not_shown(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    async with service(settings, Handling()):
        await producer.send_and_wait(
            topics.FEEDBACK_GIVEN.of("storaadal"),
            MARK.encode(),
            key=f"storaadal|{MARK}".encode(),
            headers=[("ce_id", MARK.encode()), ("ce_source", MARK.encode())],
        )
        (letter,) = await letters(settings, 1)
    assert letter.code == "bad_key"
    assert letter.tenant == "storaadal"
    assert (letter.about, letter.event_id, letter.source) == (None, None, None)
    assert MARK not in str(asdict(letter))


@pytest.mark.parametrize(
    "origin", [b"", b"faelles.knowledge.document.published.v1/0/1", b"et sted", b"\xff"]
)
async def test_a_letter_that_does_not_say_where_it_came_from_is_listed_and_not_redriven(
    settings: BusSettings, producer: AIOKafkaProducer, origin: bytes
) -> None:
    await producer.send_and_wait(DEAD, b"{}", key=b"x", headers=[("dlq-origin", origin)])
    found = await letters(settings, 1)
    assert [(letter.origin, letter.code) for letter in found] == [(None, "unknown")]
    assert await redrive(settings, found) == []
