"""What a hop of the bus costs: consume, validate, publish, commit, against aiokafka alone.

    python tests/bench/bench_bus.py [events]

Both read the same events of about 1 kB from a real Kafka and write as many, in turns, on the same
machine; the best of the turns counts. Writes build/bench/bus.json: `bare_per_second`,
`hop_per_second`, `ratio`, and what was measured.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from sidemand.bus import BusSettings, Event, Publisher, Service
from sidemand.bus.decoding import Record
from sidemand.bus.provisioning import create_topics
from sidemand.observability import configure_logs
from sidemand.schemas import topics
from sidemand.schemas.casework import FeedbackRedacted
from sidemand.schemas.identity import CaseRef
from sidemand.schemas.raw import FeedbackGiven
from sidemand.testing.servers import KafkaServer, Unavailable, kafka_server

TENANT = "storaadal"
GIVEN, REDACTED = topics.FEEDBACK_GIVEN, topics.FEEDBACK_REDACTED
CASES = 300
TURNS = 3
RESULT = Path(__file__).parents[2] / "build" / "bench" / "bus.json"


def feedback(number: int) -> FeedbackGiven:
    return FeedbackGiven(
        case=CaseRef(tenant=TENANT, case_id=uuid.UUID(int=number % CASES)),
        suggestion_id=uuid.UUID(int=number),
        revision=1,
        verdict="edited",
        comment="Borgeren har ret til aktindsigt efter forvaltningsloven. " * 14,
        given_at=datetime(2026, 5, 4, tzinfo=UTC),
    )


async def publish(bus: BusSettings, events: int) -> None:
    """Put the events there that both read next; each has its own group."""
    async with Publisher(bus, "postsag") as publisher:
        for first in range(0, events, 500):
            await asyncio.gather(
                *(publisher.publish(GIVEN, feedback(n)) for n in range(first, first + 500))
            )


async def batches(consumer: AIOKafkaConsumer, events: int) -> AsyncIterator[list[Record]]:
    """Fetch as the bus does, until all events were there."""
    seen = 0
    while seen < events:
        fetched = await consumer.getmany(timeout_ms=10, max_records=200)
        batch: list[Record] = [record for records in fetched.values() for record in records]
        seen += len(batch)
        if batch:
            yield batch


async def bare(bus: BusSettings, events: int) -> float:
    """Consume, produce and commit with aiokafka alone; events a second."""
    consumer = AIOKafkaConsumer(
        GIVEN.of(TENANT),
        bootstrap_servers=bus.kafka,
        group_id="bare",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=bus.kafka,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_batch_size=256 * 1024,
        compression_type="zstd",
    )
    async with consumer, producer:
        began = 0.0
        async for batch in batches(consumer, events):
            began = began or time.perf_counter()
            sends = [
                await producer.send(REDACTED.name, r.value, key=r.key, headers=list(r.headers))
                for r in batch
            ]
            await asyncio.gather(*sends)
            await consumer.commit()
        return events / (time.perf_counter() - began)


async def hop(bus: BusSettings, events: int) -> float:
    """The same through a service, with validation, order per key and envelopes."""
    began, handled, done = 0.0, 0, asyncio.Event()
    service = Service("redaction", bus)

    @service.consumes(GIVEN, publishes=REDACTED)
    async def on_feedback(event: Event[FeedbackGiven]) -> FeedbackRedacted:
        nonlocal began, handled
        began = began or time.perf_counter()
        handled += 1
        if handled == events:
            done.set()
        data = event.data
        return FeedbackRedacted(
            case=data.case,
            suggestion_id=data.suggestion_id,
            revision=data.revision,
            verdict=data.verdict,
            comment=data.comment,
            given_at=data.given_at,
        )

    async with service:
        await done.wait()
        for lane in service.health.lanes.values():
            await lane.stop()  # the last effects, and the commit
        return events / (time.perf_counter() - began)


async def measure(kafka: KafkaServer, events: int, folder: str) -> dict[str, object]:
    bus = BusSettings(kafka=kafka.bootstrap, objects=f"file://{folder}")
    await create_topics(bus, [TENANT])
    bares, hops = [], []
    for _ in range(TURNS):
        await publish(bus, events)
        bares.append(await bare(bus, events))
        hops.append(await hop(bus, events))
    return {
        "bare_per_second": round(max(bares)),
        "hop_per_second": round(max(hops)),
        "ratio": round(max(hops) / max(bares), 3),
        "ratio_of_medians": round(statistics.median(hops) / statistics.median(bares), 3),
        "events": events,
        "turns": TURNS,
        "kafka": str(kafka),
    }


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    configure_logs("WARNING", "console")
    try:
        with kafka_server() as kafka, tempfile.TemporaryDirectory() as folder:
            result = asyncio.run(measure(kafka, events, folder))
    except Unavailable as reason:
        raise SystemExit(f"not measured: {reason}") from None
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
