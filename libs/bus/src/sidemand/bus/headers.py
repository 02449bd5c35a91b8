"""The envelope as Kafka headers: CloudEvents 1.0, Kafka protocol binding, binary mode."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Final

from sidemand.schemas.envelope import NAME_CHARACTERS, Envelope

Headers = list[tuple[str, bytes]]

CONTENT_TYPE: Final = "content-type"
DATAREF: Final = "ce_dataref"
"""CloudEvents' claim check extension: the body lies in the object store."""
REPLAY_OF: Final = "replay-of"
"""Where a redriven dead letter stood, `topic/partition/offset`."""

_REQUIRED: Final = ("ce_id", "ce_source", "ce_type", "ce_time")
_OURS: Final = frozenset(
    {
        *_REQUIRED,
        "ce_specversion", "ce_subject", "ce_tenant", "ce_causationid", "ce_dataschema",
        DATAREF, REPLAY_OF, "traceparent", CONTENT_TYPE,
    }
)  # fmt: skip
_MAX_LENGTH: Final = 500
_NAME: Final = re.compile(NAME_CHARACTERS + "{1,200}")
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C Trace Context, version 00. Anything else could be a text, and is not passed on."""


class BadHeaders(ValueError):
    """The headers do not make an envelope. `code` is for programs, the text for operators."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def write(envelope: Envelope) -> Headers:
    """Write `envelope` as headers."""
    written = [
        *_of_all_events(envelope.source, envelope.type),
        ("ce_id", envelope.id.encode()),
        ("ce_time", envelope.time.isoformat().encode()),
        ("ce_subject", envelope.subject.encode()),
        ("ce_tenant", envelope.tenant.encode()),
    ]
    if envelope.causation_id is not None:
        written.append(("ce_causationid", envelope.causation_id.encode()))
    if envelope.traceparent is not None:
        written.append(("traceparent", envelope.traceparent.encode()))
    return written


@lru_cache(maxsize=256)
def _of_all_events(source: str, event_type: str) -> Headers:
    """What the events of one source on one topic have in common."""
    return [
        ("ce_specversion", b"1.0"),
        ("ce_source", source.encode()),
        ("ce_type", event_type.encode()),
        ("ce_dataschema", f"urn:sidemand:schema:{event_type}".encode()),
        (CONTENT_TYPE, b"application/json"),
    ]


def read(raw: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    """Read the headers that are ours; others do not matter.

    Raises `BadHeaders` for one of ours that is null, not UTF-8 or too long: a header that cannot
    be read must not be taken for one that is missing.
    """
    found: dict[str, str] = {}
    for name, value in raw:
        if name not in _OURS:
            continue
        if value is None:
            raise BadHeaders("null_header", f"the header {name} is null")
        if len(value) > _MAX_LENGTH:
            raise BadHeaders("long_header", f"the header {name} is over {_MAX_LENGTH} bytes")
        try:
            found[name] = value.decode("utf-8")
        except UnicodeDecodeError:
            raise BadHeaders("undecodable_header", f"the header {name} is not UTF-8") from None
    return found


def envelope(found: dict[str, str], tenant: str, subject: str) -> Envelope:
    """Make the envelope. `tenant` and `subject` are the topic's and the payload's.

    Raises `BadHeaders` where a required header is missing or not of its form.
    """
    event_id, source, event_type, time = map(found.get, _REQUIRED)
    if not (event_id and source and event_type and time):
        missing = ", ".join(name for name in _REQUIRED if not found.get(name))
        raise BadHeaders("missing_header", f"missing headers: {missing}")
    for name, text in (("ce_id", event_id), ("ce_source", source)):
        if not is_name(text):
            raise BadHeaders("bad_name", f"{name} has other characters than A-Z a-z 0-9 . _ : / -")
    return Envelope(
        id=event_id,
        source=source,
        type=event_type,
        time=_time(time),
        tenant=tenant,
        subject=subject,
        causation_id=found.get("ce_causationid"),
        traceparent=_traceparent(found.get("traceparent")),
    )


def keeps(name: str, text: str) -> bool:
    """Whether a header may outlive its event: one that is not of its form could be a text, and a
    subject is in the key already."""
    if name == "traceparent":
        return _traceparent(text) is not None
    if name == "ce_time":
        with suppress(BadHeaders):
            return bool(_time(text))
        return False
    return name == DATAREF or (name != "ce_subject" and is_name(text))


def is_name(text: str) -> bool:
    """Whether `text` is what a program calls something, and so may stand in logs and ledgers."""
    return _NAME.fullmatch(text) is not None


def _traceparent(text: str | None) -> str | None:
    return text if text and _TRACEPARENT.fullmatch(text) else None


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise BadHeaders("bad_time", "ce_time is not an RFC 3339 time") from None
    if time.tzinfo is None:
        raise BadHeaders("bad_time", "ce_time has no time zone")
    return time
