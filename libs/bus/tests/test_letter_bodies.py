"""The body of a dead letter: text where it is text, its own where it lies in the object store."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer
from sidemand.bus import BusSettings, Publisher
from sidemand.bus.headers import DATAREF
from sidemand.bus.letter_bodies import Body, body_of, read_body
from sidemand.bus.publisher import Message
from sidemand.bus.redriving import Wanted, find_dead_letters
from sidemand.schemas import topics
from sidemand.schemas.envelope import Envelope
from sidemand.schemas.identity import CaseRef
from sidemand.schemas.raw import FeedbackGiven
from sidemand.storage import Objects
from sidemand.storage.claims import claims_prefix

CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=7))
DEAD = topics.FEEDBACK_GIVEN.dead_letters("redaction")
LONG = "Æblegrød. " * 20_000


def test_text_is_shown_to_the_last_whole_character() -> None:
    assert body_of("blåbær".encode(), 100) == Body("blåbær", "8 bytes")
    assert body_of("blåbær".encode(), 3) == Body("bl", "the first 3 of 8 bytes")


def test_a_text_in_windows_1252_is_read_and_the_wrong_byte_named() -> None:
    body = body_of("blåbær".encode("cp1252"), 100)
    assert body.text == "blåbær"
    assert body.note == "6 bytes; byte 0xE5 at 2 is no UTF-8, so it is read as Windows-1252"


def test_what_is_no_text_is_only_measured() -> None:
    assert body_of(b"PK\x03\x04\x00\x00", 100) == Body(None, "6 bytes that are no text")
    body = body_of(b"%PDF-1.7\xe2\xff\x01\x02", 100)
    assert body == Body(None, "12 bytes that are no text; byte 0xE2 at 8 is no UTF-8")
    assert body_of(b"", 100).text is None


def test_no_body_moves_the_cursor_of_a_terminal() -> None:
    assert body_of(b"a\x1b]0;x\x07\r\nb\tc", 100).text == "a�]0;x�\nb\tc"


async def letter_of(
    settings: BusSettings, event_id: str, change: Sequence[tuple[str, bytes]]
) -> None:
    """Write a letter whose body is large, so that it lies in the object store."""
    payload = FeedbackGiven.model_construct(  # no valid one is so long: a dead letter can be
        case=CASE,
        suggestion_id=uuid.UUID(int=1),
        revision=1,
        verdict="used",
        comment=LONG,
        given_at=datetime(2031, 5, 4, tzinfo=UTC),
    )
    envelope = Envelope(
        id=event_id,
        source="postsag",
        type=topics.FEEDBACK_GIVEN.name,
        time=datetime(2031, 5, 4, tzinfo=UTC),
        tenant=CASE.tenant,
        subject=payload.subject,
    )
    async with Publisher(settings, "postsag") as publisher:
        event = await publisher.message(topics.FEEDBACK_GIVEN, payload, envelope)
        headers = [*event.headers, *change]
        await publisher.send([Message(DEAD, event.key, event.value, headers)])


async def test_a_large_body_is_fetched_from_the_object_store(settings: BusSettings) -> None:
    await letter_of(settings, "evt-1", [])
    (letter,) = await find_dead_letters(settings, Wanted())
    body = await read_body(settings, letter, 1024)
    assert letter.size == 2
    assert "Æblegrød." in (body.text or "")
    assert body.note.startswith("the first 1024 of ")


async def test_the_body_of_another_event_is_not_fetched(settings: BusSettings) -> None:
    await letter_of(settings, "evt-1", [("ce_id", b"evt-2")])
    (letter,) = await find_dead_letters(settings, Wanted())
    body = await read_body(settings, letter, 1024)
    assert body == Body(None, "not fetched: ce_dataref names the body of another event")


async def test_a_body_that_is_gone_or_a_reference_that_is_none_is_said(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    await letter_of(settings, "evt-1", [])
    prefix = claims_prefix(topics.FEEDBACK_GIVEN.name, CASE.tenant, str(CASE.case_id))
    await Objects.at(settings.objects).delete_prefix(prefix)
    (letter,) = await find_dead_letters(settings, Wanted())
    gone = await read_body(settings, letter, 1024)
    assert gone == Body(None, "the object store does not give it (ObjectMissing)")
    await producer.send_and_wait(DEAD, b"{}", key=b"x", headers=[(DATAREF, b"her")])
    other = next(each for each in await find_dead_letters(settings, Wanted()) if not each.about)
    assert (await read_body(settings, other, 1024)).text is None
