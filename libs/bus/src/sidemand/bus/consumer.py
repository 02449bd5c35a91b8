"""The consumer that FastStream drives: it waits for records instead of looking again and again."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from faststream.kafka import KafkaBroker

DEAF_MS: Final = 1
"""FastStream waits as long for records as it sleeps, deaf, after a look that brought none: for
any length one of the two is wrong. So it is told the shortest, and the consumer waits longer."""

_PATIENCE_MS: Final = 1000


class PatientConsumer(AIOKafkaConsumer):
    """Waits up to a second for records, whatever it is told."""

    async def getmany(self, *partitions: Any, timeout_ms: int = 0, max_records: Any = None) -> Any:
        """See aiokafka; returns as soon as there is a record."""
        patience = max(timeout_ms, _PATIENCE_MS)
        return await super().getmany(*partitions, timeout_ms=patience, max_records=max_records)

    async def notes(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, str]:
        """What was committed beside the offsets; aiokafka itself shows only those."""
        found = await cast("Any", self._coordinator).fetch_committed_offsets(list(partitions))
        return {partition: committed.metadata for partition, committed in found.items()}


def make_patient(broker: KafkaBroker) -> None:
    """Let a connected broker build patient consumers; FastStream's own test broker does it so."""
    connected = broker.config.broker_config
    options = cast("partial[object]", connected.builder).keywords
    connected.builder = partial(PatientConsumer, **options)
