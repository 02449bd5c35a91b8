"""The five services as processes, so many of each, on Kafka, Weaviate and PostgreSQL."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from sidemand.bus import BusSettings
from sidemand.bus.provisioning import create_topics
from sidemand.client import CaseEvent, LoadReport, Sidemand, SuggestionChanged, knowledge_at
from sidemand.schemas.identity import SHARED_TENANT, CaseRef
from sidemand.standalone.demo.show import TENANTS
from sidemand.standalone.demo.stage import SampleCase, read_samples
from sidemand.testing.processes import SERVICES, environment_of_five, index_on
from sidemand.testing.servers import kafka_server, postgres_server, weaviate_server

from .measuring import SAMPLES, percentiles, until, until_true
from .members import Member, at_work, cpu_seconds

TENANT: Final = "storaadal"


@dataclass(frozen=True)
class House:
    """The servers, without services yet."""

    bus: BusSettings
    folder: Path
    environment: Mapping[str, str]
    servers: Sequence[str]

    @contextmanager
    def at_work(self, of_each: int) -> Iterator[list[Member]]:
        """So many processes of each service, ready, until the block ends."""
        members = [
            Member(f"{service}-{number}", f"sidemand.{service}", self.environment, self.folder)
            for service in SERVICES
            for number in range(of_each)
        ]
        with ExitStack() as running:
            # The first of each alone: it makes the tables and the keys.
            running.enter_context(at_work([each for each in members if each.name.endswith("-0")]))
            running.enter_context(at_work([m for m in members if not m.name.endswith("-0")]))
            yield members


@contextmanager
def house(tenants: Sequence[str] = TENANTS) -> Iterator[House]:
    """Start the servers and make the topics. Raises `Unavailable` where one cannot run."""
    with ExitStack() as running:
        kafka = running.enter_context(kafka_server())
        weaviate = running.enter_context(weaviate_server())
        postgres = running.enter_context(postgres_server())
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="sidemand-bench-")))
        bus = BusSettings(kafka=kafka.bootstrap, objects=f"file://{folder / 'objects'}")
        asyncio.run(create_topics(bus, list(tenants)))
        environment = environment_of_five(bus, postgres.create_database(), SAMPLES, folder)
        environment |= index_on(weaviate, "Bench")
        yield House(bus, folder, environment, [str(kafka), str(weaviate), str(postgres)])


async def load_guidance(bus: BusSettings) -> LoadReport:
    """Load the guidance of the samples."""
    async with Sidemand(bus, tenant=SHARED_TENANT, source="redaktion") as editor:
        return await editor.load(knowledge_at(SAMPLES / "guidance", SHARED_TENANT), patience=180)


def answerable() -> list[SampleCase]:
    """The sample cases that a suggestion comes for, of one tenant."""
    return [
        each
        for each in read_samples(SAMPLES / "cases")
        if each.expectation.outcome != "refusal" and each.event.tenant == TENANT
    ]


@dataclass(frozen=True)
class Pace:
    """How case events come."""

    per_second: float
    count: int
    patience: float
    """Seconds to wait for suggestions after the last event."""


class Desk:
    """A case system that publishes the sample cases, and takes the time to their suggestions.

    The time runs from the publication to the moment in which the case system has the suggestion.
    """

    def __init__(self, bus: BusSettings) -> None:
        self._system = Sidemand(bus, tenant=TENANT, source="bench")
        self._samples = itertools.cycle(answerable())
        self._numbers = itertools.count(1)
        self._run = int(time.time())
        self._open = AsyncExitStack()
        self._cases: set[CaseRef] = set()
        self._waited: list[float] = []
        self._last = 0.0

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self._system)
        following = await self._open.enter_async_context(self._system.suggestions())
        reading = asyncio.create_task(self._read(following.__aiter__()))
        self._open.callback(reading.cancel)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def work(self, pace: Pace, members: Sequence[Member]) -> dict[str, object]:
        """Publish at `pace`, and give the times of the suggestions and the CPU time of all."""
        self._waited.clear()
        self._cases.clear()  # what comes too late belongs to nobody
        cpu, began, expected = cpu_seconds(members), time.monotonic(), 0
        for number in range(pace.count):
            event = self._next()
            self._cases.add(event.case)
            expected += len(set(event.requests))
            await until(began + number / pace.per_second)
            await self._system.publish(event)
        published = time.monotonic()
        with suppress(TimeoutError):
            await until_true(lambda: len(self._waited) >= expected, pace.patience)
        seconds = max(self._last - began, 1e-9)
        used = cpu_seconds(members) - cpu
        return {
            "wanted_per_second": pace.per_second,
            "published_per_second": round(pace.count / (published - began), 2),
            "reached_per_second": round(pace.count * len(self._waited) / expected / seconds, 2),
            "events": pace.count,
            "suggestions": len(self._waited),
            "missing": expected - len(self._waited),
            **percentiles(self._waited),
            "cpu_ms_per_event": round(used / pace.count * 1000),
            "cores_used": round(used / (time.monotonic() - began), 2),
        }

    def _next(self) -> CaseEvent:
        """The next sample's event in a case of its own."""
        sample = next(self._samples)
        case = self._system.case(f"{self._run}-{sample.name}-{next(self._numbers)}")
        return sample.event.model_copy(update={"case": case, "occurred_at": datetime.now(UTC)})

    async def _read(self, suggestions: AsyncIterator[SuggestionChanged]) -> None:
        async for changed in suggestions:
            if changed.suggestion.state == "created" and changed.case in self._cases:
                self._waited.append((datetime.now(UTC) - changed.published_at).total_seconds())
                self._last = time.monotonic()
