"""The one way from a Kafka record to an event: whatever stands in the record, it is an answer."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import pytest
from aiokafka import ConsumerRecord
from hypothesis import given, settings
from hypothesis import strategies as st
from sidemand.bus.decoding import Record, Rejected, decode
from sidemand.schemas import topics
from sidemand.schemas.envelope import Event
from sidemand.schemas.identity import CaseRef, Payload
from sidemand.schemas.raw import FeedbackGiven
from sidemand.schemas.topics import Topic
from sidemand.storage import ClaimStore, Objects

CLAIMS = ClaimStore(Objects.at("memory://"))
CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=7))
BODY = (
    FeedbackGiven(
        case=CASE,
        suggestion_id=uuid.UUID(int=1),
        revision=1,
        verdict="used",
        given_at=datetime(2026, 5, 4, tzinfo=UTC),
    )
    .model_dump_json()
    .encode()
)
HEADERS = {
    "ce_id": b"1",
    "ce_source": b"postsag",
    "ce_type": topics.FEEDBACK_GIVEN.name.encode(),
    "ce_time": b"2026-05-04T10:00:00+02:00",
}


@dataclass(frozen=True)
class Sent:
    """What a producer can put into a record."""

    key: bytes | None = CASE.key.encode()
    value: bytes | None = BODY
    headers: tuple[tuple[str, bytes | None], ...] = tuple(HEADERS.items())

    def on(self, topic: Topic[Payload]) -> Record:
        return ConsumerRecord(
            topic=topic.of("storaadal"),
            partition=0,
            offset=3,
            timestamp=0,
            timestamp_type=0,
            key=self.key,
            value=self.value,
            checksum=None,
            serialized_key_size=0,
            serialized_value_size=0,
            headers=cast("tuple[tuple[str, bytes], ...]", self.headers),  # null values do come
        )


def with_headers(**changed: bytes | None) -> Sent:
    return Sent(headers=tuple({**HEADERS, **changed}.items()))


async def decoded(sent: Sent, topic: Topic[Payload] = topics.FEEDBACK_GIVEN) -> object:
    return await decode(sent.on(topic), topic, CLAIMS)


names = st.sampled_from([*HEADERS, "ce_tenant", "ce_dataref", "replay-of", "traceparent", "andet"])
anything = st.builds(
    Sent,
    key=st.one_of(st.none(), st.binary(max_size=60), st.just(CASE.key.encode())),
    value=st.one_of(st.none(), st.binary(max_size=200), st.just(BODY)),
    headers=st.lists(
        st.tuples(names, st.one_of(st.none(), st.binary(max_size=80))), max_size=8
    ).map(lambda extra: (*HEADERS.items(), *extra)),
)


@settings(max_examples=50)
@given(sent=anything, topic=st.sampled_from([topics.FEEDBACK_GIVEN, topics.KNOWLEDGE_PUBLISHED]))
async def test_any_record_is_an_event_or_is_rejected_with_a_reason(
    sent: Sent, topic: Topic[Payload]
) -> None:
    answer = await decode(sent.on(topic), topic, CLAIMS)
    assert isinstance(answer, Event) or (answer.code and answer.detail)


@pytest.mark.parametrize("topic", [topics.FEEDBACK_GIVEN, topics.KNOWLEDGE_PUBLISHED])
async def test_a_key_that_ends_in_a_line_break_is_no_key(topic: Topic[Payload]) -> None:
    answer = await decoded(Sent(key=b"storaadal|partshoering\n", value=None), topic)
    assert isinstance(answer, Rejected)
    assert answer.code == "bad_key"


async def test_an_event_id_that_ends_in_a_line_break_is_not_repeated() -> None:
    answer = await decoded(with_headers(ce_id=b"1\n", ce_tenant=b"vesterhede"))
    assert isinstance(answer, Rejected)
    assert answer.event_id is None


async def test_a_trace_context_of_the_right_form_is_passed_on() -> None:
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    event = await decoded(with_headers(traceparent=traceparent.encode()))
    assert isinstance(event, Event)
    assert event.envelope.traceparent == traceparent


async def test_text_in_the_place_of_a_trace_context_goes_no_further() -> None:
    event = await decoded(with_headers(traceparent=b"Anders And, 740344-1237"))
    assert isinstance(event, Event)
    assert event.envelope.traceparent is None


async def test_the_body_of_another_event_cannot_be_claimed() -> None:
    ref = b'{"uri": "memory://else/where", "sha256": "%s", "size": 1, "media_type": "a/b"}' % (
        b"0" * 64
    )
    answer = await decoded(with_headers(ce_dataref=ref))
    assert isinstance(answer, Rejected)
    assert answer.code in {"foreign_body", "lost_body"}
