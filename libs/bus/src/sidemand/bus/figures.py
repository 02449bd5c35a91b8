"""What the metrics of a subscription say, measured when somebody asks for them.

Nothing that hangs, such as a commit while Kafka is away, can then leave an old figure standing.
"""

import asyncio
from collections import Counter
from typing import Any, Final, Protocol, cast

from sidemand.bus.circuit import Circuit
from sidemand.bus.consumer import PatientConsumer
from sidemand.bus.lane import Lane
from sidemand.observability.metrics import DEPENDENCY_AWAY, LAG, OLDEST_UNFINISHED, UNFINISHED

_PATIENCE: Final = 2.0
"""Seconds that a question to Kafka may take; Prometheus itself waits ten."""


class Subscriber(Protocol):
    """The part of FastStream's subscriber that tells whether it still fetches."""

    tasks: list[asyncio.Task[Any]]
    consumer: Any
    """A `PatientConsumer` between start and stop."""


class Figures:
    """Of one subscription."""

    def __init__(self, lane: Lane, circuit: Circuit, subscriber: Subscriber) -> None:
        self._lane = lane
        self._circuit = circuit
        self._subscriber = subscriber
        self._exported: set[str] = set()

    async def measure(self) -> None:
        """Set the metrics to what is so now."""
        labels = self._lane.labels
        UNFINISHED.labels(*labels).set(self._lane.unfinished)
        OLDEST_UNFINISHED.labels(*labels).set(self._lane.oldest_seconds)
        DEPENDENCY_AWAY.labels(*labels).set(self._circuit.is_open)
        consumer: PatientConsumer | None = self._subscriber.consumer
        if consumer is None or not self._lane.assigned.is_set():
            self._export({})
            return
        self._keep({str(each.partition) for each in cast("Any", consumer).assignment()})
        try:
            async with asyncio.timeout(_PATIENCE):
                lags = await consumer.lags()
        except Exception:  # noqa: BLE001 - what cannot be had now must not cost the other figures
            return
        by_partition: Counter[str] = Counter()
        for partition, lag in lags.items():
            by_partition[str(partition.partition)] += lag
        self._export(by_partition)

    def _export(self, lags: dict[str, int]) -> None:
        self._keep(set(lags))
        for partition, lag in lags.items():
            LAG.labels(*self._lane.labels, partition).set(lag)
        self._exported |= lags.keys()

    def _keep(self, partitions: set[str]) -> None:
        """Say nothing of partitions that another member has now."""
        for gone in self._exported - partitions:
            LAG.remove(*self._lane.labels, gone)
        self._exported &= partitions
