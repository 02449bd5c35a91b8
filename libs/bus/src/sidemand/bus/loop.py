"""The event loop of a process."""

import gc
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import uvloop

T = TypeVar("T")

_COLLECT_AFTER: Final = (10_000, 20, 20)
"""Thresholds of Python's collector of cyclic garbage: ours makes little of it.

By default (700, 10, 10) it goes through all that a process holds every few thousand events, at a
tenth of a hop's processor time.
"""


def run_loop(job: Coroutine[Any, Any, T]) -> T:
    """Run `job` as all that this process does."""
    gc.set_threshold(*_COLLECT_AFTER)
    return uvloop.run(job)
