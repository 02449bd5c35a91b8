"""The border: where tenants' own topics end, and those begin that all of them share.

What one tenant has poured into a shared topic stands before everybody's next event, and a service
can let others overtake only as far as it takes up ahead. So while much waits behind the border,
tenants share evenly what is handled there, and the rest of a flood waits where it is nobody else's,
in its tenant's topic.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Final, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from sidemand.bus.connection import connection
from sidemand.bus.consumer import lags
from sidemand.bus.settings import BusSettings
from sidemand.observability import get_logger
from sidemand.observability.metrics import WAITING_INSIDE
from sidemand.schemas.identity import Payload
from sidemand.schemas.kafka_topics import SERVICES
from sidemand.schemas.topics import ALL, Topic

_LOOK_EVERY: Final = 1.0
_PATIENCE: Final = 10.0
_LATELY: Final = 30.0
"""Seconds over which is counted what passed and what was handled."""
_OF_WHAT_IS_HANDLED: Final = 0.8
"""So much of it may follow while the border is held: what waits inside becomes less."""
_ANYWAY: Final = 60
"""Events of a tenant that pass within that time in any case: two a second, and most municipalities
have no more. So where one service handles nothing, the others go on for everybody."""
_BETWEEN_WORDS: Final = 60.0
"""Seconds between two lines in the log about a border that is held."""


class Backlog(NamedTuple):
    """Of one consumer group behind the border, in events."""

    waiting: int
    handled: int
    """Ever; what was handled meanwhile is the difference of two."""


class _Look(NamedTuple):
    at: float
    """In seconds of `time.monotonic`."""
    backlogs: Mapping[str, Backlog]
    passed: Counter[str]
    """Events by tenant until the next look."""


class Border:
    """Of one subscription to an edge topic: says whose events may pass."""

    def __init__(
        self,
        topic: Topic[Payload],
        settings: BusSettings,
        backlogs: Callable[[], Awaitable[Mapping[str, Backlog]]],
    ) -> None:
        """`backlogs` tells by consumer group what is behind the border. It raises `KafkaError`."""
        self._topic = topic
        self._partitions = settings.partitions or topic.partitions
        self._most_inside = settings.most_inside
        self._backlogs = backlogs
        self._log = get_logger("border")
        self._told_at = -_BETWEEN_WORDS
        self._inside = 0
        self._own_part = 1.0
        self._share = float(_ANYWAY)
        self._passed_lately = Counter[str]()
        self._looks = deque([_Look(time.monotonic(), {}, Counter())])

    @property
    def is_held(self) -> bool:
        """Whether so much waits inside that each tenant passes within its share."""
        return self._inside >= self._most_inside

    def assigned(self, partitions: Collection[TopicPartition]) -> None:
        """Note which partitions are ours: of what is handled inside others have their part."""
        topics = {partition.topic for partition in partitions}
        if topics:
            self._own_part = len(partitions) / (len(topics) * self._partitions)

    def may_pass(self, partition: TopicPartition) -> bool:
        """Whether more events of this partition may pass."""
        return not self.is_held or self._passed_lately[self._tenant(partition)] < self._share

    def passed(self, partition: TopicPartition, events: int) -> None:
        """Count events that have passed."""
        tenant = self._tenant(partition)
        self._looks[-1].passed[tenant] += events
        self._passed_lately[tenant] += events
        self._inside += events  # until the next look, which knows what was handled

    async def look(self) -> None:
        """Look what waits and what was handled inside, and share it among the tenants."""
        if not self._looks[-1].passed and not self.is_held:
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                backlogs = await self._backlogs()
        except (KafkaError, TimeoutError):
            backlogs = {}  # whoever cannot see holds nobody back
        self._remember(_Look(time.monotonic(), backlogs, Counter()))
        self._inside = sum(backlog.waiting for backlog in backlogs.values())
        WAITING_INSIDE.labels(self._topic.lane).set(self._inside)
        if self.is_held and time.monotonic() - self._told_at > _BETWEEN_WORDS:
            self._told_at = time.monotonic()
            self._log.warning("held", topic=self._topic.name, count=self._inside)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[Self]:
        """Look once a second until the block ends."""
        looking = asyncio.create_task(self._look_regularly())
        try:
            yield self
        finally:
            looking.cancel()
            await asyncio.wait([looking])

    async def _look_regularly(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            await self.look()

    def _remember(self, look: _Look) -> None:
        self._looks.append(look)
        while self._looks[1].at <= look.at - _LATELY:
            self._passed_lately -= self._looks.popleft().passed
        room = self._handled_lately() * _OF_WHAT_IS_HANDLED * self._own_part
        self._share = max(_ANYWAY, even_share(room, self._passed_lately.values()))

    def _handled_lately(self) -> int:
        """By the group for which most is waiting: the others can only wait for it."""
        backlogs = self._looks[-1].backlogs
        if not backlogs:
            return 0
        group, now = max(backlogs.items(), key=lambda each: each[1].waiting)
        before = next(each.backlogs[group] for each in self._looks if group in each.backlogs)
        return now.handled - before.handled

    def _tenant(self, partition: TopicPartition) -> str:
        return self._topic.tenant_of(partition.topic) or ""


def even_share(room: float, wanted: Collection[int]) -> float:
    """How much of `room` each may have, where nobody gets more than is wanted.

    What those leave that want less than others goes to the others (max-min fairness).
    """
    share = room
    for number, least in enumerate(sorted(wanted)):
        share = room / (len(wanted) - number)
        if least >= share:
            break
        room -= least
    return share


class Inside:
    """Counts what waits in the shared topics of a lane (`casework`, `knowledge`)."""

    def __init__(self, settings: BusSettings, lane: str) -> None:
        self._groups = {
            f"{service}.{topic.name}": [
                TopicPartition(topic.name, number)
                for number in range(settings.partitions or topic.partitions)
            ]
            for topic in ALL
            if topic.lane == lane and not topic.edge
            for service in topic.consumers
            if service in SERVICES
        }
        self._settings = settings
        self._clients: tuple[AIOKafkaConsumer, AIOKafkaAdminClient] | None = None

    async def backlogs(self) -> dict[str, Backlog]:
        """What waits for each service that has to handle it, and what it has handled.

        A service that has never handled any is not there, and nothing waits for it. Raises
        `KafkaError`.
        """
        consumer, admin = await self._connected()
        found = {}
        for group, own in self._groups.items():
            committed = await admin.list_consumer_group_offsets(group, partitions=own)
            handled = [at.offset for at in committed.values() if at.offset >= 0]
            if handled:
                waiting = await lags(consumer, committed)
                found[group] = Backlog(sum(waiting.values()), sum(handled))
        return found

    async def aclose(self) -> None:
        """Disconnect."""
        if self._clients is not None:
            consumer, admin = self._clients
            await consumer.stop()
            await admin.close()

    async def _connected(self) -> tuple[AIOKafkaConsumer, AIOKafkaAdminClient]:
        if self._clients is None:
            options = connection(self._settings)
            consumer, admin = AIOKafkaConsumer(**options), AIOKafkaAdminClient(**options)
            try:
                await consumer.start()
                await admin.start()
            except BaseException:
                await consumer.stop()
                await admin.close()
                raise
            self._clients = consumer, admin
        return self._clients
