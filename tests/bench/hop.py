"""The same hop twice, as a process: `python -m tests.bench.hop` with BENCH_WAY=bare or sidemand.

Consume feedback, publish it again, commit: with aiokafka alone, or through a service, which
validates, keeps the order of each case and writes envelopes.
"""

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from sidemand.bus import BusSettings, Event, Service, run
from sidemand.schemas.casework import FeedbackRedacted
from sidemand.schemas.raw import FeedbackGiven

from .feedback import GIVEN, REDACTED, STORAADAL

WAY: Final = "BENCH_WAY"
ASSIGNED: Final = "BENCH_ASSIGNED"
"""The file in which bare aiokafka says that it has partitions; a service says so at its port."""
GROUP: Final = "bare"
_COMMIT_EVERY: Final = 0.2


class _Assigned(ConsumerRebalanceListener):
    def __init__(self, file: Path) -> None:
        self._file = file

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        self._file.unlink(missing_ok=True)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        if assigned:
            self._file.touch()


async def bare(bus: BusSettings) -> None:
    """With aiokafka alone, as the bus sets it: batches, lingering, compression, commits."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bus.kafka,
        group_id=GROUP,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=bus.session_timeout_ms,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=bus.kafka,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_batch_size=256 * 1024,
        compression_type="zstd",
    )
    consumer.subscribe([GIVEN.of(STORAADAL)], listener=_Assigned(Path(os.environ[ASSIGNED])))
    async with consumer, producer:
        committed = time.monotonic()
        is_due = False
        while True:
            fetched = await consumer.getmany(timeout_ms=200, max_records=200)
            batch = [record for records in fetched.values() for record in records]
            sends = [
                await producer.send(REDACTED.name, r.value, key=r.key, headers=list(r.headers))
                for r in batch
            ]
            await asyncio.gather(*sends)
            is_due = is_due or bool(batch)
            if is_due and time.monotonic() - committed >= _COMMIT_EVERY:
                await consumer.commit()
                committed, is_due = time.monotonic(), False


def sidemand() -> Service:
    """Through a service."""
    service = Service("redaction", BusSettings())

    @service.consumes(GIVEN, publishes=REDACTED)
    async def on_feedback(event: Event[FeedbackGiven]) -> FeedbackRedacted:
        data = event.data
        return FeedbackRedacted(
            case=data.case,
            suggestion_id=data.suggestion_id,
            revision=data.revision,
            verdict=data.verdict,
            comment=data.comment,
            given_at=data.given_at,
        )

    return service


if __name__ == "__main__":
    if os.environ[WAY] == "bare":
        with suppress(asyncio.CancelledError):
            uvloop.run(bare(BusSettings()))
    else:
        run(sidemand)
