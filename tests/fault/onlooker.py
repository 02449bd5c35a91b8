"""Reads topics as they grow, and goes on where it was after Kafka has been away."""

from collections.abc import Callable, Sequence
from typing import Final, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from sidemand.bus import BusSettings
from sidemand.bus.decoding import Record
from sidemand.bus.provisioning import partition_counts

REQUEST_MS: Final = 5_000
_LARGEST: Final = 16 * 1024 * 1024


class Onlooker:
    """Shows every record of some topics once, in the order of its partition."""

    def __init__(
        self, bus: BusSettings, topics: Sequence[str], see: Callable[[Record], None]
    ) -> None:
        self._bus = bus
        self._topics = topics
        self._see = see
        self._positions: dict[TopicPartition, int] = {}
        self._consumer: AIOKafkaConsumer | None = None

    async def catch_up(self) -> None:
        """Show everything that is there now. Raises what Kafka's client raises."""
        consumer = await self._connected()
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while any([await consumer.position(each) < ends[each] for each in ends]):
            for partition, batch in (await consumer.getmany(timeout_ms=500)).items():
                for record in batch:
                    self._see(cast("Record", record))
                    self._positions[partition] = record.offset + 1

    async def close(self) -> None:
        """Let the connection go; `catch_up` makes a new one."""
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            await consumer.stop()

    async def _connected(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            counts = await partition_counts(self._bus)
            self._consumer = AIOKafkaConsumer(
                bootstrap_servers=self._bus.kafka,
                enable_auto_commit=False,
                request_timeout_ms=REQUEST_MS,
                max_partition_fetch_bytes=_LARGEST,
            )
            await self._consumer.start()
            partitions = [
                TopicPartition(topic, number)
                for topic in self._topics
                for number in range(counts[topic])
            ]
            self._consumer.assign(partitions)
            for partition in partitions:
                self._consumer.seek(partition, self._positions.get(partition, 0))
        return self._consumer
