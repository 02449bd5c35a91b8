"""What a quiet tenant waits while another one floods the system.

    python tests/bench/bench_fairness.py [--flood 5000] [--seconds 40]

Two services on a real Kafka, in one process: redaction takes feedback from the tenants' own topics
and passes it on, generation takes it from the topic that all tenants share and works on it. The
quiet tenant sends one event a second; in the second half another process pours a flood into the
other tenant's topic. Measured is from the quiet tenant's publishing to the end of the work, for
work that waits (as for a language model) and work that computes. Writes build/bench/fairness.json.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from sidemand.bus import BusSettings, Event, Publisher, Service
from sidemand.bus.provisioning import create_topics
from sidemand.observability import configure_logs
from sidemand.schemas import topics
from sidemand.schemas.casework import FeedbackRedacted
from sidemand.schemas.identity import CaseRef
from sidemand.schemas.raw import FeedbackGiven
from sidemand.testing.servers import Unavailable, kafka_server

LOUD, QUIET = "storaadal", "vesterhede"
GIVEN, REDACTED = topics.FEEDBACK_GIVEN, topics.FEEDBACK_REDACTED
RESULT = Path(__file__).parents[2] / "build" / "bench" / "fairness.json"
WAITS_SECONDS, COMPUTES_SECONDS = 0.1, 0.005

Work = Callable[[], Awaitable[None]]


async def wait() -> None:
    """As for a language model."""
    await asyncio.sleep(WAITS_SECONDS)


async def compute() -> None:
    """As for a tagger."""
    end = time.thread_time() + COMPUTES_SECONDS
    while time.thread_time() < end:
        pass


def feedback(tenant: str, number: int) -> FeedbackGiven:
    return FeedbackGiven(
        case=CaseRef(tenant=tenant, case_id=uuid.UUID(int=number)),
        suggestion_id=uuid.UUID(int=1),
        revision=1,
        verdict="edited",
        comment="Borgeren har ret til aktindsigt efter forvaltningsloven. " * 14,
        given_at=datetime.now(UTC),
    )


async def pour(bus: BusSettings, events: int) -> None:
    """Publish the flood, as fast as Kafka takes it."""
    async with Publisher(bus, "larm") as publisher:
        for first in range(0, events, 200):
            numbers = range(first, min(first + 200, events))
            await asyncio.gather(
                *(publisher.publish(GIVEN, feedback(LOUD, number)) for number in numbers)
            )


class Seen:
    """What the last service has finished."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.seconds: list[float] = []
        """Of the quiet tenant's events, from publishing to the end of the work."""
        self.of_the_flood = 0

    async def handle(self, event: Event[FeedbackRedacted]) -> None:
        await self._work()
        if event.data.tenant == QUIET:
            self.seconds.append((datetime.now(UTC) - event.data.given_at).total_seconds())
        else:
            self.of_the_flood += 1


async def redact(event: Event[FeedbackGiven]) -> FeedbackRedacted:
    return FeedbackRedacted(**event.data.model_dump())


def services(bus: BusSettings, seen: Seen) -> tuple[Service, Service]:
    border, inner = Service("redaction", bus), Service("generation", bus)
    border.consumes(GIVEN, publishes=REDACTED)(redact)
    inner.consumes(REDACTED)(seen.handle)
    return border, inner


async def quietly(publisher: Publisher, seen: Seen, events: int) -> list[float]:
    """Publish one event a second, and wait for all of them."""
    already = len(seen.seconds)
    for number in range(events):
        await publisher.publish(GIVEN, feedback(QUIET, number))
        await asyncio.sleep(1)
    async with asyncio.timeout(600):
        while len(seen.seconds) < already + events:  # noqa: ASYNC110 - it is in the services
            await asyncio.sleep(0.05)
    return seen.seconds[already:]


def spread(seconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    return {"p50": round(cuts[9], 3), "p95": round(cuts[18], 3), "max": round(max(seconds), 3)}


async def measure(kafka: str, work: Work, events: int, seconds: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        bus = BusSettings(kafka=kafka, objects=f"file://{folder}")
        seen = Seen(work)
        async with AsyncExitStack() as stack:
            for service in services(bus, seen):
                await stack.enter_async_context(service)
            publisher = await stack.enter_async_context(Publisher(bus, "stille"))
            await quietly(publisher, seen, 5)  # warm
            without = await quietly(publisher, seen, seconds)
            began = time.monotonic()
            flood = await asyncio.create_subprocess_exec(
                sys.executable, __file__, "--pour", kafka, str(events)
            )
            try:
                with_flood = await quietly(publisher, seen, seconds)
            finally:
                await flood.wait()
            left = events - seen.of_the_flood
            a_second = seen.of_the_flood / (time.monotonic() - began)
    return {
        "without": spread(without),
        "with": spread(with_flood),
        "ratio_p95": round(spread(with_flood)["p95"] / spread(without)["p95"], 2),
        "flood_handled_per_second": round(a_second),
        "flood_left_at_the_end": left,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flood", type=int, default=5_000)
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--pour", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    configure_logs("CRITICAL", "console")
    if arguments.pour:
        kafka, events = arguments.pour
        uvloop.run(pour(BusSettings(kafka=kafka), int(events)))
        return
    result: dict[str, object] = {"flood": arguments.flood, "seconds": arguments.seconds}
    for name, work in (("waits", wait), ("computes", compute)):
        try:
            with kafka_server() as kafka:
                uvloop.run(create_topics(BusSettings(kafka=kafka.bootstrap), [LOUD, QUIET]))
                result[name] = uvloop.run(
                    measure(kafka.bootstrap, work, arguments.flood, arguments.seconds)
                )
                result["kafka"] = str(kafka)
        except Unavailable as reason:
            raise SystemExit(f"not measured: {reason}") from None
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
