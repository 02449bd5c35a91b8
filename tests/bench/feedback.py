"""Small events to work with: feedback on suggestions, each in a case of some tenant."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from sidemand.bus import BusSettings, Publisher
from sidemand.schemas import topics
from sidemand.schemas.casework import FeedbackRedacted
from sidemand.schemas.identity import CaseRef, Payload
from sidemand.schemas.raw import FeedbackGiven
from sidemand.schemas.topics import Topic

STORAADAL: Final = "storaadal"
VESTERHEDE: Final = "vesterhede"
_AT_ONCE: Final = 500
_SENTENCE: Final = "Borgeren har ret til aktindsigt efter forvaltningsloven. "


def given(number: int, cases: int) -> FeedbackGiven:
    """About 1 kB, raw: the `number`th event, in one of `cases` cases."""
    return FeedbackGiven(
        case=CaseRef(tenant=STORAADAL, case_id=uuid.UUID(int=number % cases)),
        suggestion_id=uuid.UUID(int=number),
        revision=1,
        verdict="edited",
        comment=_SENTENCE * 14,
        given_at=datetime(2026, 5, 4, tzinfo=UTC),
    )


def given_now(tenant: str, number: int, cases: int) -> FeedbackGiven:
    """The same from any tenant, given now."""
    case = CaseRef(tenant=tenant, case_id=uuid.UUID(int=number % cases))
    return given(number, cases).model_copy(update={"case": case, "given_at": datetime.now(UTC)})


def redacted(tenant: str, number: int, cases: int, comment: str = "Brugt.") -> FeedbackRedacted:
    """The `number`th event of a tenant on a topic that all tenants share, given now."""
    return FeedbackRedacted(
        case=CaseRef(tenant=tenant, case_id=uuid.UUID(int=number % cases)),
        suggestion_id=uuid.UUID(int=number),
        revision=1,
        verdict="used",
        comment=comment,
        given_at=datetime.now(UTC),
    )


def letters(numbers: random.Random, count: int) -> str:
    """Text that hardly compresses."""
    return numbers.randbytes(count // 2).hex()


async def publish_all(
    publisher: Publisher, topic: Topic[Payload], payloads: Iterable[Payload]
) -> None:
    """Publish as fast as Kafka takes them."""
    waiting: list[Payload] = []
    for payload in payloads:
        waiting.append(payload)
        if len(waiting) == _AT_ONCE:
            await _publish(publisher, topic, waiting)
            waiting.clear()
    await _publish(publisher, topic, waiting)


async def _publish(
    publisher: Publisher, topic: Topic[Payload], payloads: Sequence[Payload]
) -> None:
    await asyncio.gather(*(publisher.publish(topic, each) for each in payloads))


class Counting:
    """Counts the events of a topic, without reading them."""

    def __init__(self, consumer: AIOKafkaConsumer, name: str, partitions: int) -> None:
        self._consumer = consumer
        self._partitions = [TopicPartition(name, number) for number in range(partitions)]

    async def now(self) -> int:
        """How many there are."""
        return sum((await self._consumer.end_offsets(self._partitions)).values())

    async def reach(self, events: int, seconds: float) -> None:
        """Wait until there are so many. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while await self.now() < events:  # noqa: ASYNC110 - Kafka tells nobody
                await asyncio.sleep(0.02)


@asynccontextmanager
async def counting(bus: BusSettings, topic: Topic[Payload], tenant: str) -> AsyncIterator[Counting]:
    """Count the events of `topic` for the length of the block."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bus.kafka, enable_auto_commit=False)
    async with consumer:
        yield Counting(consumer, topic.of(tenant), topic.partitions)


GIVEN: Final = topics.FEEDBACK_GIVEN
REDACTED: Final = topics.FEEDBACK_REDACTED
