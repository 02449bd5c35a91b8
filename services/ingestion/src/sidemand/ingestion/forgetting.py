"""How long the ledger knows an event, and how it forgets the older ones.

It knows an event for as long as Kafka may still bring it: until the event itself is gone from its
topic, or became a dead letter that was redriven on its last day, and then its second stay is over.
After that only its sender could bring it again. It would go through as new, under the ids that it
had, and what its id stood for before is not known any more.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

from sidemand.bus import Service
from sidemand.bus.errors import Transient
from sidemand.ingestion.ports import Ledger
from sidemand.observability import failure, get_logger
from sidemand.schemas.kafka_topics import DEAD_LETTER_RETENTION
from sidemand.schemas.topics import CASE_EVENT_PUBLISHED

_IN_KAFKA: Final = CASE_EVENT_PUBLISHED.retention
assert _IN_KAFKA is not None, "events that stay for ever would have to be known for ever"
_MARGIN: Final = timedelta(days=10)
"""Kafka deletes whole segments some time after they are due, and a platform may keep them longer
for a while."""
KNOWN_FOR: Final = 2 * _IN_KAFKA + DEAD_LETTER_RETENTION + _MARGIN
"""Thirty days, from when an event was let through last."""

_BATCH: Final = 1_000
"""Events in a transaction: others wait for no more than this."""
_EVERY: Final = timedelta(hours=1)


async def forget_old_events(ledger: Ledger, now: datetime) -> int:
    """Forget the events that Kafka cannot bring again; say how many. Raises `Transient`."""
    gone = 0
    while batch := await ledger.forget(before=now - KNOWN_FOR, most=_BATCH):
        gone += batch
    return gone


class Forgetting:
    """Lets a ledger forget once an hour. Several members may do so at the same time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._log = get_logger("ingestion")
        self._running: asyncio.Task[None] | None = None

    def live_with(self, service: Service) -> None:
        """Begin when `service` starts and end before it stops; the ledger is open meanwhile."""
        service.on_start(self._start)
        service.on_stop(self._stop)

    async def _start(self) -> None:
        self._running = asyncio.create_task(self._regularly())

    async def _stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    async def _regularly(self) -> None:
        while True:
            await self._once()
            await asyncio.sleep(_EVERY.total_seconds())

    async def _once(self) -> None:
        try:
            if gone := await forget_old_events(self._ledger, datetime.now(UTC)):
                self._log.info("forgotten", count=gone)
        except Transient as away:
            self._log.warning("waiting", reason=away.reason)
        except Exception as error:  # noqa: BLE001 - the next hour may do better, and events go on
            self._log.error("failed", **failure(error))
