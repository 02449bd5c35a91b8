"""What can go wrong, each as a thing that is injected and healed."""

import asyncio
import signal
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Final, Generic, TypeVar

from sidemand.testing.servers.program import listens, wait_until

from . import poison
from .disk import Disk
from .group import forget_offsets, let_records_expire, limit
from .numbered import GIVEN
from .orders import DIE
from .site_of_fault import RecordingSite, Site
from .witness import committed_offsets

_PATIENCE: Final = 60.0
_RESETS: Final = 30

S_contra = TypeVar("S_contra", bound=Site, contravariant=True)
"""What it needs to be injected."""


class Fault(ABC, Generic[S_contra]):
    """Something that goes wrong."""

    ends: ClassVar[int] = 0
    """How many processes it kills or restarts."""
    brings_all_again: ClassVar[bool] = False
    """Whether all that was ever handled comes first: that takes as long as there is much of it."""

    @property
    def name(self) -> str:
        """Its name in the table, in words."""
        words = "".join(f" {each}" if each.isupper() else each for each in type(self).__name__)
        return words.strip().lower()

    @abstractmethod
    async def inject(self, site: S_contra) -> None:
        """Let it go wrong."""

    async def heal(self, site: S_contra) -> None:
        """Put it right, where it does not mend itself."""


class KillBetweenEffectAndCommit(Fault[RecordingSite]):
    """kill -9 when the effect is written, and neither output nor commit."""

    ends = 1

    async def inject(self, site: RecordingSite) -> None:
        site.orders.give(DIE)
        await site.orders.taken(DIE)


class KillAnywhere(Fault[Site]):
    """kill -9 at any moment."""

    ends = 1

    async def inject(self, site: Site) -> None:
        await site.anyone.end(signal.SIGKILL)


class KillEverybody(Fault[Site]):
    """kill -9 for all members at once."""

    ends = 2

    async def inject(self, site: Site) -> None:
        ends = [member.end(signal.SIGKILL) for member in site.crew.members]
        await asyncio.gather(*ends)


class StopWithinALongHandler(Fault[RecordingSite]):
    """SIGTERM while a handler works that ends in time."""

    ends = 1

    async def inject(self, site: RecordingSite) -> None:
        member = await site.lingering(site.bus.drain_seconds / 2)
        assert await member.end(signal.SIGTERM) == 0, member.log.read_text()[-2000:]


class StopWithinAnEndlessHandler(Fault[RecordingSite]):
    """SIGTERM while a handler works that outlasts the drain."""

    ends = 1

    async def inject(self, site: RecordingSite) -> None:
        member = await site.lingering(60)
        assert await member.end(signal.SIGTERM) == 0, member.log.read_text()[-2000:]


class FreezeBeyondTheSession(Fault[RecordingSite]):
    """SIGSTOP in a handler until others have done its work, then SIGCONT: it writes late."""

    async def inject(self, site: RecordingSite) -> None:
        self._frozen = await site.lingering(0.5)
        self._frozen.tell(signal.SIGSTOP)
        await site.everything_done(120)

    async def heal(self, site: RecordingSite) -> None:
        self._frozen.tell(signal.SIGCONT)


@dataclass
class KafkaAway(Fault[Site]):
    """kill -9 for the broker; it comes back with its data."""

    seconds: float
    ends = 1

    async def inject(self, site: Site) -> None:
        await asyncio.to_thread(site.servers.broker.program.kill)
        await asyncio.sleep(self.seconds)

    async def heal(self, site: Site) -> None:
        await asyncio.to_thread(site.servers.broker.program.start)


@dataclass
class PostgresAway(Fault[Site]):
    """kill -9 for the database; it comes back with what was committed."""

    seconds: float
    ends = 1

    async def inject(self, site: Site) -> None:
        await asyncio.to_thread(site.servers.postgres.program.kill)
        await asyncio.sleep(self.seconds)

    async def heal(self, site: Site) -> None:
        await asyncio.to_thread(site.servers.postgres.program.start)


class ConnectionsReset(Fault[Site]):
    """Every connection to Kafka is reset, again and again."""

    async def inject(self, site: Site) -> None:
        network, port = site.servers.network, _port(site)
        assert network is not None, "a fault for a network that can lose connections"
        for _ in range(_RESETS):
            await asyncio.to_thread(network.reset, port)
            await asyncio.sleep(site.chance.uniform(0, 0.3))


class KafkaDiskFull(Fault[Site]):
    """No room for what is published: the broker ends. Room is made, and it is started."""

    ends = 1

    async def inject(self, site: Site) -> None:
        port = _port(site)
        await asyncio.to_thread(_disk(site.servers.broker_disk).fill)
        ended = await asyncio.to_thread(wait_until, lambda: not listens(port), _PATIENCE)
        assert ended, "the broker goes on with a full disk"

    async def heal(self, site: Site) -> None:
        _disk(site.servers.broker_disk).make_room()
        program = site.servers.broker.program
        await asyncio.to_thread(program.stop)  # it lets go of its files some time after its port
        await asyncio.to_thread(program.start)


@dataclass
class PostgresDiskFull(Fault[Site]):
    """PostgreSQL answers, and refuses what needs another block. It goes on where there is room."""

    seconds: float

    async def inject(self, site: Site) -> None:
        async with site.crew.hindered():
            await asyncio.to_thread(_disk(site.servers.postgres_disk).fill)
        await asyncio.sleep(self.seconds)

    async def heal(self, site: Site) -> None:
        _disk(site.servers.postgres_disk).make_room()


def _port(site: Site) -> int:
    """Kafka's."""
    return int(site.servers.broker.bootstrap.rpartition(":")[2])


def _disk(disk: Disk | None) -> Disk:
    assert disk is not None, "a fault for servers on disks of their own"
    return disk


@dataclass
class ObjectsAway(Fault[Site]):
    """The object store refuses connections."""

    seconds: float

    async def inject(self, site: Site) -> None:
        await asyncio.to_thread(site.servers.bucket.close)
        await asyncio.sleep(self.seconds)

    async def heal(self, site: Site) -> None:
        site.servers.bucket.open()


class MemberJoinsAndLeaves(Fault[RecordingSite]):
    """Two rebalances: another member comes, works, and goes politely."""

    ends = 1

    async def inject(self, site: RecordingSite) -> None:
        spare = site.crew.spare
        spare.start()
        await site.crew.until_ready([spare])

    async def heal(self, site: RecordingSite) -> None:
        spare = site.crew.spare
        spare.measure()
        assert await spare.end(signal.SIGTERM) == 0, spare.log.read_text()[-2000:]


class Redeliveries(Fault[RecordingSite]):
    """The case system publishes events again, under their ids, behind newer ones."""

    async def inject(self, site: RecordingSite) -> None:
        known = site.load.acknowledged
        for again in site.chance.sample(known, min(30, len(known))):
            await site.load.publisher.publish(GIVEN, again.payload(), event_id=again.event_id)


class PoisonOfEveryKind(Fault[RecordingSite]):
    """A record of every kind that can never be handled."""

    async def inject(self, site: RecordingSite) -> None:
        await site.load.publisher.send(poison.of_every_kind(site.chance))


@dataclass
class DeadLettersUnwritable(Fault[RecordingSite]):
    """The dead-letter topic has too few replicas to be written, and there is poison."""

    seconds: float

    async def inject(self, site: RecordingSite) -> None:
        await asyncio.to_thread(limit, site.bus, "min.insync.replicas", 2)
        await site.load.publisher.send([poison.one(site.chance)])
        await asyncio.sleep(self.seconds)

    async def heal(self, site: RecordingSite) -> None:
        await asyncio.to_thread(limit, site.bus, "min.insync.replicas", 1)


@dataclass
class DeadLettersRefused(Fault[RecordingSite]):
    """The dead-letter topic takes nothing of any size, and there is poison: members give up."""

    seconds: float
    ends = 2

    async def inject(self, site: RecordingSite) -> None:
        await asyncio.to_thread(limit, site.bus, "max.message.bytes", 1)
        await site.load.publisher.send([poison.one(site.chance)])
        await asyncio.sleep(self.seconds)

    async def heal(self, site: RecordingSite) -> None:
        await asyncio.to_thread(limit, site.bus, "max.message.bytes", 16 * 1024 * 1024)


class OffsetsForgotten(Fault[RecordingSite]):
    """Kafka has forgotten what the group had committed: everything comes again."""

    ends = 2
    brings_all_again = True

    async def inject(self, site: RecordingSite) -> None:
        async with site.crew.stopped():
            await asyncio.to_thread(forget_offsets, site.bus)


class HandledRecordsExpired(Fault[RecordingSite]):
    """The offsets that the group has committed lie before the first record that is left."""

    ends = 2

    async def inject(self, site: RecordingSite) -> None:
        async with site.crew.stopped():
            await site.witness.unfinished()  # it has seen what goes
            handled = await committed_offsets(site.bus)
            await asyncio.to_thread(let_records_expire, site.bus, handled)
