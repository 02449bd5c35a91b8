"""An event that kills its process: found, and kept from doing it again.

Kafka keeps a note beside the committed offset of a partition. While a member works on it the note
says so; whoever gives the partition back in order takes the note off. A note that is still there
when partitions are assigned tells that a member died over its work. After the second death in a
row the process goes one event at a time, and writes down which before it begins: the third death
convicts that event, which becomes a dead letter.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final, Self

from aiokafka import TopicPartition
from sidemand.bus.assignment import Abandoned, Handle
from sidemand.bus.decoding import Record

IN_ORDER: Final = ""
"""The note beside the offset of a partition that was given back."""

_CALM_SECONDS: Final = 60.0
"""Who lives so long without caution has survived what it was given."""
_LONGEST_CAUTION: Final = 600.0
_NOTE: Final = re.compile(r"working deaths=(\d{1,4})(?: at=(\d{1,19}))?")


@dataclass(frozen=True, slots=True)
class Note:
    """What a member writes beside a partition's offset while it works."""

    deaths: int = 0
    """Members that died in a row over this partition."""
    at: int | None = None
    """The offset of the one event that is being handled."""

    def __str__(self) -> str:
        return f"working deaths={self.deaths}" + ("" if self.at is None else f" at={self.at}")

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The note of a member that died; none where the partition was given back."""
        found = _NOTE.fullmatch(text)
        if found is None:
            return None
        deaths, at = found.groups()
        return cls(int(deaths), int(at) if at else None)


class Caution:
    """Of one process: while it is careful, its lanes take turns, one event at a time.

    Only so the event that was being handled when the process died is the one that did it.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._events_left = 0
        self._until = 0.0

    @property
    def is_on(self) -> bool:
        """Whether the process is careful."""
        return self._events_left > 0 and asyncio.get_running_loop().time() < self._until

    def begin(self, events: int) -> None:
        """Be careful for as many events as the dead may have had in hand, ten minutes at most."""
        self._events_left = max(self._events_left, events)
        self._until = asyncio.get_running_loop().time() + _LONGEST_CAUTION

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until nothing else is being handled."""
        async with self._turn:
            yield
            self._events_left -= 1


class Watch:
    """Keeps the notes of one lane, and acts on those that it finds."""

    def __init__(self, caution: Caution, events: int, attempts: int) -> None:
        """`events`: how many a member may have in hand. `attempts`: deaths until the verdict."""
        self._caution = caution
        self._events = events
        self._attempts = attempts
        self._since = 0.0
        self._notes: dict[TopicPartition, Note] = {}
        self.convicted: set[str] = set()
        """Events that are to be dead letters: where they stand, `topic/partition/offset`."""

    def begin(self, left: Mapping[TopicPartition, str]) -> None:
        """Begin with new partitions; `left` are the notes that were found on them."""
        self._since = asyncio.get_running_loop().time()
        self._notes = {partition: self._after(partition, text) for partition, text in left.items()}
        if any(note.deaths >= self._attempts - 1 for note in self._notes.values()):
            self._caution.begin(self._events)

    def note(self, partition: TopicPartition) -> str:
        """What to write beside the offset of `partition`."""
        survived = asyncio.get_running_loop().time() - self._since > _CALM_SECONDS
        if survived and not self._caution.is_on:
            self._notes.clear()
        return str(self._notes.get(partition, Note()))

    async def handle(
        self,
        record: Record,
        leaving: asyncio.Event,
        handle: Handle,
        write_down: Callable[[TopicPartition], Awaitable[None]],
    ) -> None:
        """Handle a record; where the process is careful, alone, and after it was written down."""
        if not self._caution.is_on:
            await handle(record, leaving)
            return
        partition = TopicPartition(record.topic, record.partition)
        async with self._caution.turn():
            if leaving.is_set():
                raise Abandoned
            note = self._notes.get(partition, Note())
            self._notes[partition] = replace(note, at=record.offset)
            await write_down(partition)
            try:
                await handle(record, leaving)
            finally:
                self._notes[partition] = note
            # Before the next turn: who survived must not be taken for the one that kills.
            await write_down(partition)

    def _after(self, partition: TopicPartition, text: str) -> Note:
        died = Note.read(text)
        if died is None:
            return Note()
        deaths = died.deaths + 1
        if died.at is None or deaths < self._attempts:
            return Note(deaths)
        self.convicted.add(f"{partition.topic}/{partition.partition}/{died.at}")
        return Note()
