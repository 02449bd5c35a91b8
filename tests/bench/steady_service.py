"""A service whose work is known: `python -m tests.bench.steady_service`.

It takes feedback from a topic that all tenants share and works on each event as a file says, so
that a measurement can change it: `await 0.02` is time that others can use, `cpu 0.005` is not.
Each finished event is a line in another file: its number, tenant, and seconds since it was given.
"""

import asyncio
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sidemand.bus import BusSettings, Event, Service, run
from sidemand.schemas.casework import FeedbackRedacted

from .feedback import REDACTED

WORK: Final = "BENCH_WORK"
FINISHED: Final = "BENCH_FINISHED"
SERVICE: Final = "generation"
"""Whose place it takes: the reader of that topic."""


def create() -> Service:
    """Wire it from the environment."""
    service = Service(SERVICE, BusSettings())
    finished = Path(os.environ[FINISHED]).open("a", buffering=1)  # noqa: SIM115 - as long as we run

    @service.consumes(REDACTED)
    async def on_feedback(event: Event[FeedbackRedacted]) -> None:
        kind, seconds = _work()
        if kind == "await":
            await asyncio.sleep(seconds)
        else:
            await asyncio.to_thread(_compute, seconds)  # as the services do
        data = event.data
        waited = (datetime.now(UTC) - data.given_at).total_seconds()
        finished.write(f"{data.suggestion_id.int} {data.tenant} {waited:.4f}\n")

    return service


def _work() -> tuple[str, float]:
    """What an event takes, now: a read from memory, a hundredth of a millisecond."""
    kind, seconds = Path(os.environ[WORK]).read_text().split()
    return kind, float(seconds)


def _compute(seconds: float) -> None:
    """Use so much CPU time."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


if __name__ == "__main__":
    run(create)
