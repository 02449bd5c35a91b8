"""A service that passes feedback on, and what one sees of it from outside."""

import asyncio
import urllib.error
import urllib.request
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families
from sidemand.bus import BusSettings, Event, Publisher, Service
from sidemand.bus.health import HealthServer
from sidemand.schemas import topics
from sidemand.schemas.casework import FeedbackRedacted
from sidemand.schemas.identity import CaseRef, Payload
from sidemand.schemas.raw import FeedbackGiven

GIVEN, REDACTED = topics.FEEDBACK_GIVEN, topics.FEEDBACK_REDACTED
GROUP = f"redaction.{GIVEN.name}"
TENANT = "storaadal"
PARTITIONS = 12

Handle = Callable[[Event[FeedbackGiven]], Awaitable[Payload | None]]


async def pass_on(event: Event[FeedbackGiven]) -> Payload:
    return FeedbackRedacted(**event.data.model_dump())


def passing_on(bus: BusSettings, handle: Handle = pass_on) -> Service:
    service = Service("redaction", bus)
    service.consumes(GIVEN, publishes=REDACTED)(handle)
    return service


async def publish(bus: BusSettings, events: int) -> None:
    """One event for each of so many cases."""
    async with Publisher(bus, "postsag") as publisher:
        for number in range(events):
            given = FeedbackGiven(
                case=CaseRef(tenant=TENANT, case_id=uuid.UUID(int=number)),
                suggestion_id=uuid.UUID(int=1),
                revision=1,
                verdict="used",
                given_at=datetime(2026, 5, 4, tzinfo=UTC),
            )
            await publisher.publish(GIVEN, given)


class Probes:
    """What Kubernetes and Prometheus see of a service."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def says(self, path: str) -> str:
        """The body of a probe, `ok` where it is green."""
        return (await asyncio.to_thread(_get, self._port, path)).strip()

    async def figures(self, name: str) -> dict[str, float]:
        """A metric of the service's one subscription, by what else tells its samples apart."""
        families = text_string_to_metric_families(await self.says("/metrics"))
        return {
            "".join(
                v for k, v in sample.labels.items() if k in {"partition", "code", "outcome"}
            ): sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and sample.labels.get("topic") == GIVEN.name
        }

    async def total(self, name: str) -> float:
        """A metric's sum; 0 where it says nothing."""
        return sum((await self.figures(name)).values())

    async def until(self, condition: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
        """Wait for something that one can see."""
        async with asyncio.timeout(seconds):
            while not await condition():  # noqa: ASYNC110 - a condition out there, not an event
                await asyncio.sleep(0.1)

    async def until_total(self, name: str, wanted: float) -> None:
        async def is_so() -> bool:
            return await self.total(name) == wanted

        await self.until(is_so)

    async def until_says(self, path: str, wanted: str) -> None:
        """Wait until a probe names `wanted` among its reasons."""

        async def is_so() -> bool:
            return wanted in (await self.says(path)).splitlines()

        await self.until(is_so)


@asynccontextmanager
async def probed(service: Service, bus: BusSettings) -> AsyncIterator[Probes]:
    """Run a service, ready, with its probes. It may stop by itself."""
    probes = Probes(bus.health_port)
    async with HealthServer(bus, [service.health]), service:
        await probes.until_says("/ready", "ok")
        yield probes


def _get(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return error.read().decode()
