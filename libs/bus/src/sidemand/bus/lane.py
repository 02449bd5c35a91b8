"""One subscription's work: in order per key, at the same time across keys, then committed.

FastStream's batch subscriber brings the records; it does not wait for them to be handled, so
one slow case never holds up the others of its batch. What is taken up is bounded: above the
high-water mark the partitions are paused, and fetching goes on for the group's sake.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Final, Protocol

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from sidemand.bus.decoding import Record
from sidemand.bus.offsets import Offsets
from sidemand.bus.settings import BusSettings
from sidemand.observability.metrics import (
    COMMIT_FAILURES,
    OLDEST_UNFINISHED,
    REBALANCES,
    UNFINISHED,
)

_COMMIT_EVERY: Final = 0.2
_Key = tuple[TopicPartition, bytes]


class Consumer(Protocol):
    """The part of aiokafka's consumer that a lane needs."""

    # ruff: noqa: D102 - aiokafka documents them
    def assignment(self) -> set[TopicPartition]: ...
    def paused(self) -> set[TopicPartition]: ...
    def pause(self, *partitions: TopicPartition) -> None: ...
    def resume(self, *partitions: TopicPartition) -> None: ...
    def seek(self, partition: TopicPartition, offset: int) -> None: ...
    async def seek_to_beginning(self, *partitions: TopicPartition) -> bool: ...
    async def committed(self, partition: TopicPartition) -> int | None: ...
    async def commit(self, offsets: dict[TopicPartition, int]) -> None: ...


def partition_of(record: Record) -> TopicPartition:
    """The partition that a record stands in."""
    return TopicPartition(record.topic, record.partition)


class Abandoned(Exception):
    """The partitions went elsewhere, or the service stops, before the event was finished."""


class Lane(ConsumerRebalanceListener):
    """Takes up records, has them handled, and commits what is finished.

    `handle` returns when the effects of a record are confirmed; it raises `Abandoned` to leave
    it to the next owner. Anything else that it raises stops the lane through `fail`.
    """

    def __init__(
        self,
        service: str,
        topic: str,
        settings: BusSettings,
        handle: Callable[[Record], Awaitable[None]],
    ) -> None:
        self._labels = (service, topic)
        self._settings = settings
        self._handle = handle
        self._consumer: Callable[[], Consumer | None] = lambda: None
        self._offsets: dict[TopicPartition, Offsets] = {}
        self._left_at: dict[TopicPartition, int] = {}
        self._queues: dict[_Key, deque[Record]] = {}
        self._since: dict[_Key, float] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._committer: asyncio.Task[None] | None = None
        self._unfinished = 0
        self.assigned = asyncio.Event()
        """Set while partitions are assigned."""
        self.leaving = asyncio.Event()
        """Set while what is taken up has to be given back: who waits, gives up."""
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Raises what stopped the lane."""

    def start(self, consumer: Callable[[], Consumer | None]) -> None:
        """Begin to commit. `consumer` gives the consumer once it exists."""
        self._consumer = consumer
        self._committer = asyncio.create_task(self._commit_regularly())

    async def take_up(self, records: Sequence[Record]) -> None:
        """Queue `records` under their keys.

        Waits while partitions are changing hands: a fetch can bring records of the new
        assignment before the lane hears of it.
        """
        await self.assigned.wait()
        for partition, group in groupby(records, partition_of):
            batch = list(group)
            if await self._is_current(partition, batch[0].offset):
                for record in batch:
                    self._queue(partition, record)
        if self._unfinished >= self._settings.high_water and (consumer := self._consumer()):
            consumer.pause(*consumer.assignment())

    async def stop(self) -> None:
        """Finish what is being handled, commit, and give the rest back."""
        await self._give_back()
        if self._committer is not None:
            self._committer.cancel()

    @property
    def oldest_seconds(self) -> float:
        """Age of the oldest event that is taken up and not finished."""
        now = asyncio.get_running_loop().time()
        return max((now - since for since in self._since.values()), default=0.0)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Give everything back: aiokafka's assignors revoke all partitions of a member."""
        self.assigned.clear()
        if revoked:
            REBALANCES.labels(*self._labels).inc()
        await self._give_back()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:  # noqa: ARG002
        """Begin anew."""
        self.leaving.clear()
        self.assigned.set()

    async def _is_current(self, partition: TopicPartition, first: int) -> bool:
        """Whether a batch that begins at `first` belongs to this assignment.

        A fetch can span a rebalance: it then brings records from where the old assignment had
        come to, while the new one begins at the committed offset. Dropping them would be safe
        only if they came again, so fetching is set back to the committed offset.
        """
        left_at = self._left_at.pop(partition, None)
        consumer = self._consumer()
        if consumer is None or partition not in consumer.assignment():
            return False
        if first != left_at:
            return True
        try:
            committed = await consumer.committed(partition)
            if committed is None:
                await consumer.seek_to_beginning(partition)
            elif committed < first:
                consumer.seek(partition, committed)
            else:
                return True
        except (IllegalStateError, KafkaError):
            COMMIT_FAILURES.labels(*self._labels).inc()
        return False

    def _queue(self, partition: TopicPartition, record: Record) -> None:
        if not self._offsets.setdefault(partition, Offsets()).take_up(record.offset):
            return
        key = (partition, record.key or b"")
        self._unfinished += 1
        if queue := self._queues.get(key):
            queue.append(record)
            return
        self._queues[key] = deque([record])
        self._since[key] = asyncio.get_running_loop().time()
        worker = asyncio.create_task(self._work(key))
        self._workers.add(worker)
        worker.add_done_callback(self._worker_ended)

    async def _work(self, key: _Key) -> None:
        """Handle the records of one key, one after the other."""
        queue, offsets = self._queues[key], self._offsets[key[0]]
        try:
            while queue and not self.leaving.is_set():
                await self._handle(queue[0])
                offsets.finish(queue.popleft().offset)
                self._unfinished -= 1
                self._since[key] = asyncio.get_running_loop().time()
                self._resume_below_low_water()
        except Abandoned:
            return
        finally:
            if self._queues.get(key) is queue:
                self._unfinished -= len(queue)
                del self._queues[key], self._since[key]

    def _worker_ended(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if not worker.cancelled() and (error := worker.exception()) and not self.failed.done():
            self.failed.set_exception(error)

    def _resume_below_low_water(self) -> None:
        if self._unfinished > self._settings.high_water // 2:
            return
        if (consumer := self._consumer()) and (paused := consumer.paused()):
            consumer.resume(*paused)

    async def _give_back(self) -> None:
        self.leaving.set()
        if self._workers:
            await asyncio.wait(set(self._workers), timeout=self._settings.drain_seconds)
        await self._commit()
        self._left_at = {
            partition: offsets.next_expected for partition, offsets in self._offsets.items()
        }
        self._offsets, self._queues, self._since = {}, {}, {}
        self._unfinished = 0

    async def _commit_regularly(self) -> None:
        while True:
            await asyncio.sleep(_COMMIT_EVERY)
            UNFINISHED.labels(*self._labels).set(self._unfinished)
            OLDEST_UNFINISHED.labels(*self._labels).set(self.oldest_seconds)
            await self._commit()

    async def _commit(self) -> None:
        due = {
            partition: offset
            for partition, offsets in self._offsets.items()
            if (offset := offsets.committable) is not None
        }
        consumer = self._consumer()
        if not due or consumer is None:
            return
        try:
            await consumer.commit(due)
        except (IllegalStateError, KafkaError):
            COMMIT_FAILURES.labels(*self._labels).inc()  # what is not committed comes again
            return
        for partition, offset in due.items():
            with suppress(KeyError):
                self._offsets[partition].committed(offset)
