"""Where faults happen: servers, a service at work on a load, and who watches."""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sidemand.bus import BusSettings, Publisher
from sidemand.bus.provisioning import create_topics
from sidemand.testing.bucket import ADDRESS, Bucket
from sidemand.testing.servers import KafkaServer, PostgresServer

from .crew import Crew, Member
from .disk import Disk
from .effects import Effects
from .load import Load
from .network import Network
from .numbered import TENANT
from .orders import LINGER, Orders
from .witness import Witness

SESSION_MS: Final = 6_000
DRAIN_SECONDS: Final = 5.0
_PATIENCE: Final = 120.0
_RATE: Final = 40.0
"""Events a second."""


@dataclass(frozen=True)
class Servers:
    """What a service depends on; all of it can be taken away."""

    broker: KafkaServer
    postgres: PostgresServer
    bucket: Bucket
    broker_disk: Disk | None
    """Where its data lies; none where that is no disk of its own that can be filled."""
    postgres_disk: Disk | None
    """As for the broker."""
    network: Network | None
    """How they are reached; none where nothing of it can be taken away."""


@dataclass(kw_only=True)
class Site(ABC):
    """What every fault can lay hands on."""

    bus: BusSettings
    servers: Servers
    crew: Crew
    chance: random.Random

    @property
    def anyone(self) -> Member:
        """A member drawn by chance."""
        return self.chance.choice(self.crew.members)

    @property
    @abstractmethod
    def published(self) -> int:
        """How many events are acknowledged so far."""

    async def some_more(self, events: int) -> None:
        """Wait until so many further events are acknowledged."""
        enough = self.published + events
        async with asyncio.timeout(_PATIENCE):
            while self.published < enough:  # noqa: ASYNC110 - Kafka's doing
                await asyncio.sleep(0.05)

    @abstractmethod
    async def everything_done(self, seconds: float) -> None:
        """Wait until all that is acknowledged now is done. Raises `AssertionError` else."""


@dataclass(kw_only=True)
class RecordingSite(Site):
    """The recording service at work, which does as it is told."""

    effects: Effects
    witness: Witness
    load: Load
    orders: Orders

    @property
    def published(self) -> int:
        """See `Site`."""
        return len(self.load.acknowledged)

    async def lingering(self, seconds: float) -> Member:
        """A member that has just begun to handle an event for so long."""
        self.orders.give(LINGER, str(seconds))
        return self.crew.by_pid(await self.orders.taken(LINGER))

    async def everything_done(self, seconds: float) -> None:
        """Wait until all that is acknowledged now has its effect."""
        await self.effects.until_there(self.load.event_ids, seconds)


@asynccontextmanager
async def under_load(
    servers: Servers, members: int, folder: Path, chance: random.Random
) -> AsyncIterator[RecordingSite]:
    """So many members of the recording service at work, and everything that a fault needs."""
    bus = BusSettings(
        kafka=servers.broker.bootstrap,
        objects=ADDRESS,
        session_timeout_ms=SESSION_MS,
        drain_seconds=DRAIN_SECONDS,
    )
    await create_topics(bus, [TENANT])
    url = servers.postgres.create_database()
    effects = Effects(url)
    await effects.prepare()
    orders = Orders(folder / "orders")
    crew = _crew(bus, url, members, folder)
    witness = Witness(bus, effects)
    async with crew.at_work(), witness.looking(), Publisher(bus, "postsag") as publisher:
        load = Load(publisher, _RATE, chance)
        yield RecordingSite(
            bus=bus,
            servers=servers,
            crew=crew,
            chance=chance,
            effects=effects,
            witness=witness,
            load=load,
            orders=orders,
        )
    await effects.close()


def _crew(bus: BusSettings, database: str, count: int, folder: Path) -> Crew:
    environment = {
        "SIDEMAND_KAFKA": bus.kafka,
        "SIDEMAND_SESSION_TIMEOUT_MS": str(bus.session_timeout_ms),
        "SIDEMAND_DRAIN_SECONDS": str(bus.drain_seconds),
        "FAULT_DATABASE": database,
        "FAULT_ORDERS": str(folder / "orders"),
    }
    *members, spare = (
        Member(f"member-{number}", "tests.fault.recording_service", environment, folder)
        for number in range(1, count + 2)
    )
    return Crew(members, spare)
