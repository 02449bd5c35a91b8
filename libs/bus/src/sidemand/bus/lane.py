"""One subscription's place in its consumer group: takes up, gives back, commits what is finished.

FastStream's batch subscriber brings the records; it does not wait for them to be handled, so
one slow case never holds up the others of its batch. What is taken up is bounded by memory: each
partition has an even share of it, and one that has used its share is not fetched from until some
of it is finished, while the others go on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from itertools import groupby
from typing import Final, Protocol

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from sidemand.bus.assignment import Abandoned, Assignment, Handle
from sidemand.bus.border import Border
from sidemand.bus.caution import AT_EASE, IN_ORDER, Watch
from sidemand.bus.decoding import Record
from sidemand.bus.errors import BusError
from sidemand.bus.rights import REFUSALS, reading_denied
from sidemand.bus.settings import BusSettings
from sidemand.observability.metrics import COMMIT_FAILURES, REBALANCES

LAST_COMMIT_SECONDS: Final = 5.0
"""How long a stop or a rebalance waits for its commit, after everything is handled."""

_LOOK_EVERY: Final = 0.2


class Consumer(Protocol):
    """The part of the bus's consumer that a lane needs."""

    with_room: Callable[[Collection[TopicPartition]], Sequence[TopicPartition]]
    refused: KafkaError | None

    # ruff: noqa: D102 - aiokafka documents them
    def assignment(self) -> set[TopicPartition]: ...
    def seek(self, partition: TopicPartition, offset: int) -> None: ...
    async def seek_to_beginning(self, *partitions: TopicPartition) -> bool: ...
    async def committed(self, partition: TopicPartition) -> int | None: ...
    async def commit(self, offsets: dict[TopicPartition, int | tuple[int, str]]) -> None: ...
    async def notes(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, str]: ...
    def has_lost_its_group(self) -> bool: ...


def partition_of(record: Record) -> TopicPartition:
    """The partition that a record stands in."""
    return TopicPartition(record.topic, record.partition)


class Lane(ConsumerRebalanceListener):
    """Takes up records, has them handled, and commits what is finished."""

    def __init__(self, service: str, topic: str, settings: BusSettings, handle: Handle) -> None:
        self._labels = (service, topic)
        self._settings = settings
        self._handle = handle
        self._consumer: Callable[[], Consumer | None] = lambda: None
        self._assignment = self._new_assignment()
        self._left_at: dict[TopicPartition, int] = {}
        self._committing = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._watch: Watch | None = None
        self._border: Border | None = None
        self._noted: set[TopicPartition] = set()
        self._stopped = False
        self.assigned = asyncio.Event()
        """Set while the group has given this member its share, be it none: a spare is ready."""
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Raises what stopped the lane."""

    def start(
        self,
        consumer: Callable[[], Consumer | None],
        watch: Watch | None = None,
        border: Border | None = None,
    ) -> None:
        """Begin to commit. `consumer` gives the consumer while there is one.

        `watch` looks out for events that kill the process, `border` holds back floods.
        """
        self._consumer = consumer
        self._watch = watch
        self._border = border
        # Two: a commit waits for as long as the group's coordinator does not answer.
        self._tasks = [
            asyncio.create_task(self._regularly(each)) for each in (self._commit_due, self._look)
        ]

    async def take_up(self, records: Sequence[Record]) -> None:
        """Queue `records` under their keys.

        Waits while partitions are changing hands: a fetch can bring records of the new
        assignment before the lane hears of it. A batch that cannot be taken up fails the lane:
        the next batch would be committed, and this one with it.
        """
        try:
            await self._take_up(records)
        except Exception as error:  # noqa: BLE001 - whatever it is, FastStream would pass it over
            self.fail(error)

    async def stop(self) -> None:
        """Finish what is being handled, commit, and give the rest back."""
        self._stopped = True
        await self._give_back()
        for task in self._tasks:
            task.cancel()

    def fail(self, error: Exception) -> None:
        """Begin nothing more, and let `failed` say why."""
        self._assignment.leave()
        if not self.failed.done():
            self.failed.set_exception(error)

    def with_room(self, partitions: Collection[TopicPartition]) -> Sequence[TopicPartition]:
        """Those of `partitions` of which more can be taken up; each has an even share of memory."""
        share = self._settings.ahead_mb * 1e6 / max(len(partitions), 1)
        return [
            partition
            for partition in partitions
            if self._assignment.bytes_of(partition) < share
            and (self._border is None or self._border.may_pass(partition))
        ]

    def careful(self, record: Record, leaving: asyncio.Event) -> AbstractAsyncContextManager[None]:
        """Around every attempt at a record: see `Watch.over`."""
        if self._watch is None:
            return AT_EASE
        return self._watch.over(record, leaving, self._write_down)

    @property
    def labels(self) -> tuple[str, str]:
        """Service and topic, as the metrics name them."""
        return self._labels

    @property
    def unfinished(self) -> int:
        """Events taken up and not finished."""
        return self._assignment.unfinished

    @property
    def oldest_seconds(self) -> float:
        """Age of the oldest event that is being handled."""
        return self._assignment.oldest_seconds

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Give everything back: aiokafka's assignors revoke all partitions of a member."""
        self.assigned.clear()
        if revoked:
            REBALANCES.labels(*self._labels).inc()
        await self._give_back()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Begin anew."""
        if not self._stopped and not self.failed.done():
            self._assignment = self._new_assignment()
            if consumer := self._consumer():
                consumer.with_room = self.with_room
            if self._border is not None:
                self._border.assigned(assigned)
            await self._read_notes(assigned)
        self.assigned.set()

    def _new_assignment(self) -> Assignment:
        return Assignment(self._handle, self.fail)

    async def _read_notes(self, assigned: set[TopicPartition]) -> None:
        self._noted = set()
        consumer = self._consumer()
        if self._watch is None or consumer is None:
            return
        notes: dict[TopicPartition, str] = {}
        with suppress(KafkaError):  # then nobody is suspected
            notes = await consumer.notes(assigned)
        self._watch.begin(notes)

    async def _take_up(self, records: Sequence[Record]) -> None:
        await self.assigned.wait()
        assignment = self._assignment  # once it has ended, it takes up nothing
        for partition, group in groupby(records, partition_of):
            batch = list(group)
            if await self._is_current(partition, batch[0].offset):
                if self._watch is not None and partition not in self._noted:
                    await self._commit({partition: batch[0].offset})
                    self._noted.add(partition)
                assignment.take_up(partition, batch)
                if self._border is not None:
                    self._border.passed(partition, len(batch))

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
        committed = await consumer.committed(partition)
        if committed is not None and committed >= first:
            return True
        with suppress(IllegalStateError):  # no longer assigned
            if committed is None:
                await consumer.seek_to_beginning(partition)
            else:
                consumer.seek(partition, committed)
        return False

    async def _give_back(self) -> None:
        await self._assignment.end(self._settings.drain_seconds)
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_COMMIT_SECONDS):
                await self._commit(self._left_over(), in_order=True)
        self._left_at = self._assignment.next_expected

    async def _regularly(self, act: Callable[[], Awaitable[object]]) -> None:
        try:
            while True:
                await asyncio.sleep(_LOOK_EVERY)
                await act()
        except Exception as error:  # noqa: BLE001 - without commits everything would come again
            self.fail(error)

    async def _commit_due(self) -> None:
        await self._commit(self._assignment.committable)

    async def _look(self) -> None:
        """Raises `BusError` where the consumer looks alive and does nothing."""
        consumer = self._consumer()
        if consumer is None:
            return
        if consumer.refused:
            raise reading_denied(self._settings, consumer.refused)
        if consumer.has_lost_its_group():
            raise BusError(f"{self._labels[0]} has lost its place in the consumer group.")

    def _left_over(self) -> dict[TopicPartition, int]:
        """What is to be committed at the end; all of it where a note has to go with it."""
        assignment = self._assignment
        return assignment.committable if self._watch is None else assignment.reached

    async def _write_down(self, partition: TopicPartition) -> None:
        """Commit the note of `partition`, however long Kafka is away. Raises `Abandoned`."""
        assignment = self._assignment
        while not await self._commit({partition: assignment.reached[partition]}):
            if assignment.is_left:
                raise Abandoned
            await asyncio.sleep(_LOOK_EVERY)

    async def _commit(self, due: dict[TopicPartition, int], *, in_order: bool = False) -> bool:
        """Commit offsets with their notes; false where Kafka did not take them."""
        async with self._committing:
            assignment, consumer = self._assignment, self._consumer()
            if not due or consumer is None:
                return True
            try:
                await consumer.commit(self._with_notes(due, in_order))
            except REFUSALS as error:
                self.fail(reading_denied(self._settings, error))
                return False
            except KafkaError:
                COMMIT_FAILURES.labels(*self._labels).inc()  # what is not committed comes again
                return False
            assignment.committed(due)
            return True

    def _with_notes(
        self, due: dict[TopicPartition, int], in_order: bool
    ) -> dict[TopicPartition, int | tuple[int, str]]:
        if self._watch is None:
            return dict(due)
        watch = self._watch
        return {
            partition: (offset, IN_ORDER if in_order else watch.note(partition))
            for partition, offset in due.items()
        }
