"""A run: faults at times drawn from a seed, while events come in; and the table of them."""

import asyncio
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from .faults import (
    ConnectionsReset,
    DeadLettersRefused,
    DeadLettersUnwritable,
    Fault,
    FreezeBeyondTheSession,
    HandledRecordsExpired,
    KafkaAway,
    KafkaDiskFull,
    KillAnywhere,
    KillBetweenEffectAndCommit,
    KillEverybody,
    MemberJoinsAndLeaves,
    ObjectsAway,
    OffsetsForgotten,
    PoisonOfEveryKind,
    PostgresAway,
    PostgresDiskFull,
    Redeliveries,
    StopWithinALongHandler,
    StopWithinAnEndlessHandler,
)
from .site_of_fault import RecordingSite, Servers, Site

S = TypeVar("S", bound=Site)

RECOVERY_SECONDS: Final = 30.0
"""Within which everything that was published before the end of a fault has its effect."""
BUSY_LOAD: Final = 3.0
"""For each processor; the run itself brings it to about 1.5. Above it recovery is not judged."""
_GIVE_UP_SECONDS: Final = 240.0
_CALM_SECONDS: Final = (0.2, 1.0)


def seed() -> int:
    """`SIDEMAND_FAULT_SEED`, to repeat a run, else any."""
    return int(os.environ.get("SIDEMAND_FAULT_SEED") or random.randrange(1_000_000))


def one_of_each(chance: random.Random, servers: Servers) -> list[Fault[RecordingSite]]:
    """Every kind of fault once that these servers can suffer, with outages of a drawn length."""

    def away() -> float:
        return chance.uniform(1, 4)

    faults: list[Fault[RecordingSite]] = [
        KillBetweenEffectAndCommit(),
        KillAnywhere(),
        KillEverybody(),
        StopWithinALongHandler(),
        StopWithinAnEndlessHandler(),
        FreezeBeyondTheSession(),
        KafkaAway(away()),
        PostgresAway(away()),
        ObjectsAway(away()),
        MemberJoinsAndLeaves(),
        Redeliveries(),
        PoisonOfEveryKind(),
        DeadLettersUnwritable(away()),
        DeadLettersRefused(away()),
        OffsetsForgotten(),
        HandledRecordsExpired(),
    ]
    if servers.network:
        faults.append(ConnectionsReset())
    if servers.broker_disk:
        faults.append(KafkaDiskFull())
    if servers.postgres_disk:
        faults.append(PostgresDiskFull(away()))
    return faults


@dataclass(frozen=True, slots=True)
class Size:
    """How long a run is."""

    members: int
    events: int
    ends: int
    """How many processes are at least killed or restarted."""
    outage: float
    """Seconds of one longer outage of the broker; 0 for none."""


SIZES: Final = {"short": Size(2, 1_000, 0, 0), "long": Size(3, 10_000, 40, 60)}


def faults_of(size: Size, chance: random.Random, servers: Servers) -> list[Fault[RecordingSite]]:
    """Every kind once, and more until so many processes have ended, in a drawn order."""
    faults = one_of_each(chance, servers)
    if size.outage:
        faults.append(KafkaAway(size.outage))
    while sum(fault.ends for fault in faults) < size.ends:
        faults.append(chance.choice([KillBetweenEffectAndCommit(), KillAnywhere()]))
    chance.shuffle(faults)
    return faults


@dataclass(frozen=True, slots=True)
class Suffered:
    """One fault of a run."""

    name: str
    lasted: float
    """Seconds from injecting to having healed."""
    recovered: float
    """Seconds from then until all that was published before, and the probe, had its effect."""
    load: float
    """Processes that wanted a processor at the end, for each that there is."""
    is_judged: bool
    """Whether how long it took says anything."""

    @property
    def is_too_slow(self) -> bool:
        """Whether it took too long, on a machine that did not do other work as well."""
        is_judged = self.is_judged and self.load < BUSY_LOAD
        return is_judged and self.recovered > RECOVERY_SECONDS

    def __str__(self) -> str:
        return f"{self.name:<34}{self.figures}"

    @property
    def figures(self) -> str:
        """As they stand in the table."""
        return f"{self.lasted:>10.1f}{self.recovered:>13.1f}{self.load:>7.1f}"


async def suffer(site: S, faults: Sequence[Fault[S]], probe: int) -> list[Suffered]:
    """Inject one fault after the other, each when everything works again.

    Whether it works is tried with so many events as `probe` says, published after the healing.
    """
    suffered = []
    print(f"{'fault':<34}{'lasted s':>10}{'recovered s':>13}{'load':>7}")
    for fault in faults:
        await asyncio.sleep(site.chance.uniform(*_CALM_SECONDS))
        print(f"{fault.name:<34}", end="", flush=True)
        began = time.monotonic()
        await fault.inject(site)
        await fault.heal(site)
        healed = time.monotonic()
        await site.some_more(probe)
        await site.everything_done(_GIVE_UP_SECONDS)
        load = os.getloadavg()[0] / (os.cpu_count() or 1)
        recovered = time.monotonic() - healed
        is_judged = not fault.brings_all_again
        each = Suffered(fault.name, healed - began, recovered, load, is_judged)
        print(each.figures, flush=True)
        suffered.append(each)
    return suffered
