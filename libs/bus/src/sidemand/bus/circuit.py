"""When a dependency is away, one event asks for it, and the others wait."""

import random
from typing import Final

_FIRST_WAIT: Final = 0.2
_LONGEST_WAIT: Final = 30.0
_MOST_DOUBLINGS: Final = 8
_OPENS_AFTER: Final = 5
_LONGEST_REST: Final = 5.0


def backoff(failures: int) -> float:
    """Seconds to wait after `failures` in a row: doubling, at most half a minute, with jitter."""
    doublings = min(failures - 1, _MOST_DOUBLINGS)
    return min(_FIRST_WAIT * 2.0**doublings, _LONGEST_WAIT) * random.uniform(0.5, 1.0)


class Circuit:
    """Counts failures of a dependency over all keys of a subscription.

    After five in a row it is open: attempts go one at a time, with a rest behind each, until one
    succeeds.
    """

    def __init__(self) -> None:
        self._failures = 0
        self.reason = ""
        """What was away when it was last tried."""

    @property
    def is_open(self) -> bool:
        """Whether the dependency is held to be away."""
        return self._failures >= _OPENS_AFTER

    def at_once(self, allowed: int) -> int:
        """How many attempts may be made at once, of so many that are allowed."""
        return 1 if self.is_open else allowed

    @property
    def rest(self) -> float:
        """Seconds that pass behind a failure before anybody tries again: none while it is closed,
        then doubling, at most five, so that work goes on soon after the dependency is back."""
        since_it_opened = self._failures - _OPENS_AFTER + 1
        return min(backoff(since_it_opened), _LONGEST_REST) if self.is_open else 0.0

    def failure(self, reason: str) -> None:
        """An attempt found the dependency away that `reason` names."""
        self._failures += 1
        self.reason = reason

    def success(self) -> None:
        """An attempt came through."""
        self._failures = 0
