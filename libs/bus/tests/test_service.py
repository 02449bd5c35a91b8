"""A service on a Kafka: what becomes of good events, bad records and failing handlers."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import confluent_kafka
import pytest
from aiokafka import AIOKafkaProducer
from sidemand.bus import (
    BusError,
    BusSettings,
    Event,
    Poison,
    Publisher,
    Reader,
    Rejected,
    Service,
    Transient,
)
from sidemand.bus.decoding import Record
from sidemand.bus.reader import RecordReader
from sidemand.schemas import topics
from sidemand.schemas.casework import CaseEventRefused, FeedbackRedacted
from sidemand.schemas.envelope import cause_id
from sidemand.schemas.identity import CaseRef, DocumentRef, Payload, Tombstone
from sidemand.schemas.knowledge import KnowledgeIngested, KnowledgeRedacted
from sidemand.schemas.raw import FeedbackGiven

CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=7))
MARK = "740344-1237"  # an invented CPR number with an impossible day

Handle = Callable[[Event[FeedbackGiven]], Awaitable[Payload | None]]


def feedback(comment: str = "", case: CaseRef = CASE) -> FeedbackGiven:
    return FeedbackGiven(
        case=case,
        suggestion_id=uuid.UUID(int=1),
        revision=1,
        verdict="used",
        comment=comment,
        given_at=datetime(2026, 5, 4, tzinfo=UTC),
    )


def redacted(given: FeedbackGiven) -> FeedbackRedacted:
    return FeedbackRedacted(**given.model_dump())


async def pass_on(event: Event[FeedbackGiven]) -> Payload:
    return redacted(event.data)


def service(settings: BusSettings, handle: Handle = pass_on) -> Service:
    made = Service("redaction", settings)
    made.consumes(topics.FEEDBACK_GIVEN, publishes=topics.FEEDBACK_REDACTED)(handle)
    return made


async def publish(settings: BusSettings, *payloads: Payload) -> None:
    async with Publisher(settings, "postsag") as publisher:
        for payload in payloads:
            await publisher.publish(topics.FEEDBACK_GIVEN, payload)


async def first(reader: Reader[Any], count: int = 1) -> list[Event[Any]]:
    events = []
    async with asyncio.timeout(15):
        async for event in reader:
            events.append(event)
            if len(events) == count:
                break
    return events


@asynccontextmanager
async def reading(settings: BusSettings) -> AsyncIterator[Reader[FeedbackRedacted]]:
    async with Reader(settings, topics.FEEDBACK_REDACTED, since="earliest") as reader:
        yield reader


async def records(settings: BusSettings, name: str, count: int = 1) -> list[Record]:
    found: list[Record] = []
    async with RecordReader(settings, name, "earliest") as reader, asyncio.timeout(15):
        async for record in reader:
            found.append(record)
            if len(found) == count:
                break
    return found


async def dead_letters(settings: BusSettings, count: int) -> list[Record]:
    return await records(settings, topics.FEEDBACK_GIVEN.dead_letters("redaction"), count)


def header(record: Record, name: str) -> str:
    return dict(record.headers)[name].decode()


async def send_raw(
    producer: AIOKafkaProducer, value: bytes | None, **changed: bytes | None
) -> None:
    headers: dict[str, bytes | None] = {
        "ce_id": b"1",
        "ce_source": b"postsag",
        "ce_type": topics.FEEDBACK_GIVEN.name.encode(),
        "ce_time": b"2026-05-04T10:00:00+02:00",
    }
    headers.update(changed)
    await producer.send_and_wait(
        topics.FEEDBACK_GIVEN.of("storaadal"),
        value,
        key=CASE.key.encode(),
        headers=list(headers.items()),
    )


async def test_an_output_carries_key_cause_and_an_id_that_a_redelivery_repeats(
    settings: BusSettings,
) -> None:
    async with service(settings), reading(settings) as outputs:
        async with Publisher(settings, "postsag") as publisher:
            sent = [
                await publisher.publish(topics.FEEDBACK_GIVEN, feedback("godt"), event_id="evt-1")
                for _ in range(2)
            ]
        one, other = await first(outputs, 2)
    assert one.data == redacted(feedback("godt"))
    assert {each.id for each in sent} == {"evt-1"}
    assert one.envelope.causation_id == cause_id("postsag", "evt-1")
    assert one.envelope.source == "sidemand/redaction"
    assert one.envelope.subject == str(CASE.case_id)
    assert one.envelope.id == other.envelope.id
    assert one.position != other.position


async def test_events_of_one_case_keep_their_order_and_cases_run_at_the_same_time(
    settings: BusSettings,
) -> None:
    cases = [CaseRef(tenant="storaadal", case_id=uuid.UUID(int=number)) for number in range(4)]
    together = asyncio.Barrier(len(cases))

    async def meet(event: Event[FeedbackGiven]) -> Payload:
        if event.data.comment == "0":
            await asyncio.wait_for(together.wait(), 10)
        return redacted(event.data)

    async with service(settings, meet), reading(settings) as outputs:
        await publish(settings, *(feedback(str(n), case) for n in range(5) for case in cases))
        seen = await first(outputs, 20)
    for case in cases:
        comments = [event.data.comment for event in seen if event.data.case == case]
        assert comments == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("value", "changed", "code"),
    [
        (b"no json", {}, "not_json"),
        (b'{"case": 1, "comment": "' + MARK.encode() + b'"}', {}, "invalid_payload"),
        (feedback().model_dump_json().encode(), {"ce_id": None}, "null_header"),
        (feedback().model_dump_json().encode(), {"ce_source": b"\xff"}, "undecodable_header"),
        (feedback().model_dump_json().encode(), {"ce_time": b"i morges"}, "bad_time"),
        (feedback().model_dump_json().encode(), {"ce_id": b"sag om Ida"}, "bad_name"),
        (feedback().model_dump_json().encode(), {"ce_source": MARK.encode() + b" "}, "bad_name"),
        (feedback().model_dump_json().encode(), {"ce_tenant": b"vesterhede"}, "tenant_mismatch"),
        (None, {}, "empty_body"),
        (b"", {}, "empty_body"),
        (b"x" * 3_000_000, {}, "not_json"),
    ],
)
async def test_a_record_that_is_no_event_is_a_dead_letter_with_a_reason_and_nothing_else_stops(
    settings: BusSettings,
    producer: AIOKafkaProducer,
    value: bytes | None,
    changed: dict[str, bytes | None],
    code: str,
) -> None:
    async with service(settings), reading(settings) as outputs:
        await send_raw(producer, value, **changed)
        await publish(settings, feedback("efter"))
        (after,) = await first(outputs)
        (letter,) = await dead_letters(settings, 1)
    assert after.data.comment == "efter"
    assert header(letter, "dlq-code") == code
    assert header(letter, "dlq-origin").startswith("storaadal.casework.feedback.given.v1/")
    assert letter.key == CASE.key.encode()
    assert (letter.value or b"") == (value or b"")
    assert MARK not in str([text for name, text in letter.headers])


async def test_an_unreadable_key_is_named_and_kept(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    async with service(settings):
        await producer.send_and_wait("storaadal.casework.feedback.given.v1", b"{}", key=b"\xffIda")
        (letter,) = await dead_letters(settings, 1)
    assert header(letter, "dlq-code") == "bad_key"
    assert letter.key == b"\xffIda"


async def test_a_record_of_nothing_at_all_is_a_dead_letter_and_nothing_stops(
    settings: BusSettings,
) -> None:
    """kcat can send it; aiokafka refuses to."""
    topic = topics.FEEDBACK_GIVEN.of("storaadal")
    other_client = confluent_kafka.Producer({"bootstrap.servers": settings.kafka})
    async with service(settings) as running:
        other_client.produce(topic)
        await asyncio.to_thread(other_client.flush, 10)
        (letter,) = await dead_letters(settings, 1)
        assert not running.health.not_live()
    assert header(letter, "dlq-code") == "bad_key"


async def test_the_sender_of_a_rejected_record_gets_an_answer(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    def refuse(rejected: Rejected) -> Payload | None:
        assert rejected.key is not None
        assert rejected.code == "not_json"
        tenant, _, case_id = rejected.key.partition("|")
        return CaseEventRefused(
            case=CaseRef(tenant=tenant, case_id=uuid.UUID(case_id)),
            event_id=rejected.event_id or "",
            code="invalid_event",
            explanation="Hændelsen er ikke gyldig JSON.",
            remedy="Send den igen som JSON.",
            refused_at=datetime.now(UTC),
        )

    made = Service("redaction", settings)
    made.consumes(topics.FEEDBACK_GIVEN, publishes=topics.CASE_EVENT_REFUSED, rejects=refuse)(
        pass_on
    )
    refusals = Reader(settings, topics.CASE_EVENT_REFUSED, "storaadal", since="earliest")
    async with made, refusals:
        await send_raw(producer, b"{")
        (event,) = await first(refusals)
    assert event.data.event_id == "1"


async def test_an_answer_that_cannot_be_made_does_not_keep_a_record_from_the_dead_letters(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    def stumble(rejected: Rejected) -> Payload | None:
        raise KeyError(rejected.code)

    made = Service("redaction", settings)
    made.consumes(topics.FEEDBACK_GIVEN, publishes=topics.CASE_EVENT_REFUSED, rejects=stumble)(
        pass_on
    )
    async with made:
        await send_raw(producer, b"{")
        (letter,) = await dead_letters(settings, 1)
    assert header(letter, "dlq-code") == "not_json"


async def test_a_dependency_that_is_away_makes_its_case_wait_and_loses_nothing(
    settings: BusSettings,
) -> None:
    attempts = 0

    async def away_twice(event: Event[FeedbackGiven]) -> Payload:
        nonlocal attempts
        attempts += 1
        if attempts <= 2:
            raise Transient("vault")
        return redacted(event.data)

    async with service(settings, away_twice), reading(settings) as outputs:
        await publish(settings, feedback("først"), feedback("så"))
        events = await first(outputs, 2)
    assert [event.data.comment for event in events] == ["først", "så"]
    assert attempts == 4


async def test_what_a_handler_calls_poison_is_a_dead_letter_at_once(settings: BusSettings) -> None:
    async def poison(event: Event[FeedbackGiven]) -> Payload:
        raise Poison("script_unknown", "the text is not in the Latin alphabet")

    async with service(settings, poison):
        await publish(settings, feedback())
        (letter,) = await dead_letters(settings, 1)
    assert header(letter, "dlq-code") == "script_unknown"
    assert header(letter, "dlq-attempts") == "1"


async def test_a_handler_that_fails_gets_three_attempts_and_its_message_is_not_repeated(
    settings: BusSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    async def fail(event: Event[FeedbackGiven]) -> Payload:
        raise KeyError(event.data.comment)

    async with service(settings, fail):
        await publish(settings, feedback(MARK))
        (letter,) = await dead_letters(settings, 1)
    assert header(letter, "dlq-code") == "unexpected"
    assert header(letter, "dlq-attempts") == "3"
    assert "KeyError at" in header(letter, "dlq-detail")
    assert MARK not in str(letter.headers)
    out, err = capfd.readouterr()
    assert MARK not in out + err


async def test_a_service_stops_rather_than_pour_everything_into_its_dead_letters(
    settings: BusSettings,
) -> None:
    async def poison(event: Event[FeedbackGiven]) -> Payload:
        raise Poison("always")

    few = settings.model_copy(update={"dead_letters_in_a_row": 2})
    async with service(few, poison) as running:
        await publish(settings, *(feedback() for _ in range(4)))
        with pytest.raises(BusError, match="2 events in a row became dead letters"):
            await asyncio.wait_for(running.failed(), 10)
        assert running.health.not_live()
    assert len(await dead_letters(settings, 2)) == 2


async def test_a_restart_goes_on_where_effects_were_confirmed(settings: BusSettings) -> None:
    handled: list[str] = []

    async def note(event: Event[FeedbackGiven]) -> Payload:
        handled.append(event.data.comment)
        return redacted(event.data)

    async with service(settings, note), reading(settings) as outputs:
        await publish(settings, feedback("før"))
        await first(outputs)
    await publish(settings, feedback("efter"))
    async with service(settings, note), reading(settings) as outputs:
        await first(outputs, 2)
    assert handled == ["før", "efter"]


async def test_a_new_place_reads_a_topic_from_its_beginning(settings: BusSettings) -> None:
    await publish(settings, feedback())
    for outputs_so_far, place in enumerate(("", "2"), start=1):
        made = Service("redaction", settings)
        made.keeps_place(topics.FEEDBACK_GIVEN, place)
        made.consumes(topics.FEEDBACK_GIVEN, publishes=topics.FEEDBACK_REDACTED)(pass_on)
        async with made, reading(settings) as outputs:
            assert len(await first(outputs, outputs_so_far)) == outputs_so_far


async def test_a_null_value_deletes_and_passes_on_as_a_null_value(settings: BusSettings) -> None:
    document = DocumentRef(tenant="faelles", document_id="partshoering")
    made = Service("redaction", settings)

    @made.deletes(topics.KNOWLEDGE_INGESTED, publishes=topics.KNOWLEDGE_REDACTED)
    async def on_deleted(event: Event[Tombstone]) -> Payload:
        return event.data

    async with made, Publisher(settings, "sidemand/ingestion") as publisher:
        sent = await publisher.publish(topics.KNOWLEDGE_INGESTED, Tombstone(document=document))
        (record,) = await records(settings, topics.KNOWLEDGE_REDACTED.name)
    assert record.value is None
    assert record.key == b"faelles|partshoering"
    assert header(record, "ce_time") == sent.time.isoformat(), "the moment of the deletion itself"


async def test_a_large_body_goes_by_the_object_store_and_comes_back_whole(
    settings: BusSettings,
) -> None:
    large = KnowledgeIngested(
        document=DocumentRef(tenant="faelles", document_id="stor"),
        version=1,
        title="Stor",
        valid_from=datetime(2026, 1, 1, tzinfo=UTC).date(),
        published_at=datetime.now(UTC),
        text="å" * 300_000,
        sections=(),
    )
    made = Service("redaction", settings)

    @made.consumes(topics.KNOWLEDGE_INGESTED, publishes=topics.KNOWLEDGE_REDACTED)
    async def on_document(event: Event[KnowledgeIngested]) -> Payload:
        return KnowledgeRedacted(**event.data.model_dump())

    outputs = Reader(settings, topics.KNOWLEDGE_REDACTED, since="earliest")
    async with made, outputs, Publisher(settings, "sidemand/ingestion") as publisher:
        await publisher.publish(topics.KNOWLEDGE_INGESTED, large)
        (event,) = await first(outputs)
        (record,) = await records(settings, topics.KNOWLEDGE_REDACTED.name)
    assert event.data.text == large.text
    assert record.value == b"{}"
