"""The envelope of every event: CloudEvents 1.0, and how ids of derived events are made."""

import hashlib
import uuid
from datetime import datetime
from typing import Final, Generic, NamedTuple, TypeVar

from sidemand.schemas.identity import Payload

P_co = TypeVar("P_co", bound=Payload, covariant=True)

NAME_CHARACTERS: Final = "[A-Za-z0-9._:/-]"
"""Regular expression of what ids and sources of events consist of: a text that may hold a person
has spaces or letters of its own."""

_EVENTS: Final = uuid.UUID("0b8f5a1e-3a64-5d0c-9d0a-3b1c6a2f9e55")


class Envelope(NamedTuple):
    """What stands in the Kafka headers; none of it is personal data.

    Source: CloudEvents 1.0, Kafka protocol binding, binary mode; W3C Trace Context.
    """

    id: str
    """Unique within `source`."""
    source: str
    """Who made the event: a case system, or `sidemand/<service>`."""
    type: str
    """The topic's name without tenant, such as `casework.event.published.v1`."""
    time: datetime
    """When it was made."""
    tenant: str
    """The municipality, or `faelles`."""
    subject: str
    """The case or document."""
    causation_id: str | None = None
    """Id of the event that this one was derived from; of one from outside its `cause_id`."""
    traceparent: str | None = None
    """W3C trace context."""


class Event(NamedTuple, Generic[P_co]):
    """An event as a handler sees it."""

    envelope: Envelope
    data: P_co
    position: str = ""
    """Where it stood in Kafka, `topic/partition/offset`: the same again means a redelivery by
    the broker, another one a second publication."""


def derived_id(parent_id: str, stage: str, version: str) -> str:
    """Name what `stage` in `version` made of `parent_id`: a redelivery makes the same id."""
    return _named(f"{parent_id}|{stage}|{version}")


def cause_id(source: str, event_id: str) -> str:
    """Name an event from outside for those behind the gate.

    A case system makes its ids as it likes, and may well write a CPR number into them.
    """
    return _named(f"{source}|{event_id}")


def _named(name: str) -> str:
    """`uuid.uuid5(_EVENTS, name)` as text, in a fifth of the time: each hop names two events.

    Source: RFC 9562, 5.5.
    """
    digest = hashlib.sha1(_EVENTS.bytes + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
