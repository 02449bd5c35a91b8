"""What too much work does: memory and group under a tenfold overload, live cases under a backfill.

    python -m tests.bench.bench_backpressure [--parts overload backfill] [--seconds 45]
        [--documents 44000] [--backfill-seconds 60]
        [--live-events 30] [--law FILE] [--processes 1] [--seed 1]

overload: two processes of one service get ten times as many events of 8 kB as they can work on,
for `--seconds`. Wanted: memory flat once they have taken up what they may, no member out of its
group, every event finished once. Then the work gets quick, so that the rest is done soon.

backfill: the five services answer one case event a second, without and with a load of so many
provisions, which is watched for `--backfill-seconds` and then given up. Wanted: p95 ≤ 1 s.

Writes build/bench/backpressure.json.
"""

import argparse
import asyncio
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sidemand.bus import BusSettings, Publisher
from sidemand.bus.provisioning import create_topics
from sidemand.client import Progress, Sidemand, knowledge_at
from sidemand.observability import configure_logs
from sidemand.schemas.identity import SHARED_TENANT
from sidemand.testing.servers import Unavailable, kafka_server

from .feedback import REDACTED, STORAADAL, letters, publish_all, redacted
from .house import Desk, House, Pace, house, load_guidance
from .measuring import SHARED, machine, table, until, until_true, write
from .members import Member
from .steady_crew import SteadyCrew, steady_crew

PROCESSES: Final = 2
WORK: Final = "await 0.2"
CAPACITY: Final = PROCESSES * 8 / 0.2
"""Events a second that two processes can work on, eight at a time each."""
OVERLOAD: Final = 10
CASES: Final = 2_000
CHARACTERS: Final = 8_000
"""Of each event: so much that what is taken up ahead (48 MB a process) is soon full."""
LIVE_PATIENCE: Final = 60.0
PATIENCE: Final = 300.0
WARM_UP: Final = 1_000
MANY: Final = 2**40
"""From here on are the numbers of the events to warm up with."""


@dataclass(frozen=True)
class Wanted:
    """What is measured."""

    parts: Sequence[str]
    seconds: float
    documents: int
    backfill_seconds: float
    live_events: int
    law: Path
    processes: int
    seed: int


class Memory:
    """Samples of the resident memory of processes, once a second."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = members
        self.samples: list[tuple[float, list[float]]] = []

    async def watch(self) -> None:
        """Look until cancelled."""
        began = time.monotonic()
        for second in itertools.count():
            await until(began + second)
            resident = [round(member.resident_mb, 1) for member in self._members]
            self.samples.append((round(time.monotonic() - began, 1), resident))

    def figures(self, seconds: float) -> dict[str, object]:
        """Of the largest process over the overload: beginning, peak, slope of its last third."""
        largest = [(at, max(resident)) for at, resident in self.samples if at <= seconds]
        third = [each for each in largest if each[0] >= seconds * 2 / 3]
        slope = statistics.linear_regression(*zip(*third, strict=True)).slope
        return {
            "first_mb": largest[0][1],
            "peak_mb": max(mb for _, mb in largest),
            "slope_mb_per_minute": round(slope * 60, 1),
            "samples": self.samples,
        }


async def overload(bus: BusSettings, wanted: Wanted, folder: Path) -> dict[str, object]:
    """Ten times as much as two processes can do."""
    await create_topics(bus, [STORAADAL])
    numbers = random.Random(wanted.seed)
    with steady_crew(bus, folder, PROCESSES) as crew:
        async with Publisher(bus, "sidemand/redaction") as publisher:
            await warm_up(publisher, crew)
            rebalances = [member.metric("sidemand_rebalances_total") for member in crew.members]
            crew.works(WORK)
            memory = Memory(crew.members)
            watching = asyncio.create_task(memory.watch())
            began, count = time.monotonic(), 0
            while time.monotonic() < began + wanted.seconds:
                batch = range(count, count + round(CAPACITY * OVERLOAD / 10))
                text = letters(numbers, CHARACTERS)
                events = (redacted(STORAADAL, n, CASES, text) for n in batch)
                await publish_all(publisher, REDACTED, events)
                count = batch.stop
                await until(began + count / (CAPACITY * OVERLOAD))
            seconds = time.monotonic() - began
            done = len(crew.finished()) - WARM_UP
            crew.works("await 0")
            await until_finished(crew, count)
            watching.cancel()
            after = [member.metric("sidemand_rebalances_total") for member in crew.members]
    finished = crew.finished()
    return {
        "offered_per_second": round(count / seconds),
        "worked_per_second": round(done / seconds),
        "events": count,
        "lost": len(set(range(count)) - finished.keys()),
        "finished_more_than_once": sum(times > 1 for n, times in finished.items() if n < MANY),
        "rebalances": sum(after) - sum(rebalances),
        "memory": memory.figures(seconds),
    }


async def warm_up(publisher: Publisher, crew: SteadyCrew) -> None:
    """A few events on every partition, so that memory begins where it stays without a flood."""
    events = [redacted(STORAADAL, MANY + n, CASES) for n in range(WARM_UP)]
    await publish_all(publisher, REDACTED, events)
    await until_true(lambda: len(crew.finished()) >= len(events), PATIENCE)


async def until_finished(crew: SteadyCrew, count: int) -> None:
    """Wait until all are finished, or it is clear that some are lost."""
    with suppress(TimeoutError):
        await until_true(lambda: len(crew.finished()) >= count + WARM_UP, PATIENCE)


async def backfill(home: House, members: Sequence[Member], wanted: Wanted) -> dict[str, object]:
    """Live case events without and with a load of knowledge."""
    await load_guidance(home.bus)
    async with Desk(home.bus) as desk:
        live = Pace(per_second=1, count=wanted.live_events, patience=LIVE_PATIENCE)
        await desk.work(live, members)
        without = await desk.work(live, members)
        progress: list[Progress] = []
        loading = asyncio.create_task(load(home.bus, wanted, progress))
        began = time.monotonic()
        await until_true(lambda: bool(progress) or loading.done(), PATIENCE)
        if loading.done():
            loading.result()  # raises what made it fail
        pace = Pace(live.per_second, round(wanted.backfill_seconds), LIVE_PATIENCE)
        during = await desk.work(pace, members)
        seconds = time.monotonic() - began
        loading.cancel()
        with suppress(asyncio.CancelledError):
            await loading
    return {
        "live_without": without,
        "live_during": during,
        "documents_published": wanted.documents,
        "documents_per_second": round(progress[-1].settled / seconds, 1),
        "was_under_way": progress[-1].settled < wanted.documents,
    }


async def load(bus: BusSettings, wanted: Wanted, progress: list[Progress]) -> None:
    """Load law, as an editor does."""
    law = itertools.islice(knowledge_at(wanted.law, SHARED_TENANT), wanted.documents)
    async with Sidemand(bus, tenant=SHARED_TENANT, source="redaktion") as editor:
        await editor.load(law, progress=progress.append, patience=PATIENCE)


def show_overload(figures: dict[str, object]) -> None:
    """Print what the overload gave."""
    memory = figures["memory"]
    assert isinstance(memory, dict)
    print(
        f"{OVERLOAD}× overload: {figures['offered_per_second']} events a second offered, "
        f"{figures['worked_per_second']} worked on; of {figures['events']} {figures['lost']} lost, "
        f"{figures['finished_more_than_once']} more than once, {figures['rebalances']:g} "
        f"rebalances; memory {memory['first_mb']} MB at first, {memory['peak_mb']} MB at most, "
        f"{memory['slope_mb_per_minute']} MB a minute in the last third\n",
        flush=True,
    )


def show_backfill(figures: dict[str, object]) -> None:
    """Print what the backfill did to live cases."""
    print(f"live cases; backfill of {figures['documents_per_second']} provisions a second")
    keys = ("p50_ms", "p95_ms", "p99_ms", "events", "missing", "cores_used")
    rows = []
    for name in ("live_without", "live_during"):
        live = figures[name]
        assert isinstance(live, dict)
        rows.append((name, *(live[key] for key in keys)))
    table(("", *keys), rows)


def measure_overload(wanted: Wanted) -> dict[str, object]:
    """Start Kafka, and overload."""
    with kafka_server() as kafka, tempfile.TemporaryDirectory() as folder:
        bus = BusSettings(kafka=kafka.bootstrap, objects=f"file://{folder}/objects")
        figures = asyncio.run(overload(bus, wanted, Path(folder)))
        show_overload(figures)
        return {**figures, "servers": [str(kafka)]}


def measure_backfill(wanted: Wanted) -> dict[str, object]:
    """Start the five services, and load."""
    if not wanted.law.exists():
        return {"not_measured": f"no {wanted.law.name}: name a file with --law"}
    with house() as home, home.at_work(wanted.processes) as members:
        figures = asyncio.run(backfill(home, members, wanted))
        show_backfill(figures)
        return {**figures, "processes_of_each": wanted.processes, "servers": home.servers}


PARTS: Final = {"overload": measure_overload, "backfill": measure_backfill}


def main() -> None:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seconds", type=float, default=45, help="of the overload")
    parser.add_argument("--documents", type=int, default=44_000, help="provisions to load")
    parser.add_argument("--backfill-seconds", type=float, default=60)
    parser.add_argument("--live-events", type=int, default=30, help="before the backfill, twice")
    parser.add_argument("--law", type=Path, default=SHARED / "data/law/all_newest.jsonl.gz")
    parser.add_argument("--processes", type=int, default=1, help="of each of the five services")
    parser.add_argument("--seed", type=int, default=1)
    wanted = Wanted(**vars(parser.parse_args()))
    configure_logs("ERROR", "console")
    about = machine()
    try:
        figures = {part: PARTS[part](wanted) for part in wanted.parts}
    except Unavailable as reason:
        raise SystemExit(f"not measured: {reason}") from None
    write("backpressure", {**figures, "machine": about, "seed": wanted.seed})


if __name__ == "__main__":
    main()
