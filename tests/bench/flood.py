"""Pours a flood of one tenant: `python -m tests.bench.flood`, with BENCH_FLOOD=`600 25`.

Two numbers: events a second, and for how many seconds. A process of its own, so that it takes no
time from whoever publishes quietly.
"""

import os
import time
from typing import Final

import uvloop
from sidemand.bus import BusSettings, Publisher

from .feedback import GIVEN, STORAADAL, given_now, publish_all
from .measuring import until

FLOOD: Final = "BENCH_FLOOD"
LOUD: Final = STORAADAL
_CASES: Final = 200


async def pour(per_second: float, seconds: float) -> None:
    """Publish ten times a second; what takes longer is made up for."""
    began = time.monotonic()
    number = 0
    async with Publisher(BusSettings(), "larm") as publisher:
        while number < per_second * seconds:
            await until(began + number / per_second)
            batch = range(number, number + max(1, round(per_second / 10)))
            await publish_all(publisher, GIVEN, (given_now(LOUD, n, _CASES) for n in batch))
            number = batch.stop


if __name__ == "__main__":
    uvloop.run(pour(*map(float, os.environ[FLOOD].split())))
