"""What a flood of one tenant does to a quiet one: p95 of the quiet tenant with and without it.

    python -m tests.bench.bench_fairness [--seconds 45] [--quiet 4] [--works await cpu] [--seed 1]

Events go from the tenants' own topics through one process, the border, into a topic that all
tenants share, and there another process works on each: 20 ms that others can use, eight events at
a time, or 5 ms of CPU, one at a time, since more would share the same processor. A quiet tenant
publishes so many events a second, each in a case of its own. A third process pours the flood: for
as long, twice what the work allows. Wanted: p95 with the flood ≤ 2 × p95 without. Writes
build/bench/fairness.json.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from sidemand.bus import BusSettings, Publisher
from sidemand.bus.provisioning import create_topics
from sidemand.observability import configure_logs
from sidemand.testing.servers import Unavailable, kafka_server

from .feedback import GIVEN, STORAADAL, VESTERHEDE, given_now
from .flood import FLOOD, LOUD
from .hop import WAY
from .measuring import machine, percentiles, table, until, until_true, write
from .members import Member, at_work
from .steady_crew import SteadyCrew, steady_crew

QUIET: Final = VESTERHEDE
MANY: Final = 2**40
WARM_UP: Final = 10
"""Quiet events before the first time is taken."""
PATIENCE: Final = 300.0


@dataclass(frozen=True)
class Work:
    """What each event takes, how many are worked on at once, and how many a second flood it."""

    how: str
    at_once: int
    flood_per_second: float


WORKS: Final = {"await": Work("await 0.02", 8, 800), "cpu": Work("cpu 0.005", 1, 400)}


@dataclass(frozen=True)
class Wanted:
    """What is measured."""

    seconds: float
    quiet: float
    works: Sequence[str]
    seed: int


@dataclass
class Bench:
    """The place where it is measured."""

    bus: BusSettings
    folder: Path
    publisher: Publisher
    crew: SteadyCrew
    numbers: random.Random

    async def be_quiet(self, events: int, per_second: float) -> dict[str, float]:
        """Publish now and then, at moments that nothing can be in step with; what it took."""
        already = len(self.crew.waited(QUIET))
        began = time.monotonic()
        for number in range(events):
            await until(began + (number + self.numbers.random()) / per_second)
            event = given_now(QUIET, already + number, MANY)
            await self.publisher.publish(GIVEN, event)
        await until_true(lambda: len(self.crew.waited(QUIET)) >= already + events, PATIENCE)
        return percentiles(self.crew.waited(QUIET)[already:])

    def flood(self, work: Work, seconds: float) -> Member:
        """The process that pours it."""
        how = f"{work.flood_per_second} {seconds}"
        environment = {"SIDEMAND_KAFKA": self.bus.kafka, "SIDEMAND_OBJECTS": self.bus.objects}
        return Member("flood", "tests.bench.flood", {**environment, FLOOD: how}, self.folder)


async def measure(bus: BusSettings, wanted: Wanted, folder: Path) -> dict[str, object]:
    """With and without the flood, for all kinds of work."""
    await create_topics(bus, [STORAADAL, VESTERHEDE])
    environment = {"SIDEMAND_KAFKA": bus.kafka, "SIDEMAND_OBJECTS": bus.objects, WAY: "sidemand"}
    found: dict[str, object] = {}
    async with Publisher(bus, "postsag") as publisher:
        border = Member("border", "tests.bench.hop", environment, folder)
        with at_work([border]):
            for name in wanted.works:
                own = folder / name
                own.mkdir()
                at_once = bus.model_copy(update={"concurrency": WORKS[name].at_once})
                with steady_crew(at_once, own) as crew:
                    bench = Bench(bus, own, publisher, crew, random.Random(wanted.seed))
                    found[name] = await with_and_without(bench, name, wanted)
                    crew.works("await 0")
                    everybody = (border, *crew.members)
                    await until_true(partial(are_idle, everybody), PATIENCE)
    return found


def are_idle(members: Sequence[Member]) -> bool:
    """Whether nothing waits for them, and nothing is in hand."""
    figures = ("sidemand_lag_events", "sidemand_unfinished_events")
    return not any(member.metric(each) for member in members for each in figures)


async def with_and_without(bench: Bench, name: str, wanted: Wanted) -> dict[str, object]:
    """The quiet tenant's times without a flood, and with it."""
    work, events = WORKS[name], round(wanted.quiet * wanted.seconds)
    bench.crew.works(work.how)
    await bench.be_quiet(WARM_UP, wanted.quiet)
    figures: dict[str, dict[str, float]] = {}
    for which in ("without", "with"):
        before = len(bench.crew.waited(LOUD))
        pouring = at_work([bench.flood(work, wanted.seconds)], lambda _: True)
        with pouring if which == "with" else nullcontext():
            figures[which] = await bench.be_quiet(events, wanted.quiet)
        handled = len(bench.crew.waited(LOUD)) - before
        figures[which]["flood_per_second"] = round(handled / wanted.seconds)
    ratio = round(figures["with"]["p95_ms"] / figures["without"]["p95_ms"], 2)
    print(f"quiet tenant, {work.how} s an event, {work.at_once} at once")
    keys = ("p50_ms", "p95_ms", "p99_ms", "max_ms", "count", "flood_per_second")
    table(
        ("flood", *keys), [(which, *(each[key] for key in keys)) for which, each in figures.items()]
    )
    print(f"p95 with the flood: {ratio} times the one without\n")
    return {**figures, "ratio_of_p95": ratio}


def main() -> None:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=45, help="with and without the flood")
    parser.add_argument("--quiet", type=float, default=4, help="quiet events a second")
    parser.add_argument("--works", nargs="+", choices=WORKS, default=list(WORKS))
    parser.add_argument("--seed", type=int, default=1)
    wanted = Wanted(**vars(parser.parse_args()))
    configure_logs("CRITICAL", "console")
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
