"""The event loop of a process."""

import gc
import sys
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import uvloop

T = TypeVar("T")

_COLLECT_AFTER: Final = (10_000, 20, 20)
"""Thresholds of Python's collector of cyclic garbage: ours makes little of it.

By default (700, 10, 10) it goes through all that a process holds every few thousand events, at a
tenth of a hop's processor time.
"""
_SWITCH_AFTER: Final = 0.0005
"""Seconds for which a thread that computes may keep the loop waiting for Python's lock.

By default 5 ms, at each of the dozen steps in which an event is fetched, handed on and published,
while redaction or ranking computes in a thread.
"""


def run_loop(job: Coroutine[Any, Any, T]) -> T:
    """Run `job` as all that this process does."""
    gc.set_threshold(*_COLLECT_AFTER)
    sys.setswitchinterval(_SWITCH_AFTER)
    return uvloop.run(job)
