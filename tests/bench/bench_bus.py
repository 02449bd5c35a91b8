"""What a hop of the bus costs: consume, validate, publish, commit, against aiokafka alone.

    python -m tests.bench.bench_bus [--events 10000] [--turns 5] [--processes 1 2 4]

Both run as processes on one Kafka and read the same events of about 1 kB, in turns: both are
stopped while the events are published, and go on one after the other, so neither measures its
start, its rebalance, or the publishing. The medians of the turns count. Writes
build/bench/bus.json: `bare_per_second`, `hop_per_second` and `ratio` of one process each, and of
every count of processes the CPU time of an event too.
"""

import argparse
import asyncio
import signal
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sidemand.bus import BusSettings, Publisher
from sidemand.bus.provisioning import create_topics
from sidemand.observability import configure_logs
from sidemand.testing.servers import Unavailable, kafka_server

from .feedback import GIVEN, REDACTED, STORAADAL, Counting, counting, given, publish_all
from .hop import ASSIGNED, WAY
from .measuring import machine, table, write
from .members import Member, at_work, cpu_seconds

CASES = 300
WAYS = ("bare", "sidemand")
SESSION_MS = 300_000
"""A member is stopped while the other way has its turn, and stays in its group."""
NO_BORDER = "1000000000"
"""Nobody reads what the hop publishes, so it would be held at the border for what waits inside."""


@dataclass(frozen=True)
class Wanted:
    """What is measured."""

    events: int
    turns: int
    processes: Sequence[int]


@dataclass
class Turns:
    """What the turns of one way gave."""

    per_second: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """Medians, and the range of the throughput."""
        return {
            "per_second": round(statistics.median(self.per_second)),
            "slowest": round(min(self.per_second)),
            "fastest": round(max(self.per_second)),
            "cpu_us_per_event": round(statistics.median(self.cpu_us)),
        }


def crew(way: str, count: int, bus: BusSettings, folder: Path) -> list[Member]:
    """So many processes of one way, in one consumer group."""
    environment = {
        WAY: way,
        "SIDEMAND_KAFKA": bus.kafka,
        "SIDEMAND_OBJECTS": bus.objects,
        "SIDEMAND_SESSION_TIMEOUT_MS": str(SESSION_MS),
        "SIDEMAND_MOST_INSIDE": NO_BORDER,
        "SIDEMAND_STUCK_SECONDS": "600",
    }
    names = [f"{way}-{count}-{number}" for number in range(count)]
    return [
        Member(name, "tests.bench.hop", {**environment, ASSIGNED: str(folder / name)}, folder)
        for name in names
    ]


def is_ready(member: Member) -> bool:
    """Bare aiokafka has no health port: it leaves a file."""
    if member.environment[WAY] == "bare":
        return Path(member.environment[ASSIGNED]).exists()
    return member.answers("/ready")


def tell(members: Sequence[Member], number: signal.Signals) -> None:
    """Send a signal to all of them."""
    for member in members:
        member.running.send_signal(number)


async def turn(members: Sequence[Member], events: int, published: Counting, turns: Turns) -> None:
    """Let these go on until they have published all events."""
    before, cpu = await published.now(), cpu_seconds(members)
    tell(members, signal.SIGCONT)
    began = time.perf_counter()
    await published.reach(before + events, 300)
    turns.per_second.append(events / (time.perf_counter() - began))
    await asyncio.sleep(0.5)  # until the last commit, so that its CPU time counts
    turns.cpu_us.append((cpu_seconds(members) - cpu) / events * 1e6)
    tell(members, signal.SIGSTOP)


async def compare(bus: BusSettings, wanted: Wanted, count: int, folder: Path) -> dict[str, Turns]:
    """All turns of both ways with so many processes each."""
    crews = {way: crew(way, count, bus, folder) for way in WAYS}
    turns = {way: Turns() for way in WAYS}
    everybody = [member for members in crews.values() for member in members]
    with ExitStack() as running:
        running.enter_context(at_work(everybody, is_ready))
        async with (
            Publisher(bus, "postsag") as publisher,
            counting(bus, REDACTED, STORAADAL) as published,
        ):
            await warm_up(publisher, published)
            tell(everybody, signal.SIGSTOP)
            for number in range(wanted.turns):
                events = (given(n, CASES) for n in range(wanted.events))
                await publish_all(publisher, GIVEN, events)
                for way in WAYS if number % 2 == 0 else WAYS[::-1]:
                    await turn(crews[way], wanted.events, published, turns[way])
    return turns


async def warm_up(publisher: Publisher, published: Counting) -> None:
    """A few events through both, on every partition, before the first turn."""
    before = await published.now()
    await publish_all(publisher, GIVEN, (given(n, CASES) for n in range(1000)))
    await published.reach(before + 1000 * len(WAYS), 120)


async def measure(bus: BusSettings, wanted: Wanted, folder: Path) -> dict[str, object]:
    """Compare with every count of processes."""
    await create_topics(bus, [STORAADAL])
    found = {}
    for count in wanted.processes:
        turns = await compare(bus, wanted, count, folder)
        bare, hop = (turns[way].figures() for way in WAYS)
        found[count] = {
            "bare": bare,
            "hop": hop,
            "ratio": round(hop["per_second"] / bare["per_second"], 3),
            "ratio_of_cpu": round(bare["cpu_us_per_event"] / hop["cpu_us_per_event"], 3),
        }
        table(
            ("processes", "way", "a second", "slowest", "fastest", "µs of CPU an event"),
            [(count, "aiokafka", *bare.values()), (count, "Sidemand", *hop.values())],
        )
        print(f"with {count}: {found[count]['ratio']:.0%} of bare aiokafka\n", flush=True)
    first = found[wanted.processes[0]]
    return {
        "bare_per_second": first["bare"]["per_second"],  # type: ignore[index]
        "hop_per_second": first["hop"]["per_second"],  # type: ignore[index]
        "ratio": first["ratio"],
        "processes": found,
        "events": wanted.events,
        "turns": wanted.turns,
    }


def main() -> None:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="in each turn")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4])
    arguments = parser.parse_args()
    wanted = Wanted(arguments.events, arguments.turns, arguments.processes)
    configure_logs("WARNING", "console")
    about = machine()
    try:
        with kafka_server() as kafka, tempfile.TemporaryDirectory() as folder:
            bus = BusSettings(kafka=kafka.bootstrap, objects=f"file://{folder}/objects")
            figures = asyncio.run(measure(bus, wanted, Path(folder)))
            write("bus", {**figures, "servers": [str(kafka)], "machine": about})
    except Unavailable as reason:
        raise SystemExit(f"not measured: {reason}") from None


if __name__ == "__main__":
    main()
