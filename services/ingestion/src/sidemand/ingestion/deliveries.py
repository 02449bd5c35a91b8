"""Tells a new event from one that came before.

Kafka delivers at least once, and so do its producers; the two need opposite answers.

*Kafka delivers a record again* when the service stopped between remembering it and its committed
output. Then the output may be missing, and the event has to go through again: its derived events
get the same ids, and who sees them twice drops them.

*A producer publishes an event again* when it did not hear the first answer. That is another
record, behind the first one in the same partition, since both have the case's key. When it is
handled the first one is through: records of one key are handled in order, and after a restart
Kafka begins at the oldest that is not committed. So it is acknowledged, counted and dropped.

A record anywhere else (a topic made anew, a changed number of partitions) proves nothing about
the first one, and goes through: at worst the same output appears twice under the same id.
"""

from dataclasses import dataclass
from typing import Literal

from sidemand.schemas.identity import CaseRef

Verdict = Literal["new", "redelivery", "conflict", "erased"]
"""`new`: goes through. `redelivery`: went through already. `conflict`: the id belongs to other
content. `erased`: its case is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event as it arrived."""

    case: CaseRef
    source: str
    event_id: str
    content_sha256: str
    """Hex, of what the event says; two deliveries of one event agree in it."""
    position: str
    """Where it stood in Kafka, `topic/partition/offset`."""


def judge(delivery: Delivery, *, known_sha256: str, known_position: str) -> Verdict:
    """What `delivery` is, when an event of that source and id is known already."""
    if delivery.content_sha256 != known_sha256:
        return "conflict"
    return "redelivery" if _is_behind(delivery.position, known_position) else "new"


def _is_behind(position: str, other: str) -> bool:
    """Whether `position` is a later one of the same partition."""
    partition, _, offset = position.rpartition("/")
    other_partition, _, other_offset = other.rpartition("/")
    is_same = partition == other_partition and offset.isdigit() and other_offset.isdigit()
    return is_same and int(offset) > int(other_offset)
