"""What a lane has taken up since partitions were last assigned to it."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from aiokafka import TopicPartition
from sidemand.bus.decoding import Record
from sidemand.bus.offsets import Offsets

Handle = Callable[[Record, asyncio.Event], Awaitable[None]]
"""Returns when the effects of a record are confirmed. Who waits within it, gives up with
`Abandoned` when the event is set. Anything else that it raises is a failure of the lane."""

_Key = tuple[TopicPartition, bytes]

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
        self._offsets: dict[TopicPartition, Offsets] = {}
        self._queues: dict[_Key, deque[Record]] = {}
        self._since: dict[_Key, float] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._bytes: Counter[TopicPartition] = Counter()
        self.unfinished = 0
        """Records taken up and not finished."""

    def take_up(self, partition: TopicPartition, records: Sequence[Record]) -> None:
        """Queue `records` under their keys. Nothing is taken up once it is being left."""
        if self._leaving.is_set():
            return
        offsets = self._offsets.setdefault(partition, Offsets(records[0].offset))
        for record in records:
            if offsets.take_up(record.offset):
                self._queue((partition, record.key or b""), record)

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
        return self._bytes[partition]

    @property
    def is_left(self) -> bool:
        """Whether nothing more is begun."""
        return self._leaving.is_set()

    @property
    def reached(self) -> dict[TopicPartition, int]:
        """The offset up to which everything is finished, by partition."""
        return {partition: offsets.reached for partition, offsets in self._offsets.items()}

    @property
    def committable(self) -> dict[TopicPartition, int]:
        """What may be committed and is not, by partition."""
        return {
            partition: offset
            for partition, offsets in self._offsets.items()
            if (offset := offsets.committable) is not None
        }

    def committed(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Note that Kafka has `offsets`."""
        for partition, offset in offsets.items():
            if known := self._offsets.get(partition):
                known.committed(offset)

    @property
    def next_expected(self) -> dict[TopicPartition, int]:
        """The offset behind the last one that was taken up, by partition."""
        return {partition: offsets.next_expected for partition, offsets in self._offsets.items()}

    @property
    def oldest_seconds(self) -> float:
        """Age of the oldest event that is being handled."""
        now = asyncio.get_running_loop().time()
        return max((now - since for since in self._since.values()), default=0.0)

    def _queue(self, key: _Key, record: Record) -> None:
        self._count(key[0], record, 1)
        if queue := self._queues.get(key):
            queue.append(record)
            return
        self._queues[key] = deque([record])
        worker = asyncio.create_task(self._work(key))
        self._workers.add(worker)
        worker.add_done_callback(self._worker_ended)

    async def _work(self, key: _Key) -> None:
        """Handle the records of one key, one after the other."""
        queue, offsets = self._queues[key], self._offsets[key[0]]
        try:
            while queue and not self._leaving.is_set():
                self._since[key] = asyncio.get_running_loop().time()
                await self._handle(queue[0], self._leaving)
                finished = queue.popleft()
                offsets.finish(finished.offset)
                self._count(key[0], finished, -1)
        except Abandoned:
            return
        finally:
            for unfinished in queue:
                self._count(key[0], unfinished, -1)
            del self._queues[key]
            self._since.pop(key, None)

    def _count(self, partition: TopicPartition, record: Record, sign: int) -> None:
        self.unfinished += sign
        self._bytes[partition] += sign * (_BYTES_TO_HOLD_ONE + len(record.value or b""))

    def _worker_ended(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        error = None if worker.cancelled() else worker.exception()
        if isinstance(error, Exception):
            self._failed(error)
