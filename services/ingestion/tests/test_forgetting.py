"""How long ingestion's ledger knows an event."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sidemand.ingestion.deliveries import Delivery
from sidemand.ingestion.forgetting import KNOWN_FOR, forget_old_events
from sidemand.ingestion.ports import Ledger
from sidemand.schemas.identity import CaseRef
from sidemand.schemas.kafka_topics import kafka_topics
from sidemand.schemas.topics import CASE_EVENT_PUBLISHED

FIRST = Delivery(
    case=CaseRef(tenant="storaadal", case_id=uuid.UUID(int=7)),
    source="postsag",
    event_id="1",
    content_sha256="a" * 64,
    position="published/3/10",
)
AGAIN = replace(FIRST, position="published/3/11")


def test_an_event_is_known_for_as_long_as_kafka_may_bring_it() -> None:
    # Kafka deletes an event once the segment is closed that it stands in, and due as a whole.
    stays = {
        topic.name: timedelta(
            milliseconds=int(topic.config["retention.ms"]) + int(topic.config["segment.ms"])
        )
        for topic in kafka_topics(["storaadal"])
        if topic.config["cleanup.policy"] == "delete"
    }
    published = stays[CASE_EVENT_PUBLISHED.of("storaadal")]
    dead_letter = stays[CASE_EVENT_PUBLISHED.dead_letters("ingestion")]

    assert published + dead_letter + published < KNOWN_FOR


async def test_an_event_is_forgotten_only_when_its_time_is_over(memory_ledger: Ledger) -> None:
    await memory_ledger.remember(FIRST)
    last_moment = datetime.now(UTC) + KNOWN_FOR

    assert await forget_old_events(memory_ledger, last_moment - timedelta(minutes=1)) == 0
    assert await memory_ledger.remember(AGAIN) == "redelivery"
    assert await forget_old_events(memory_ledger, last_moment + timedelta(minutes=1)) == 1
    assert await memory_ledger.remember(AGAIN) == "new"


async def test_all_that_is_old_is_forgotten_in_as_many_steps_as_it_takes(
    memory_ledger: Ledger,
) -> None:
    for number in range(2_500):
        await memory_ledger.remember(replace(FIRST, event_id=str(number)))

    assert await forget_old_events(memory_ledger, datetime.now(UTC) + 2 * KNOWN_FOR) == 2_500
