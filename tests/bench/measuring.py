"""What every measurement needs: percentiles, the machine it was made on, and a file of figures."""

import asyncio
import json
import math
import os
import platform
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
SAMPLES: Final = ROOT / "samples"
SHARED: Final = Path(os.environ.get("SIDEMAND_SHARED", ROOT.parent / "shared"))
_LOOK_EVERY: Final = 0.05
_LIBRARIES: Final = ("aiokafka", "faststream", "pydantic", "uvloop")

Figures = Mapping[str, object]


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 and the largest, in milliseconds, and how many there were. NaN of none."""
    ordered = sorted(seconds)

    def at(share: float) -> float:
        if not ordered:
            return math.nan
        return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)] * 1000, 1)

    return {
        "p50_ms": at(0.5),
        "p95_ms": at(0.95),
        "p99_ms": at(0.99),
        "max_ms": at(1),
        "count": len(ordered),
    }


def machine() -> dict[str, object]:
    """What the figures were measured on; a load far from 0 before the start makes them doubtful."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "load_before": [round(each, 2) for each in os.getloadavg()],
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((each.partition(":")[2].strip() for each in lines if "model name" in each), "")


def write(name: str, figures: Figures) -> Path:
    """Write `build/bench/NAME.json`."""
    path = ROOT / "build" / "bench" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    print(f"written to {path.relative_to(ROOT)}")
    return path


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under headings, in columns."""
    written = [[_cell(each) for each in row] for row in (headings, *rows)]
    widths = [max(len(row[column]) for row in written) for column in range(len(headings))]
    for row in written:
        print("  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)))
    print(flush=True)


def _cell(value: object) -> str:
    return f"{value:,.3g}" if isinstance(value, float) and abs(value) < 100 else _long(value)


def _long(value: object) -> str:
    return f"{value:,.0f}" if isinstance(value, float) else str(value)


async def until_true(condition: Callable[[], bool], seconds: float) -> None:
    """Wait until a condition holds, which nobody tells of. Raises `TimeoutError`."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - it is about other processes
            await asyncio.sleep(_LOOK_EVERY)


async def until(moment: float) -> None:
    """Wait for a moment of `time.monotonic`; at once where it is over."""
    await asyncio.sleep(max(0.0, moment - time.monotonic()))
