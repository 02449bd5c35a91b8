"""An event that kills its process: found, and kept from doing it again.

Kafka keeps a note beside the committed offset of a partition. While a member works on it the note
says so; whoever gives the partition back in order takes the note off. A note that is still there
when partitions are assigned tells that a member died over its work. For a while the process then
goes one event at a time, and writes down which before it begins. An event that was in hand at two
such deaths, after the first that nobody saw, is convicted at the third and becomes a dead letter;
one that merely stood there when a node went down is not.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from dataclasses import dataclass
from typing import Final, Self

from aiokafka import TopicPartition
from sidemand.bus.assignment import Abandoned
from sidemand.bus.decoding import Record, tenant_of
from sidemand.bus.turns import Turns

IN_ORDER: Final = ""
"""The note beside the offset of a partition that was given back."""

WriteDown = Callable[[TopicPartition], Awaitable[None]]
"""Commits the note of a partition. Raises `Abandoned` where that cannot be done any more."""

AT_EASE: Final = nullcontext()
"""Around an attempt of a process that is not careful."""

_LONGEST_CAUTION: Final = 60.0
_MOST_EVENTS: Final = 500
_NOTE: Final = re.compile(r"working(?: at=(\d{1,19}) time=(\d{1,4}))?")


@dataclass(frozen=True, slots=True)
class Note:
    """What a member writes beside a partition's offset while it works."""

    at: int | None = None
    """The offset of the one event that is being handled."""
    time: int = 0
    """How often that one was begun by a process that wrote it down."""

    def __str__(self) -> str:
        return "working" if self.at is None else f"working at={self.at} time={self.time}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The note of a member that died; none where the partition was given back."""
        found = _NOTE.fullmatch(text)
        if found is None:
            return None
        at, time = found.groups()
        return cls(int(at), int(time)) if at else cls()


class Caution:
    """Of one process: while it is careful, its lanes take turns, one event at a time.

    Only so the event that was being handled when the process died is the one that did it.
    """

    def __init__(self) -> None:
        self._turns = Turns(lambda: 1)
        self._events_left = 0
        self._until = 0.0

    @property
    def is_on(self) -> bool:
        """Whether the process is careful."""
        return self._events_left > 0 and asyncio.get_running_loop().time() < self._until

    def begin(self) -> None:
        """Be careful for more events than the dead can have handled at once, a minute at most."""
        self._events_left = _MOST_EVENTS
        self._until = asyncio.get_running_loop().time() + _LONGEST_CAUTION

    @asynccontextmanager
    async def turn(self, tenant: bytes) -> AsyncIterator[None]:
        """Wait until nothing else is being handled. Tenants come in as they do without caution."""
        async with self._turns.of(tenant):
            yield
            self._events_left -= 1


class Watch:
    """Keeps the notes of one lane, and acts on those that it finds."""

    def __init__(self, caution: Caution, attempts: int) -> None:
        """`attempts`: deaths until the verdict."""
        self._caution = caution
        # The first death was not written down.
        self._times = max(1, attempts - 1)
        self._suspects: dict[TopicPartition, Note] = {}
        self._in_hand: dict[TopicPartition, Note] = {}
        self.convicted: set[str] = set()
        """Events that are to be dead letters: where they stand, `topic/partition/offset`."""

    def begin(self, left: Mapping[TopicPartition, str]) -> None:
        """Begin with new partitions; `left` are the notes that were found on them."""
        self._in_hand = {}
        self._suspects = {
            partition: died for partition, text in left.items() if (died := Note.read(text))
        }
        if self._suspects:
            self._caution.begin()
        for partition, died in self._suspects.items():
            if died.time >= self._times:
                self.convicted.add(f"{partition.topic}/{partition.partition}/{died.at}")

    def note(self, partition: TopicPartition) -> str:
        """What to write beside the offset of `partition`."""
        return str(self._in_hand.get(partition, Note()))

    def over(
        self, record: Record, leaving: asyncio.Event, write_down: WriteDown
    ) -> AbstractAsyncContextManager[None]:
        """Around an attempt: where the process is careful, alone, and after it was written down.

        Not around the wait for the next one: a dependency that is away would hold up every lane.
        Raises `Abandoned` where `leaving` is set before it begins.
        """
        if not self._caution.is_on:
            return AT_EASE
        return self._alone(record, leaving, write_down)

    @asynccontextmanager
    async def _alone(
        self, record: Record, leaving: asyncio.Event, write_down: WriteDown
    ) -> AsyncIterator[None]:
        async with AsyncExitStack() as turn:
            await turn.enter_async_context(self._caution.turn(tenant_of(record)))
            if not self._caution.is_on:  # it ended while this one waited
                await turn.aclose()
                yield
                return
            if leaving.is_set():
                raise Abandoned
            partition = TopicPartition(record.topic, record.partition)
            self._in_hand[partition] = self._begun(partition, record.offset)
            await write_down(partition)
            try:
                yield
            finally:
                del self._in_hand[partition]
                # Before the next turn: who survived must not be taken for the one that kills.
                # Whoever leaves gives the partition back in order.
                if not leaving.is_set():
                    await write_down(partition)

    def _begun(self, partition: TopicPartition, offset: int) -> Note:
        suspect = self._suspects.get(partition, Note())
        return Note(offset, suspect.time + 1 if suspect.at == offset else 1)
