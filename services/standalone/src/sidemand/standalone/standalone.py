"""All five services in one process, on a Kafka in memory or on the one that is named."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Self

from sidemand.bus import BusError, BusSettings, Service
from sidemand.bus.embedded import EmbeddedKafka, EmbeddedKafkaError
from sidemand.bus.health import HealthServer
from sidemand.bus.provisioning import create_topics
from sidemand.schemas.kafka_topics import kafka_topics
from sidemand.standalone.home import EMBEDDED_PARTITIONS, Home


class Standalone:
    """Runs the services from entering to leaving `async with`."""

    def __init__(
        self, home: Home, tenants: Sequence[str], *, kafka: str | None = None, port: int = 0
    ) -> None:
        """`kafka` names a real one; else an embedded one listens on `port` (0: a free one)."""
        self._home = home
        self._tenants = tenants
        self._kafka = kafka
        self._port = port
        self._running = AsyncExitStack()
        self.services: list[Service] = []
        self.bus: BusSettings

    @property
    def bus_kind(self) -> str:
        """Which Kafka this runs on, in words."""
        return "Kafka" if self._kafka else "embedded (librdkafka's mock cluster)"

    async def __aenter__(self) -> Self:
        """Raises `BusError` where a port is in use or no Kafka answers."""
        try:
            await self._start()
        except BaseException:
            await self._running.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running.aclose()

    async def failed(self) -> None:
        """Wait for ever, and raise what stopped a service."""
        await asyncio.gather(*(service.failed() for service in self.services))

    async def _start(self) -> None:
        if self._kafka:
            self.bus = self._home.bus(self._kafka, embedded=False)
            await create_topics(self.bus, self._tenants)
        else:
            self.bus = self._home.bus(self._start_kafka(), embedded=True)
        self.services = list(self._home.services(self.bus))
        for service in self.services:
            await self._running.enter_async_context(service)
        health = HealthServer(self.bus, [service.health for service in self.services])
        await self._running.enter_async_context(health)
        await self._assigned()

    def _start_kafka(self) -> str:
        try:
            kafka = self._running.enter_context(EmbeddedKafka(self._port))
        except EmbeddedKafkaError as error:
            raise BusError(str(error)) from None
        for topic in kafka_topics(self._tenants, EMBEDDED_PARTITIONS):
            kafka.create_topic(topic.name, topic.partitions)
        return kafka.bootstrap

    async def _assigned(self) -> None:
        """Wait until every subscription has its partitions: from then on nothing waits."""
        lanes = [lane for service in self.services for lane in service.health.lanes.values()]
        async with asyncio.timeout(self.bus.start_seconds):
            await asyncio.gather(*(lane.assigned.wait() for lane in lanes))
