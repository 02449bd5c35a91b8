"""The Kafka topics that a cluster needs for its tenants, with partitions and configuration.

The files for Kafka and Kubernetes are written from here, and whoever creates topics in a program
calls `kafka_topics` too, so that the two never differ.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sidemand.schemas.identity import SHARED_TENANT, Payload
from sidemand.schemas.topics import ALL, Topic

SERVICES: Final = ("ingestion", "redaction", "embedding", "retrieval", "generation")
"""Consumers that are Sidemand's own: each has its dead letters."""

DEAD_LETTER_PARTITIONS: Final = 3
"""Dead letters are few; a key still stays in one partition, so their order is kept."""

DEAD_LETTER_RETENTION: Final = timedelta(days=14)
"""Long enough for an operator who is back from a holiday; they may hold personal data."""

DEAD_LETTER_MAXIMUM_BYTES: Final = 16 * 1024 * 1024
"""Of one dead letter."""

_SEGMENT_MAXIMUM: Final = timedelta(days=7)
_COMPACTED_WITHIN: Final = timedelta(days=1)
_DELETION_SEEN_WITHIN: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class KafkaTopic:
    """A topic as Kafka knows it."""

    name: str
    """With tenant where the topic belongs to one."""
    partitions: int
    """More can be added later, but then keys move: a case would lose its order once."""
    config: Mapping[str, str]
    """Kafka's topic configuration, in its own names and units (milliseconds)."""


def kafka_topics(tenants: Sequence[str], partitions: int | None = None) -> tuple[KafkaTopic, ...]:
    """Every topic of a cluster with these `tenants`, dead letters last.

    `partitions` is for a small cluster that wants another count than the registry's.

    Name `faelles` among the tenants for shared knowledge; it gets no topics for cases.
    """
    live = (
        KafkaTopic(name, partitions or topic.partitions, configuration(topic))
        for topic in ALL
        for name in _names(topic, tenants)
    )
    dead = (
        KafkaTopic(name, DEAD_LETTER_PARTITIONS, _dead_letter_configuration())
        for topic in ALL
        for name in dead_letters(topic)
    )
    return (*live, *dead)


def dead_letters(topic: Topic[Payload]) -> tuple[str, ...]:
    """The topic's dead-letter topics, one for each service of ours that reads it."""
    return tuple(topic.dead_letters(name) for name in topic.consumers if name in SERVICES)


def configuration(topic: Topic[Payload]) -> Mapping[str, str]:
    """Say how Kafka keeps `topic`. Raises `ValueError` where the registry does not."""
    if topic.compacted:
        return _compacted()
    if topic.retention is None:
        raise ValueError(f"{topic.name} is neither compacted nor has it a retention")
    return _deleted_after(topic.retention)


def _dead_letter_configuration() -> Mapping[str, str]:
    """A dead letter is the largest event that came in, and its headers on top."""
    return {
        **_deleted_after(DEAD_LETTER_RETENTION),
        "max.message.bytes": str(DEAD_LETTER_MAXIMUM_BYTES),
    }


def _names(topic: Topic[Payload], tenants: Sequence[str]) -> Iterator[str]:
    if not topic.edge:
        yield topic.name
        return
    for tenant in tenants:
        if tenant != SHARED_TENANT or topic.lane == "knowledge":
            yield topic.of(tenant)


def _deleted_after(retention: timedelta) -> Mapping[str, str]:
    # Kafka deletes whole segments, and only once their newest event is old enough. With its
    # default of a week, an event that is promised to be gone after a day could live for eight.
    segment = min(retention / 12, _SEGMENT_MAXIMUM)
    return {
        "cleanup.policy": "delete",
        "retention.ms": _milliseconds(retention),
        "segment.ms": _milliseconds(segment),
    }


def _compacted() -> Mapping[str, str]:
    # An older version or a deleted document is gone within a day; the null value itself stays
    # for a month, so that an index that was away that long still learns of the deletion.
    return {
        "cleanup.policy": "compact",
        "max.compaction.lag.ms": _milliseconds(_COMPACTED_WITHIN),
        "delete.retention.ms": _milliseconds(_DELETION_SEEN_WITHIN),
    }


def _milliseconds(duration: timedelta) -> str:
    return str(duration // timedelta(milliseconds=1))
