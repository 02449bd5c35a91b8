"""Sees all that Kafka holds while it happens, and looks whether commits run ahead of effects."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from sidemand.bus import BusSettings, Transient
from sidemand.bus.decoding import Record, position_of
from sidemand.bus.provisioning import partition_counts

from .effects import Effects
from .numbered import DEAD_LETTERS, GIVEN, GROUP, REDACTED, TENANT

INPUT: Final = GIVEN.of(TENANT)
_LOOK_EVERY: Final = 0.5
_PATIENCE: Final = 15.0
_REQUEST_MS: Final = 5_000
_LARGEST: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """One record, without its body."""

    position: str
    """`topic/partition/offset`."""
    headers: dict[str, str]
    """As far as they can be read."""

    def __getitem__(self, name: str) -> str:
        """A header; empty where there is none."""
        return self.headers.get(name, "")


@dataclass
class Witness:
    """Follows input, output and dead letters from the beginning."""

    bus: BusSettings
    effects: Effects
    inputs: dict[int, list[Seen]] = field(default_factory=lambda: defaultdict(list))
    """By partition, in the order of offsets."""
    outputs: list[Seen] = field(default_factory=list)
    """In the order of each partition."""
    letters: list[Seen] = field(default_factory=list)
    ahead: list[str] = field(default_factory=list)
    """Positions that were committed while their record had neither effect nor dead letter."""
    samples: int = 0
    """How often the committed offsets were compared with the effects."""
    _checked: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    _positions: dict[TopicPartition, int] = field(default_factory=dict)
    _consumer: AIOKafkaConsumer | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Look again and again until the block ends."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await self._disconnect()
        if not watching.cancelled() and (error := watching.exception()):
            raise error

    async def unfinished(self) -> list[Seen]:
        """The inputs so far that have neither effect nor dead letter, by what there is now.

        Raises what is away.
        """
        async with self._one_at_a_time:
            await self._catch_up()
        return await self._without_effect([each for all_ in self.inputs.values() for each in all_])

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            async with self._one_at_a_time:
                try:
                    async with asyncio.timeout(_PATIENCE):
                        await self._compare()
                except (KafkaError, Transient, OSError, TimeoutError):
                    await self._disconnect()  # something is away; what was missed is read later

    async def _compare(self) -> None:
        """First what is committed, then what has effects: of those there can only be more."""
        committed = await committed_offsets(self.bus)
        await self._catch_up()
        passed = [
            seen
            for partition, offset in committed.items()
            for seen in self.inputs[partition][self._checked[partition] : offset]
        ]
        self.ahead += [seen.position for seen in await self._without_effect(passed)]
        for partition, offset in committed.items():
            self._checked[partition] = max(offset, self._checked[partition])
        self.samples += 1

    async def _without_effect(self, seen: list[Seen]) -> list[Seen]:
        buried = {letter["dlq-origin"] for letter in self.letters}
        alive = [each for each in seen if each.position not in buried]
        missing = await self.effects.missing({each["ce_id"] for each in alive})
        return [each for each in alive if each["ce_id"] in missing]

    async def _catch_up(self) -> None:
        """Read everything that is there now."""
        consumer = await self._connected()
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while any([await consumer.position(each) < ends[each] for each in ends]):
            for partition, batch in (await consumer.getmany(timeout_ms=500)).items():
                for record in batch:
                    self._see(cast("Record", record))
                    self._positions[partition] = record.offset + 1

    def _see(self, record: Record) -> None:
        seen = Seen(
            position_of(record),
            {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers},
        )
        if record.topic == INPUT:
            assert record.offset == len(self.inputs[record.partition]), "once, without gaps"
            self.inputs[record.partition].append(seen)
        elif record.topic == DEAD_LETTERS:
            self.letters.append(seen)
        else:
            self.outputs.append(seen)

    async def _connected(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            counts = await partition_counts(self.bus)
            self._consumer = AIOKafkaConsumer(
                bootstrap_servers=self.bus.kafka,
                enable_auto_commit=False,
                request_timeout_ms=_REQUEST_MS,
                max_partition_fetch_bytes=_LARGEST,
            )
            await self._consumer.start()
            partitions = [
                TopicPartition(topic, number)
                for topic in (INPUT, REDACTED.name, DEAD_LETTERS)
                for number in range(counts[topic])
            ]
            self._consumer.assign(partitions)
            for partition in partitions:
                self._consumer.seek(partition, self._positions.get(partition, 0))
        return self._consumer

    async def _disconnect(self) -> None:
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            await consumer.stop()


async def committed_offsets(bus: BusSettings) -> dict[int, int]:
    """What the group has committed of the input, by partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bus.kafka, request_timeout_ms=_REQUEST_MS)
    try:
        await admin.start()
        offsets = await admin.list_consumer_group_offsets(GROUP)
    finally:
        await admin.close()
    return {
        partition.partition: found.offset
        for partition, found in offsets.items()
        if partition.topic == INPUT and found.offset >= 0
    }
