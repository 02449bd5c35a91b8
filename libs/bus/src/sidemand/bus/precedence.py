"""Cases before a backfill: while a service has cases in hand, its knowledge lane makes way.

Knowledge may come by the million, and every event of it takes processor, index and Kafka from the
cases that come meanwhile. Lanes never wait for each other in a queue, so what is left to give way
is how many documents are handled at once, and how soon the next follows.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from sidemand.bus.circuit import Circuit
from sidemand.bus.decoding import Record
from sidemand.bus.settings import BusSettings
from sidemand.bus.turns import Turns
from sidemand.schemas.identity import Payload
from sidemand.schemas.topics import Topic

Handle = Callable[[Record, asyncio.Event], Awaitable[None]]

QUIET_SECONDS: Final = 10.0
"""After a case for so long another is expected."""
LONGEST_REST: Final = 0.1
"""Seconds; a document that took longer waited for something, and used nothing meanwhile."""


class Precedence:
    """Of one service: knows whether cases come."""

    def __init__(self, settings: BusSettings, quiet_seconds: float = QUIET_SECONDS) -> None:
        self._settings = settings
        self._quiet_seconds = quiet_seconds
        self._cases_in_hand = 0
        self._last_case_at = -quiet_seconds

    def turns(self, topic: Topic[Payload], circuit: Circuit) -> Turns:
        """The turns of a subscription to `topic`, whose dependencies `circuit` looks after."""
        if topic.lane == "casework":
            return Turns(lambda: circuit.at_once(self._settings.concurrency))
        return Turns(lambda: circuit.at_once(self._of_knowledge), self.rest_of_knowledge)

    def noted(self, topic: Topic[Payload], handle: Handle) -> Handle:
        """`handle`, such that the knowledge lane hears of the cases that it is given."""
        if topic.lane != "casework":
            return handle

        async def noting(record: Record, leaving: asyncio.Event) -> None:
            self._cases_in_hand += 1
            try:
                await handle(record, leaving)
            finally:
                self._cases_in_hand -= 1
                self._last_case_at = time.monotonic()

        return noting

    def rest_of_knowledge(self, seconds: float) -> float:
        """How many seconds pass before the next document, after one that took so many."""
        return min(seconds, LONGEST_REST) if self._cases_come else 0.0

    @property
    def _cases_come(self) -> bool:
        return bool(self._cases_in_hand) or self._seconds_since_a_case < self._quiet_seconds

    @property
    def _seconds_since_a_case(self) -> float:
        return time.monotonic() - self._last_case_at

    @property
    def _of_knowledge(self) -> int:
        settings = self._settings
        return settings.concurrency_beside_cases if self._cases_come else settings.concurrency
