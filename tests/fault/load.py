"""The load: numbered events of many cases, one after the other within each."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sidemand.bus import Publisher, Transient

from .numbered import GIVEN, Numbered

CASES: Final = 200
_WORKERS: Final = 20
_LARGE_ONE_IN: Final = 50
_BETWEEN_TRIES: Final = 0.2


@dataclass
class Load:
    """Publishes until it has had enough; knows what Kafka has acknowledged."""

    publisher: Publisher
    rate: float
    """Events a second, over all cases."""
    chance: random.Random
    channels: Sequence[str | None] = (None,)
    """What senders say more than today's contract has, by chance; see `Numbered`."""
    acknowledged: list[Numbered] = field(default_factory=list)
    _published: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    _enough: int | None = None

    async def run(self) -> None:
        """Publish until `enough` was said and so many are acknowledged."""
        await asyncio.gather(*(self._work(first) for first in range(_WORKERS)))

    def enough(self, events: int) -> None:
        """Go on without pauses to this number of events, then end."""
        self._enough = events

    @property
    def event_ids(self) -> list[str]:
        """What is acknowledged so far."""
        return [each.event_id for each in self.acknowledged]

    async def _work(self, worker: int) -> None:
        """Publish for every twentieth case, so that no two do for the same."""
        while self._enough is None or len(self.acknowledged) < self._enough:
            case = self.chance.randrange(worker, CASES, _WORKERS)
            self._published[case] += 1
            large = self.chance.randrange(_LARGE_ONE_IN) == 0
            channel = self.chance.choice(self.channels)
            numbered = Numbered(case, self._published[case], large=large, channel=channel)
            await self._publish(numbered)
            if self._enough is None:
                await asyncio.sleep(self.chance.expovariate(self.rate / _WORKERS))

    async def _publish(self, numbered: Numbered) -> None:
        """Publish as a case system does: until it works."""
        while True:
            try:
                await self.publisher.publish(GIVEN, numbered.payload(), event_id=numbered.event_id)
            except Transient:  # the object store is away
                await asyncio.sleep(_BETWEEN_TRIES)
            else:
                self.acknowledged.append(numbered)
                return
