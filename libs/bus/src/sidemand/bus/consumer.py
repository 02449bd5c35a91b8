"""The consumer that FastStream drives: it waits for records instead of looking again and again."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata
from faststream.kafka import KafkaBroker
from sidemand.bus.rights import REFUSALS

DEAF_MS: Final = 1
"""FastStream waits as long for records as it sleeps, deaf, after a look that brought none: for
any length one of the two is wrong. So it is told the shortest, and the consumer waits longer."""

_PATIENCE_MS: Final = 1000
_LONGEST_COMPLAINT: Final = 15.0
"""After an error FastStream sleeps for five seconds, and then asks."""
_BETWEEN_LOOKS_MS: Final = 10
"""How long it may take until it is seen that a partition has room again, or is full."""


class PatientConsumer(AIOKafkaConsumer):
    """Waits up to a second for records, whatever it is told, and leaves what there is no room for.

    What a partition without room has sent ahead stays with the consumer, which asks the broker
    for nothing more of it; a pause would throw it away.
    """

    def __init__(self, *topics: str, **options: Any) -> None:
        cast("Any", super()).__init__(*topics, **options)
        self.with_room: Callable[[Collection[TopicPartition]], Sequence[TopicPartition]] = list
        """Those of these partitions of which more can be taken up; a lane says so."""
        self.refused: KafkaError | None = None
        """What Kafka does not let us read. FastStream would ask again for ever."""
        self._without_complaint_at = asyncio.get_running_loop().time()

    async def getmany(self, *partitions: Any, timeout_ms: int = 0, max_records: Any = None) -> Any:
        """See aiokafka; returns as soon as there is a record that there is room for."""
        try:
            fetched = await self._fetched(
                *partitions, timeout_ms=timeout_ms, max_records=max_records
            )
        except REFUSALS as error:
            self.refused = error
            raise
        self._let_others_go_first(fetched)
        return fetched

    async def _fetched(self, *partitions: Any, timeout_ms: int, max_records: Any) -> Any:
        wanted = partitions or cast("Any", self).assignment()
        roomy = self.with_room(wanted)
        fetch = partial(super().getmany, max_records=max_records)
        if len(roomy) == len(wanted):
            return await fetch(*partitions, timeout_ms=max(timeout_ms, _PATIENCE_MS))
        self._fetch_without_waiting_for(set(wanted).difference(roomy))
        if roomy:
            return await fetch(*roomy, timeout_ms=max(timeout_ms, _BETWEEN_LOOKS_MS))
        # As long as it is fetching, its group does not take it for stuck.
        with cast("Any", self._subscription).fetch_context():
            await asyncio.sleep(_BETWEEN_LOOKS_MS / 1000)
        return {}

    def _fetch_without_waiting_for(self, full: Iterable[TopicPartition]) -> None:
        """Let aiokafka go on fetching from the others while nothing is taken of these.

        It waits a tenth of a second, in the hope that what a broker has just sent is taken, before
        it asks that broker for more of any partition.
        """
        fetcher = cast("Any", self)._fetcher
        sent_ahead = [fetcher._records[each] for each in full if each in fetcher._records]
        if fresh := [each for each in sent_ahead if each.calculate_backoff()]:
            for each in fresh:
                each._backoff = 0
            fetcher._notify(fetcher._wait_consume_future)

    def _let_others_go_first(self, fetched: Iterable[TopicPartition]) -> None:
        """Put partitions behind the others in what was sent ahead.

        aiokafka goes on with the first until all of it is taken: a megabyte of each partition
        of a flood would come before the one event of somebody else.
        """
        sent_ahead = cast("Any", self)._fetcher._records
        for partition in fetched:
            if partition in sent_ahead:
                sent_ahead.move_to_end(partition)

    async def notes(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, str]:
        """What was committed beside the offsets; aiokafka itself shows only those."""
        found = await cast("Any", self._coordinator).fetch_committed_offsets(list(partitions))
        return {partition: committed.metadata for partition, committed in found.items()}

    async def lags(self) -> dict[TopicPartition, int]:
        """How many offsets of each assigned partition are not committed, as Kafka says now."""
        untyped = cast("Any", self)
        assigned = list(untyped.assignment())
        none = dict.fromkeys(assigned, OffsetAndMetadata(-1, ""))
        found = await untyped._coordinator.fetch_committed_offsets(assigned)
        return await lags(self, none | found)

    @property
    def is_cut_off(self) -> bool:
        """Whether the broker that leads the group has not answered for as long as it is missed.

        aiokafka asks it several times in a session, and shows nowhere whether it answers.
        """
        return cast("Any", self)._coordinator.coordinator_id is None

    def has_lost_its_group(self) -> bool:
        """Whether aiokafka has ended its part in the group, or does nothing for it any more.

        It tells of an error only from `getmany`, and until then takes no part in a rebalance. So
        a lane that waits for one, and meanwhile fetches nothing, would wait for ever; and where a
        task has died, such as the one that sends heartbeats, it tells of it again and again. A
        consumer like that looks alive. There is no public way to ask; ask several times a second.
        """
        coordinator = cast("Any", self)._coordinator
        if coordinator is None:  # it is starting
            return False
        now = asyncio.get_running_loop().time()
        if coordinator._error_consumed_fut is None:
            self._without_complaint_at = now
        has_complained_long = now - self._without_complaint_at > _LONGEST_COMPLAINT
        tasks = (coordinator._coordination_task, coordinator._client._sync_task)
        return has_complained_long or any(task.done() for task in tasks)

    @property
    def has_stopped_fetching(self) -> bool:
        """Whether aiokafka's own loop has ended: `getmany` would wait for records for ever."""
        return bool(cast("Any", self)._fetcher.error_future.done())


async def lags(
    consumer: AIOKafkaConsumer, committed: Mapping[TopicPartition, OffsetAndMetadata]
) -> dict[TopicPartition, int]:
    """How much of each partition lies behind what is `committed`, of all that Kafka has.

    -1 is nothing yet: then all of it does. Raises `KafkaError`.
    """
    untyped = cast("Any", consumer)
    ends = await untyped.end_offsets(list(committed))
    reached = {partition: at.offset for partition, at in committed.items() if at.offset >= 0}
    if fresh := [partition for partition in committed if partition not in reached]:
        reached |= await untyped.beginning_offsets(fresh)
    return {each: max(0, ends[each] - reached[each]) for each in committed}


def make_patient(broker: KafkaBroker, connection: Mapping[str, Any]) -> None:
    """Let a connected broker build patient consumers; FastStream's own test broker does it so.

    They connect as `connection` says, like every other client.
    """
    connected = broker.config.broker_config
    options = cast("partial[object]", connected.builder).keywords
    connected.builder = partial(PatientConsumer, **{**options, **connection})
