"""Sees all that Kafka holds while it happens, and looks whether commits run ahead of effects."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from sidemand.bus import BusSettings, Transient
from sidemand.bus.decoding import Record, position_of
from sidemand.schemas.envelope import cause_id

from .effects import Effects
from .numbered import DEAD_LETTERS, GIVEN, GROUP, REDACTED, TENANT
from .onlooker import REQUEST_MS, Onlooker

INPUT: Final = GIVEN.of(TENANT)
_LOOK_EVERY: Final = 0.5
_PATIENCE: Final = 15.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One record, without its body."""

    position: str
    """`topic/partition/offset`."""
    headers: dict[str, str]
    """As far as they can be read."""

    @property
    def cause(self) -> str:
        """How what follows from this event names it."""
        return cause_id(self["ce_source"], self["ce_id"])

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
    """Positions committed while their record had neither effect and output nor dead letter."""
    samples: int = 0
    """How often the committed offsets were compared with the effects."""
    _checked: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._onlooker = Onlooker(self.bus, (INPUT, REDACTED.name, DEAD_LETTERS), self._see)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Look again and again until the block ends."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await self._onlooker.close()
        if not watching.cancelled() and (error := watching.exception()):
            raise error

    async def unfinished(self) -> list[Seen]:
        """The inputs that have neither effect and output nor dead letter, by what there is now.

        Raises what is away.
        """
        async with self._one_at_a_time:
            await self._onlooker.catch_up()
        return await self._without_effect([each for all_ in self.inputs.values() for each in all_])

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            async with self._one_at_a_time:
                try:
                    async with asyncio.timeout(_PATIENCE):
                        await self._compare()
                except (KafkaError, Transient, OSError, TimeoutError):
                    await self._onlooker.close()  # something is away; what was missed is read later

    async def _compare(self) -> None:
        """First what is committed, then what has effects: of those there can only be more."""
        committed = await committed_offsets(self.bus)
        await self._onlooker.catch_up()
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
        passed_on = {output["ce_causationid"] for output in self.outputs}
        missing = await self.effects.missing({each["ce_id"] for each in alive})
        return [each for each in alive if each["ce_id"] in missing or each.cause not in passed_on]

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


async def committed_offsets(bus: BusSettings) -> dict[int, int]:
    """What the group has committed of the input, by partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bus.kafka, request_timeout_ms=REQUEST_MS)
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
