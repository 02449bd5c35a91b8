"""What a lane has taken up since partitions were last assigned to it."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from aiokafka import TopicPartition
from sidemand.bus.decoding import Record
from sidemand.bus.offsets import Offsets

Handle = Callable[[Record, asyncio.Event], Awaitable[None]]
"""Returns when the effects of a record are confirmed. Who waits within it, gives up with
`Abandoned` when the event is set. Anything else that it raises is a failure of the lane."""

_BYTES_TO_HOLD_ONE: Final = 6_000
"""What a waiting event costs beside its body: its record, headers and task."""


class Abandoned(Exception):
    """The partitions go elsewhere, or the service stops, before the event was finished."""


class Assignment:
    """Records between being taken up and being finished: in order per key, keys side by side.

    Every assignment of partitions has its own, so nothing that is left over from one can be
    counted, committed or handled in the next.
    """

    def __init__(self, handle: Handle, failed: Callable[[Exception], None]) -> None:
        """`failed` is called with what `handle` raised."""
        self._handle = handle
        self._failed = failed
        self._leaving = asyncio.Event()
        self._partitions: dict[TopicPartition, _Partition] = {}
        self._workers: set[asyncio.Task[None]] = set()

    def take_up(self, partition: TopicPartition, records: Sequence[Record]) -> None:
        """Queue `records` under their keys. Nothing is taken up once it is being left."""
        if self._leaving.is_set():
            return
        held = self._partitions.get(partition)
        if held is None:
            held = self._partitions[partition] = _Partition(records[0].offset)
        for record in records:
            if new := held.take_up(record):
                worker = asyncio.create_task(self._work(held, new))
                self._workers.add(worker)
                worker.add_done_callback(self._worker_ended)

    def leave(self) -> None:
        """Begin nothing more."""
        self._leaving.set()

    async def end(self, seconds: float) -> None:
        """Leave, and return when nothing is being handled: after `seconds` the rest is cut off.

        Whoever gets the partitions next begins at the committed offset; a handler that went on
        here would let a case's events overtake each other.
        """
        self.leave()
        if not self._workers:
            return
        _, late = await asyncio.wait(set(self._workers), timeout=seconds)
        for worker in late:
            worker.cancel()
        if late:
            await asyncio.wait(late)

    def bytes_of(self, partition: TopicPartition) -> int:
        """About how much memory the unfinished records of `partition` take."""
        held = self._partitions.get(partition)
        return held.bytes if held else 0

    @property
    def unfinished(self) -> int:
        """Records taken up and not finished."""
        return sum(held.unfinished for held in self._partitions.values())

    @property
    def is_left(self) -> bool:
        """Whether nothing more is begun."""
        return self._leaving.is_set()

    @property
    def reached(self) -> dict[TopicPartition, int]:
        """The offset up to which everything is finished, by partition."""
        return {partition: held.offsets.reached for partition, held in self._partitions.items()}

    @property
    def committable(self) -> dict[TopicPartition, int]:
        """What may be committed and is not, by partition."""
        return {
            partition: offset
            for partition, held in self._partitions.items()
            if (offset := held.offsets.committable) is not None
        }

    def committed(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Note that Kafka has `offsets`."""
        for partition, offset in offsets.items():
            if held := self._partitions.get(partition):
                held.offsets.committed(offset)

    @property
    def next_expected(self) -> dict[TopicPartition, int]:
        """The offset behind the last one that was taken up, by partition."""
        return {
            partition: held.offsets.next_expected for partition, held in self._partitions.items()
        }

    @property
    def oldest_seconds(self) -> float:
        """Age of the oldest event that is being handled."""
        now = time.monotonic()
        queues = (queue for held in self._partitions.values() for queue in held.queues.values())
        return max((now - each.since for each in queues if each.since), default=0.0)

    async def _work(self, held: "_Partition", queue: "_Queue") -> None:
        """Handle the records of one key, one after the other."""
        try:
            while queue.records and not self._leaving.is_set():
                queue.since = time.monotonic()
                await self._handle(queue.records[0], self._leaving)
                held.finish(queue)
        except Abandoned:
            return
        finally:
            held.drop(queue)

    def _worker_ended(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        error = None if worker.cancelled() else worker.exception()
        if isinstance(error, Exception):
            self._failed(error)


class _Queue:
    """The unfinished records of one key; the first is being handled."""

    __slots__ = ("key", "records", "since")

    def __init__(self, key: bytes, first: Record) -> None:
        self.key = key
        self.records = deque([first])
        self.since: float | None = None
        """When the first was begun, in seconds of `time.monotonic`."""


class _Partition:
    """What has been taken up of one partition."""

    def __init__(self, first: int) -> None:
        self.offsets = Offsets(first)
        self.queues: dict[bytes, _Queue] = {}
        self.bytes = 0
        """About how much memory the unfinished records take."""

    @property
    def unfinished(self) -> int:
        """Records taken up and not finished."""
        return sum(len(queue.records) for queue in self.queues.values())

    def take_up(self, record: Record) -> _Queue | None:
        """Queue `record`, where it is new. Returns the queue where nobody works at it yet."""
        if not self.offsets.take_up(record.offset):
            return None
        self._count(record, 1)
        key = record.key or b""
        if queue := self.queues.get(key):
            queue.records.append(record)
            return None
        queue = self.queues[key] = _Queue(key, record)
        return queue

    def finish(self, queue: _Queue) -> None:
        """The first record of `queue` has its effects."""
        finished = queue.records.popleft()
        self.offsets.finish(finished.offset)
        self._count(finished, -1)

    def drop(self, queue: _Queue) -> None:
        """Nobody works at `queue` any more."""
        for unfinished in queue.records:
            self._count(unfinished, -1)
        del self.queues[queue.key]

    def _count(self, record: Record, sign: int) -> None:
        self.bytes += sign * (_BYTES_TO_HOLD_ONE + len(record.value or b""))
