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

from .effects import Effects
from .evidence import INPUT, Evidence, Seen
from .numbered import DEAD_LETTERS, GROUP, REDACTED
from .onlooker import REQUEST_MS, Onlooker

_LOOK_EVERY: Final = 0.5
_PATIENCE: Final = 15.0


@dataclass
class Witness:
    """Follows input, output and dead letters from the beginning."""

    bus: BusSettings
    effects: Effects
    evidence: Evidence = field(default_factory=Evidence)
    samples: int = 0
    """How often the committed offsets were compared with the effects."""
    _checked: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        names = (INPUT, REDACTED.name, DEAD_LETTERS)
        self._onlooker = Onlooker(self.bus, names, self.evidence.see)

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
        """The inputs that are not finished, by what there is now. Raises what is away."""
        async with self._one_at_a_time:
            await self._onlooker.catch_up()
        return await self._unfinished(self.evidence.every_input)

    async def uncommitted(self) -> int:
        """How many inputs lie behind what the group has committed. Raises what is away."""
        committed = await committed_offsets(self.bus)
        async with self._one_at_a_time:
            await self._onlooker.catch_up()
        return sum(
            len(found) - committed.get(partition, 0)
            for partition, found in self.evidence.inputs.items()
        )

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
            for seen in self.evidence.inputs[partition][self._checked[partition] : offset]
        ]
        self.evidence.ahead += [seen.position for seen in await self._unfinished(passed)]
        for partition, offset in committed.items():
            self._checked[partition] = max(offset, self._checked[partition])
        self.samples += 1

    async def _unfinished(self, inputs: list[Seen]) -> list[Seen]:
        without_effect = await self.effects.missing({each["ce_id"] for each in inputs})
        return self.evidence.unfinished(inputs, without_effect)


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
