"""How long a caseworker waits: from a case event to its suggestions, and how many pass a second.

    python -m tests.bench.bench_suggestions [--rates 5 20 50] [--processes 1 2 4] [--events 200]
        [--seconds 15]

The five services run as processes, so many of each, on Kafka, Weaviate and PostgreSQL with the
samples' guidance. Of each rate come as many events as `--seconds` of it, at most `--events`; where
the processes do not keep up, the times are those of a queue, and what they reach says more. Writes
build/bench/suggestions.json.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sidemand.observability import configure_logs
from sidemand.testing.servers import Unavailable

from .house import Desk, House, Pace, house, load_guidance
from .measuring import machine, table, write
from .members import Member

WARM_UP = Pace(per_second=2, count=10, patience=60)


@dataclass(frozen=True)
class Wanted:
    """What is measured."""

    rates: Sequence[float]
    processes: Sequence[int]
    events: int
    seconds: float
    patience: float


async def at_all_rates(
    home: House, members: Sequence[Member], wanted: Wanted
) -> list[dict[str, object]]:
    """One rate after the other, each after the last suggestion of the one before."""
    found = []
    async with Desk(home.bus) as desk:
        await desk.work(WARM_UP, members)
        for rate in wanted.rates:
            count = max(1, min(wanted.events, round(rate * wanted.seconds)))
            found.append(await desk.work(Pace(rate, count, wanted.patience), members))
    return found


def measure(home: House, wanted: Wanted) -> dict[str, object]:
    """Every count of processes at every rate."""
    found: dict[str, object] = {}
    for number, count in enumerate(wanted.processes):
        with home.at_work(count) as members:
            if number == 0:
                asyncio.run(load_guidance(home.bus))
            figures = asyncio.run(at_all_rates(home, members, wanted))
        found[str(count)] = figures
        keys = ("wanted_per_second", "reached_per_second", "p50_ms", "p95_ms", "p99_ms")
        rest = ("missing", "cpu_ms_per_event", "cores_used")
        print(f"{count} of each service: case event → suggestion")
        table((*keys, *rest), [[each[key] for key in (*keys, *rest)] for each in figures])
    return found


def main() -> None:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=float, nargs="+", default=[5, 20, 50])
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4], help="of each")
    parser.add_argument("--events", type=int, default=200, help="of one rate, at most")
    parser.add_argument("--seconds", type=float, default=15, help="of one rate, at most")
    parser.add_argument("--patience", type=float, default=120, help="for the last suggestion")
    wanted = Wanted(**vars(parser.parse_args()))
    configure_logs("ERROR", "console")
    about = machine()
    try:
        with house() as home:
            figures = measure(home, wanted)
            write("suggestions", {"processes": figures, "servers": home.servers, "machine": about})
    except Unavailable as reason:
        raise SystemExit(f"not measured: {reason}") from None


if __name__ == "__main__":
    main()
