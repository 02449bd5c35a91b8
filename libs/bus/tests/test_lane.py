"""A lane between its consumer and its handlers, through rebalances, stops and failures."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from hypothesis import given, settings
from hypothesis import strategies as st
from sidemand.bus import BusError, BusSettings
from sidemand.bus.assignment import Abandoned, Handle
from sidemand.bus.decoding import Record
from sidemand.bus.lane import Consumer, Lane

TOPIC = "casework.document.ingested.v1"
FIRST, OTHER = TopicPartition(TOPIC, 0), TopicPartition(TOPIC, 1)


def record(offset: int, key: bytes = b"storaadal|1", partition: TopicPartition = FIRST) -> Record:
    topic, number = partition
    return ConsumerRecord(topic, number, offset, 0, 0, key, b"", None, 0, 0, ())


class FakeConsumer:
    """One member of a group, with positions and commits as Kafka keeps them."""

    def __init__(self, *partitions: TopicPartition) -> None:
        self.assigned: set[TopicPartition] = set()
        self.commits: list[dict[TopicPartition, int]] = []
        self.committed_offsets: dict[TopicPartition, int] = {}
        self.positions: dict[TopicPartition, int] = {}
        self.with_room: Callable[[Collection[TopicPartition]], Sequence[TopicPartition]] = list
        self.refused: KafkaError | None = None
        self.refuses_commits = False
        self.assign(partitions)

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        self.assigned = set(partitions)
        self.positions = {each: self.committed_offsets.get(each, 0) for each in self.assigned}

    def fetch(self, count: int, keys: int = 1, partition: TopicPartition = FIRST) -> list[Record]:
        """The next records of a partition; every key comes round in turn."""
        first = self.positions[partition]
        self.positions[partition] += count
        return [
            record(offset, b"storaadal|%d" % (offset % keys), partition)
            for offset in range(first, first + count)
        ]

    def has_lost_its_group(self) -> bool:
        return False

    def assignment(self) -> set[TopicPartition]:
        return self.assigned

    def seek(self, partition: TopicPartition, offset: int) -> None:
        if partition not in self.assigned:
            raise IllegalStateError
        self.positions[partition] = offset

    async def seek_to_beginning(self, *partitions: TopicPartition) -> bool:
        for partition in partitions:
            self.seek(partition, 0)
        return True

    async def committed(self, partition: TopicPartition) -> int | None:
        return self.committed_offsets.get(partition)

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if self.refuses_commits:
            raise CommitFailedError
        if not offsets.keys() <= self.assigned:
            raise IllegalStateError
        self.commits.append(dict(offsets))
        self.committed_offsets.update(offsets)


SETTINGS = BusSettings(drain_seconds=0.1)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - any condition, not only an event
            await asyncio.sleep(0.005)


@dataclass
class Handling:
    """A handler that waits for the test: what it was given, and what it finished."""

    begun: list[int] = field(default_factory=list)
    finished: list[int] = field(default_factory=list)
    waiting: dict[int, asyncio.Event] = field(default_factory=dict)

    async def __call__(self, record: Record, leaving: asyncio.Event) -> None:
        self.begun.append(record.offset)
        release = self.waiting.setdefault(record.offset, asyncio.Event())
        left = asyncio.create_task(leaving.wait())
        released = asyncio.create_task(release.wait())
        await asyncio.wait({left, released}, return_when=asyncio.FIRST_COMPLETED)
        left.cancel()
        released.cancel()
        if not release.is_set():
            raise Abandoned
        self.finished.append(record.offset)

    def finish(self, *offsets: int) -> None:
        for offset in offsets:
            self.waiting.setdefault(offset, asyncio.Event()).set()


@asynccontextmanager
async def lane(
    handle: Handle, consumer: FakeConsumer, configured: BusSettings = SETTINGS
) -> AsyncIterator[Lane]:
    made = Lane("redaction", "casework.document.ingested.v1", configured, handle)
    made.start(lambda: cast("Consumer", consumer))
    await made.on_partitions_assigned(consumer.assigned)
    try:
        yield made
    finally:
        await made.stop()


async def rebalance(
    made: Lane,
    consumer: FakeConsumer,
    *partitions: TopicPartition,
    positions: dict[TopicPartition, int] | None = None,
) -> None:
    """Assign `partitions`; `positions` are where a fetch that spanned the change has come to."""
    await made.on_partitions_revoked(consumer.assigned)
    consumer.assign(partitions)
    consumer.positions.update(positions or {})
    await made.on_partitions_assigned(consumer.assigned)


async def test_what_is_finished_is_committed_up_to_the_first_that_is_not() -> None:
    handling, consumer = Handling(), FakeConsumer(FIRST)
    async with lane(handling, consumer) as made:
        await made.take_up(consumer.fetch(4, keys=4))
        handling.finish(0, 1, 3)
        await until(lambda: consumer.committed_offsets.get(FIRST) == 2)
        handling.finish(2)
        await until(lambda: consumer.committed_offsets.get(FIRST) == 4)


async def test_a_stop_commits_what_was_finished_and_gives_back_the_rest() -> None:
    handling, consumer = Handling(), FakeConsumer(FIRST)
    async with lane(handling, consumer) as made:
        await made.take_up(consumer.fetch(3))
        handling.finish(0)
        await until(lambda: handling.begun == [0, 1])
    assert consumer.committed_offsets == {FIRST: 1}
    assert handling.begun == [0, 1]


async def test_records_that_come_before_the_lane_hears_of_its_partitions_wait_for_it() -> None:
    handling, consumer = Handling(), FakeConsumer(FIRST)
    async with lane(handling, consumer) as made:
        await made.on_partitions_revoked({FIRST})
        taken_up = asyncio.create_task(made.take_up(consumer.fetch(1)))
        await asyncio.sleep(0)
        assert handling.begun == []
        await made.on_partitions_assigned({FIRST})
        await taken_up
        await until(lambda: handling.begun == [0])


async def test_a_batch_of_the_last_assignment_is_sought_back_and_handled_once_more() -> None:
    handling, consumer = Handling(), FakeConsumer(FIRST)
    async with lane(handling, consumer) as made:
        await made.take_up(consumer.fetch(3))
        handling.finish(0)
        await until(lambda: handling.begun == [0, 1])
        stale = consumer.fetch(2)
        await rebalance(made, consumer, FIRST, positions={FIRST: 5})
        await made.take_up(stale)
        assert consumer.positions == {FIRST: 1}
        await made.take_up(consumer.fetch(4))
        handling.finish(1, 2, 3, 4)
        await until(lambda: consumer.committed_offsets == {FIRST: 5})
    assert handling.finished == [0, 1, 2, 3, 4]


async def test_a_stale_batch_of_a_partition_without_commits_is_sought_to_its_beginning() -> None:
    handling, consumer = Handling(), FakeConsumer(FIRST)
    async with lane(handling, consumer) as made:
        await made.take_up(consumer.fetch(2))
        stale = consumer.fetch(1)
        await rebalance(made, consumer, FIRST, positions={FIRST: 3})
        await made.take_up(stale)
        assert consumer.positions == {FIRST: 0}


async def test_a_partition_that_went_elsewhere_is_neither_handled_nor_committed() -> None:
    handling, consumer = Handling(), FakeConsumer(FIRST, OTHER)
    async with lane(handling, consumer) as made:
        late = consumer.fetch(1, partition=OTHER)
        await rebalance(made, consumer, FIRST)
        await made.take_up(late)
        await made.take_up(consumer.fetch(1))
        handling.finish(0)
        await until(lambda: FIRST in consumer.committed_offsets)
    assert consumer.committed_offsets == {FIRST: 1}


async def test_a_rebalance_while_a_batch_is_looked_at_does_not_spoil_the_next_assignment() -> None:
    """The look asks Kafka for the committed offset, and the rebalance comes meanwhile."""
    handling, consumer = Handling(), FakeConsumer(FIRST)
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slowly(_partition: TopicPartition) -> int:
        asked.set()
        await answer.wait()
        return 5

    async with lane(handling, consumer) as made:
        await made.take_up(consumer.fetch(1))
        await rebalance(made, consumer, FIRST)
        setattr(consumer, "committed", slowly)  # noqa: B010 - a method
        looking = asyncio.create_task(made.take_up([record(1), record(2)]))
        await asked.wait()
        await rebalance(made, consumer, FIRST)
        answer.set()
        await looking
        await made.take_up(consumer.fetch(3))
        handling.finish(0, 1, 2)
        await until(lambda: handling.finished == [0, 1, 2])


async def test_a_partition_that_has_used_its_share_has_no_room_until_some_of_it_is_finished() -> (
    None
):
    handling, consumer = Handling(), FakeConsumer(FIRST, OTHER)
    async with lane(handling, consumer, BusSettings(drain_seconds=0.1, ahead_mb=0.1)) as made:
        await made.take_up(consumer.fetch(9, keys=9))
        assert consumer.with_room((FIRST, OTHER)) == [OTHER]
        handling.finish(0)
        await until(lambda: handling.finished == [0])
        assert consumer.with_room((FIRST, OTHER)) == [FIRST, OTHER]


async def test_a_large_event_takes_as_much_of_the_share_as_it_has_bytes() -> None:
    handling, consumer = Handling(), FakeConsumer(FIRST)
    async with lane(handling, consumer, BusSettings(drain_seconds=0.1, ahead_mb=0.1)) as made:
        await made.take_up([replace(record(0), value=b"x" * 100_000)])
        assert consumer.with_room([FIRST]) == []


async def test_after_a_rebalance_nothing_old_takes_room() -> None:
    handling, consumer = Handling(), FakeConsumer(FIRST)
    async with lane(handling, consumer, BusSettings(drain_seconds=0.1, ahead_mb=0.05)) as made:
        await made.take_up(consumer.fetch(9, keys=9))
        assert consumer.with_room([FIRST]) == []
        await rebalance(made, consumer, FIRST)
        assert consumer.with_room([FIRST]) == [FIRST]


async def test_a_failing_handler_fails_the_lane_and_nothing_of_its_key_follows() -> None:
    begun = []

    async def fail_at_once(record: Record, leaving: asyncio.Event) -> None:
        begun.append(record.offset)
        raise BusError("enough")

    consumer = FakeConsumer(FIRST)
    async with lane(fail_at_once, consumer) as made:
        await made.take_up(consumer.fetch(2))
        with pytest.raises(BusError, match="enough"):
            await asyncio.wait_for(asyncio.shield(made.failed), 1)
        await made.take_up(consumer.fetch(2))
        await rebalance(made, consumer, FIRST)
        await made.take_up(consumer.fetch(2))
    assert begun == [0]
    assert consumer.commits == []


async def test_a_batch_that_cannot_be_taken_up_fails_the_lane_instead_of_being_lost() -> None:
    handling, consumer = Handling(), FakeConsumer(FIRST)

    async def broken(_partition: TopicPartition) -> int:
        raise KafkaError

    async with lane(handling, consumer) as made:
        await made.take_up(consumer.fetch(1))
        await rebalance(made, consumer, FIRST)
        setattr(consumer, "committed", broken)  # noqa: B010 - a method
        await made.take_up([record(1)])
        with pytest.raises(KafkaError):
            await asyncio.wait_for(asyncio.shield(made.failed), 1)


async def test_a_refused_commit_is_made_again() -> None:
    handling, consumer = Handling(), FakeConsumer(FIRST)
    consumer.refuses_commits = True
    async with lane(handling, consumer) as made:
        await made.take_up(consumer.fetch(1))
        handling.finish(0)
        await until(lambda: handling.finished == [0])
        consumer.refuses_commits = False
        await until(lambda: consumer.committed_offsets == {FIRST: 1})


async def test_a_committer_that_breaks_fails_the_lane() -> None:
    handling, consumer = Handling(), FakeConsumer(FIRST)

    async def broken(_offsets: dict[TopicPartition, int]) -> None:
        raise RuntimeError("no connection object")

    setattr(consumer, "commit", broken)  # noqa: B010 - a method
    async with lane(handling, consumer) as made:
        await made.take_up(consumer.fetch(1))
        handling.finish(0)
        with pytest.raises(RuntimeError):
            await asyncio.wait_for(asyncio.shield(made.failed), 2)
        setattr(consumer, "commit", FakeConsumer(FIRST).commit)  # noqa: B010 - a method


async def test_a_commit_that_gets_no_answer_does_not_keep_a_stop_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sidemand.bus.lane.LAST_COMMIT_SECONDS", 0.05)
    handling, consumer = Handling(), FakeConsumer(FIRST)

    async def for_ever(_offsets: dict[TopicPartition, int]) -> None:
        await asyncio.Event().wait()

    setattr(consumer, "commit", for_ever)  # noqa: B010 - a method
    async with asyncio.timeout(2), lane(handling, consumer) as made:
        await made.take_up(consumer.fetch(1))
        handling.finish(0)
        await until(lambda: handling.finished == [0])


steps = st.lists(
    st.one_of(
        st.tuples(st.just("fetch"), st.integers(1, 4)),
        st.tuples(st.just("finish"), st.integers(0, 30)),
        st.tuples(st.just("rebalance"), st.booleans()),
        st.tuples(st.just("refuse commits"), st.booleans()),
    ),
    max_size=30,
)


@settings(max_examples=60)
@given(steps=steps)
async def test_through_any_rebalances_nothing_is_lost_or_committed_before_it_is_finished(
    steps: list[tuple[str, Any]],
) -> None:
    handling, consumer = Handling(), FakeConsumer(FIRST)
    order = defaultdict[bytes, list[int]](list)

    async def handle(record: Record, leaving: asyncio.Event) -> None:
        await handling(record, leaving)
        order[record.key or b""].append(record.offset)

    highest = 0
    async with lane(handle, consumer) as made:
        for step, value in steps:
            if step == "fetch":
                await made.take_up(consumer.fetch(value, keys=3))
                highest = max(highest, consumer.positions[FIRST])
            elif step == "finish":
                handling.finish(value)
            elif step == "refuse commits":
                consumer.refuses_commits = value
            else:
                stale = consumer.fetch(2, keys=3) if value else []
                reached = {FIRST: consumer.positions[FIRST]} if value else {}
                await rebalance(made, consumer, FIRST, positions=reached)
                await made.take_up(stale)
            await asyncio.sleep(0)
            assert set(range(consumer.committed_offsets.get(FIRST, 0))) <= set(handling.finished)
        consumer.refuses_commits = False
        handling.finish(*range(highest + 10))
        await rebalance(made, consumer, FIRST)
        if (left := highest - consumer.positions[FIRST]) > 0:
            await made.take_up(consumer.fetch(left, keys=3))
        await asyncio.sleep(0)
        await until(lambda: not made.oldest_seconds)
    assert set(range(highest)) <= set(handling.finished)
    assert consumer.committed_offsets.get(FIRST, 0) >= highest
    for offsets in order.values():
        assert (first_times := list(dict.fromkeys(offsets))) == sorted(first_times)
