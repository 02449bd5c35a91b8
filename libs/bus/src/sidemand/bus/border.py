"""The border: where tenants' own topics end, and those begin that all of them share.

What one tenant has poured into a shared topic stands before everybody's next event, and a service
can let others overtake only as far as it takes up ahead. So while much waits behind the border,
each tenant passes it slowly, and a flood waits where it is nobody else's, in its tenant's topic.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, Self

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
_A_SECOND: Final = 2.0
"""Events of a tenant that pass in a second while the border is held."""
_AT_ONCE: Final = 10.0
"""Events that pass at once of a tenant that was quiet before."""
_BETWEEN_WORDS: Final = 60.0
"""Seconds between two lines in the log about a border that is held."""


class Border:
    """Of one subscription to an edge topic: says whose events may pass."""

    def __init__(
        self, topic: Topic[Payload], most_waiting: int, waiting: Callable[[], Awaitable[int]]
    ) -> None:
        """`waiting` counts the events that wait behind the border. It raises `KafkaError`."""
        self._topic = topic
        self._most_waiting = most_waiting
        self._waiting = waiting
        self._log = get_logger("border")
        self._told_at = -_BETWEEN_WORDS
        self._inside = 0
        self._passed_any = False
        self._left: dict[str, float] = {}

    @property
    def is_held(self) -> bool:
        """Whether so much waits inside that tenants pass slowly."""
        return self._inside >= self._most_waiting

    def may_pass(self, partition: TopicPartition) -> bool:
        """Whether more events of this partition may pass."""
        return not self.is_held or self._left.get(self._tenant(partition), _AT_ONCE) >= 1

    def passed(self, partition: TopicPartition, events: int) -> None:
        """Count events that have passed. A batch that was more than its tenant had left is owed."""
        if self.is_held:
            tenant = self._tenant(partition)
            self._left[tenant] = self._left.get(tenant, _AT_ONCE) - events
        self._passed_any = True
        self._inside += events  # until the next look, which knows what was handled

    async def look(self) -> None:
        """Look how much waits inside, and let each tenant pass as much as a second allows."""
        if not self._passed_any and not self.is_held:
            return
        self._passed_any = False
        try:
            async with asyncio.timeout(_PATIENCE):
                self._inside = await self._waiting()
        except (KafkaError, TimeoutError):
            self._inside = 0  # whoever cannot see holds nobody back
        WAITING_INSIDE.labels(self._topic.lane).set(self._inside)
        refilled = {tenant: left + _A_SECOND * _LOOK_EVERY for tenant, left in self._left.items()}
        self._left = {tenant: left for tenant, left in refilled.items() if left < _AT_ONCE}
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

    def _tenant(self, partition: TopicPartition) -> str:
        return self._topic.tenant_of(partition.topic) or ""


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

    async def waiting(self) -> int:
        """Events that are there and not handled, once for each service that has to handle them.

        A service that has never handled any is not there, and nothing waits for it. Raises
        `KafkaError`.
        """
        consumer, admin = await self._connected()
        waiting = 0
        for group, own in self._groups.items():
            committed = await admin.list_consumer_group_offsets(group, partitions=own)
            if any(at.offset >= 0 for at in committed.values()):
                waiting += sum((await lags(consumer, committed)).values())
        return waiting

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
