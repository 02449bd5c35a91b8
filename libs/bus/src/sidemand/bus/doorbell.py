"""Wakes the consumers of an embedded Kafka in the same process.

The embedded Kafka does not wake a waiting fetch when data comes, so a consumer there has to ask
again and again: the seventeen of a process took 40 % of a core to learn that there is nothing.
Whoever publishes in the same process rings instead, and a consumer fetches only then; between
rings its partitions are paused, which costs nothing. It looks by itself now and then for what
other processes sent.
"""

import asyncio
from collections.abc import AsyncIterator, Set
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, Protocol

from aiokafka import TopicPartition
from sidemand.bus.settings import BusSettings

_FETCH_WAIT_MS: Final = 5
LOOK_FOR_OTHERS: Final = 0.25
"""Seconds between the looks of a consumer whose topic other processes write to: what they send
waits so long at most."""
LOOK: Final = 1.0
_ANSWERS_TO_A_RING: Final = 2
"""The first answer may belong to a fetch that was on its way before the bell rang."""


class Fetching(Protocol):
    """The part of aiokafka's consumer that a doorkeeper needs."""

    # ruff: noqa: D102 - aiokafka documents them
    def assignment(self) -> set[TopicPartition]: ...
    def pause(self, *partitions: TopicPartition) -> None: ...
    def resume(self, *partitions: TopicPartition) -> None: ...
    def highwater(self, partition: TopicPartition) -> int | None: ...
    def last_poll_timestamp(self, partition: TopicPartition) -> int | None: ...
    async def position(self, partition: TopicPartition) -> int: ...


class Doorbell:
    """Of one embedded Kafka: tells the consumers in this process that something was published."""

    def __init__(self) -> None:
        self._keepers: set[_Doorkeeper] = set()

    def ring(self, written: Set[TopicPartition]) -> None:
        """Let the consumers of the partitions that were `written` to fetch from them now."""
        for keeper in self._keepers:
            keeper.fetch(keeper.assigned & written)

    @asynccontextmanager
    async def answered_by(
        self, consumer: Fetching, look_every: float = LOOK
    ) -> AsyncIterator[None]:
        """Let `consumer` fetch when the bell rings, and else only every `look_every` seconds."""
        keeper = _Doorkeeper(consumer, look_every)
        self._keepers.add(keeper)
        keeping = asyncio.create_task(keeper.keep())
        try:
            yield
        finally:
            self._keepers.discard(keeper)
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping


_DOORBELLS: Final[dict[str, Doorbell]] = {}


def hang_doorbell(kafka: str) -> None:
    """Let publishers and consumers of this process find a bell at the address of its Kafka."""
    _DOORBELLS[kafka] = Doorbell()


def take_down_doorbell(kafka: str) -> None:
    """Forget the bell of a Kafka that is gone."""
    _DOORBELLS.pop(kafka, None)


def doorbell_at(kafka: str) -> Doorbell | None:
    """The bell of the Kafka at this address, where it runs in this process."""
    return _DOORBELLS.get(kafka)


def fetch_wait_ms(settings: BusSettings) -> int:
    """How long Kafka may hold an empty fetch: hardly, where a bell says when to ask again."""
    return _FETCH_WAIT_MS if doorbell_at(settings.kafka) else settings.fetch_max_wait_ms


@dataclass(slots=True)
class _Asked:
    """A partition that is being fetched from."""

    answers_left: int
    answered_at: int | None


class _Doorkeeper:
    """Resumes partitions to fetch from them, and pauses them when they have nothing more."""

    def __init__(self, consumer: Fetching, look_every: float) -> None:
        self._consumer = consumer
        self._look_every = look_every
        self._asked: dict[TopicPartition, _Asked] = {}
        self._rung = asyncio.Event()

    @property
    def assigned(self) -> set[TopicPartition]:
        return self._consumer.assignment()

    def fetch(self, partitions: Set[TopicPartition], answers: int = _ANSWERS_TO_A_RING) -> None:
        for partition in partitions:
            last = self._consumer.last_poll_timestamp(partition)
            self._asked[partition] = _Asked(answers, last)
        if partitions:
            self._consumer.resume(*partitions)
            self._rung.set()

    async def keep(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._look_every):
                    await self._rung.wait()
            except TimeoutError:
                self.fetch(self.assigned, answers=1)
            while self._asked:
                await asyncio.sleep(_FETCH_WAIT_MS / 1000)
                await self._pause_what_is_empty()
            self._rung.clear()

    async def _pause_what_is_empty(self) -> None:
        assigned = self.assigned
        for partition, asked in list(self._asked.items()):
            if partition not in assigned:
                del self._asked[partition]
            elif await self._is_empty(partition, asked):
                self._consumer.pause(partition)
                del self._asked[partition]

    async def _is_empty(self, partition: TopicPartition, asked: _Asked) -> bool:
        """Whether Kafka has answered since it was asked, and all of it was taken."""
        answered_at = self._consumer.last_poll_timestamp(partition)
        if answered_at != asked.answered_at:
            asked.answered_at = answered_at
            asked.answers_left -= 1
        if asked.answers_left > 0:
            return False
        return await self._consumer.position(partition) == self._consumer.highwater(partition)
