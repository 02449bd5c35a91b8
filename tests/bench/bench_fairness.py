"""What a flood of one tenant does to a quiet one: p95 of the quiet tenant with and without it.

    python -m tests.bench.bench_fairness [--seconds 20] [--quiet 2] [--works await cpu] [--seed 1]

One process works on a topic that all tenants share, eight events at a time: 20 ms that others can
use (400 a second at most), or 5 ms of CPU (less than 200 a second). A quiet tenant publishes so
many events a second, each in a case of its own. The flood is steady, at one and a half times what
the process can do, or comes as bursts of 2,000 at once. Wanted: p95 with the flood ≤ 2 × p95
without. Writes build/bench/fairness.json.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sidemand.bus import BusSettings, Publisher
from sidemand.bus.provisioning import create_topics
from sidemand.observability import configure_logs
from sidemand.testing.servers import Unavailable, kafka_server

from .feedback import REDACTED, STORAADAL, VESTERHEDE, publish_all, redacted
from .measuring import machine, percentiles, table, until, until_true, write
from .steady_crew import SteadyCrew, steady_crew

QUIET, LOUD = VESTERHEDE, STORAADAL
MANY: Final = 2**40
FLOODED_CASES: Final = 200
BURST: Final = 2_000
WARM_UP: Final = 500
"""Events before the first time is taken, of the loud tenant."""
PATIENCE: Final = 120.0


@dataclass(frozen=True)
class Work:
    """What each event takes, and how many a second flood the process with it."""

    how: str
    flood_per_second: float


WORKS: Final = {"await": Work("await 0.02", 600), "cpu": Work("cpu 0.005", 300)}
FLOODS: Final = ("none", "steady", "bursts")


@dataclass(frozen=True)
class Wanted:
    """What is measured."""

    seconds: float
    quiet: float
    works: Sequence[str]
    seed: int


class Tenants:
    """Publishes for both tenants; every event has a number of its own."""

    def __init__(self, publisher: Publisher, seed: int) -> None:
        self._publisher = publisher
        self._numbers = random.Random(seed)
        self._next = 0
        self.published: set[int] = set()

    def numbers(self, count: int) -> list[int]:
        """Numbers that were not there before."""
        taken = list(range(self._next, self._next + count))
        self._next += count
        self.published.update(taken)
        return taken

    async def be_quiet(self, per_second: float, seconds: float) -> None:
        """Publish now and then, at moments that nothing can be in step with."""
        began = time.monotonic()
        for number, taken in enumerate(self.numbers(round(per_second * seconds))):
            await until(began + (number + self._numbers.random()) / per_second)
            await self._publisher.publish(REDACTED, redacted(QUIET, taken, MANY))

    async def flood(self, per_second: float, seconds: float) -> None:
        """Publish much, ten times a second."""
        began = time.monotonic()
        for number in range(round(seconds * 10)):
            await until(began + number / 10)
            await self._pour(round(per_second / 10))

    async def burst(self, crew: SteadyCrew, seconds: float) -> None:
        """Publish 2,000 at once, and the next when these are finished."""
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            await self._pour(BURST)
            with suppress(TimeoutError):
                left = max(0.0, began + seconds - time.monotonic())
                await until_true(lambda: self._left(crew) <= BURST // 10, left)

    async def until_finished(self, crew: SteadyCrew) -> None:
        """Wait until everything that was published is finished."""
        await until_true(lambda: not self._left(crew), PATIENCE)

    def _left(self, crew: SteadyCrew) -> int:
        return len(self.published) - len(crew.finished())

    async def _pour(self, count: int) -> None:
        numbers = self.numbers(count)
        events = (redacted(LOUD, number, FLOODED_CASES) for number in numbers)
        await publish_all(self._publisher, REDACTED, events)


async def under(
    flood: str, work: Work, crew: SteadyCrew, tenants: Tenants, wanted: Wanted
) -> dict[str, float]:
    """The quiet tenant's times under one kind of flood."""
    before = len(crew.waited(QUIET)), len(crew.waited(LOUD))
    crew.works(work.how)
    quiet = tenants.be_quiet(wanted.quiet, wanted.seconds)
    match flood:
        case "steady":
            await asyncio.gather(quiet, tenants.flood(work.flood_per_second, wanted.seconds))
        case "bursts":
            await asyncio.gather(quiet, tenants.burst(crew, wanted.seconds))
        case _:
            await quiet
    done = len(crew.waited(LOUD)) - before[1]
    published = before[0] + round(wanted.quiet * wanted.seconds)
    await until_true(lambda: len(crew.waited(QUIET)) >= published, PATIENCE)
    crew.works("await 0")
    await tenants.until_finished(crew)
    figures = percentiles(crew.waited(QUIET)[before[0] :])
    return {**figures, "flood_per_second": round(done / wanted.seconds)}


async def measure(bus: BusSettings, wanted: Wanted, folder: Path) -> dict[str, object]:
    """All floods with all kinds of work."""
    await create_topics(bus, [STORAADAL, VESTERHEDE])
    found: dict[str, object] = {}
    with steady_crew(bus, folder) as crew:
        async with Publisher(bus, "sidemand/redaction") as publisher:
            tenants = Tenants(publisher, wanted.seed)
            await tenants.flood(WARM_UP, 1)
            await tenants.until_finished(crew)
            for name in wanted.works:
                figures = {
                    flood: await under(flood, WORKS[name], crew, tenants, wanted)
                    for flood in FLOODS
                }
                ratios = {
                    flood: round(figures[flood]["p95_ms"] / figures["none"]["p95_ms"], 2)
                    for flood in FLOODS[1:]
                }
                found[name] = {**figures, "ratios_of_p95": ratios}
                show(name, figures, ratios)
    return found


def show(name: str, figures: dict[str, dict[str, float]], ratios: dict[str, float]) -> None:
    """Print what one kind of work gave."""
    print(f"quiet tenant, {WORKS[name].how} s an event")
    keys = ("p50_ms", "p95_ms", "p99_ms", "count", "flood_per_second")
    table(
        ("flood", *keys, "p95 × quiet"),
        [
            (flood, *(each[key] for key in keys), ratios.get(flood, 1.0))
            for flood, each in figures.items()
        ],
    )


def main() -> None:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of each flood")
    parser.add_argument("--quiet", type=float, default=2, help="quiet events a second")
    parser.add_argument("--works", nargs="+", choices=WORKS, default=list(WORKS))
    parser.add_argument("--seed", type=int, default=1)
    wanted = Wanted(**vars(parser.parse_args()))
    configure_logs("WARNING", "console")
    about = machine()
    try:
        with kafka_server() as kafka, tempfile.TemporaryDirectory() as folder:
            bus = BusSettings(kafka=kafka.bootstrap, objects=f"file://{folder}/objects")
            figures = asyncio.run(measure(bus, wanted, Path(folder)))
            about = {"servers": [str(kafka)], "machine": about, "seed": wanted.seed}
            write("fairness", {"works": figures, "seconds": wanted.seconds, **about})
    except Unavailable as reason:
        raise SystemExit(f"not measured: {reason}") from None


if __name__ == "__main__":
    main()
