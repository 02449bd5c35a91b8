"""Dead letters: events that can never be handled, kept whole and explained.

The body stays as it came, so that it can be redriven; why it failed stands in headers, which
hold no word of it. A letter that was redriven or dropped is followed, under its key, by a mark: a
record without a body that names it. `sidemand.bus.redriving` reads both.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, Self

from pydantic import ValidationError
from sidemand.bus import headers
from sidemand.bus.decoding import Record, position_of
from sidemand.bus.errors import BusError
from sidemand.bus.headers import BadHeaders, Headers
from sidemand.bus.publisher import Message
from sidemand.schemas.identity import CaseRef, DocumentRef, Payload
from sidemand.schemas.topics import Topic

CODE: Final = "dlq-code"
DETAIL: Final = "dlq-detail"
SERVICE: Final = "dlq-service"
ORIGIN: Final = "dlq-origin"
ATTEMPTS: Final = "dlq-attempts"
FAILED_AT: Final = "dlq-failed-at"
REDRIVEN: Final = "dlq-redriven"
"""Of a mark: the position of the letter that was redriven."""
DROPPED: Final = "dlq-dropped"
"""Of a mark: the position of the letter that was dropped."""
WHY: Final = "dlq-why"
"""Of a mark: why the letter was dropped, in the operator's words."""

Fate = Literal["redriven", "dropped"]
"""What became of a letter that is not open any more."""

_MARKS: Final[tuple[tuple[str, Fate], ...]] = ((REDRIVEN, "redriven"), (DROPPED, "dropped"))
_OURS: Final = "dlq-"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an event is a dead letter. Holds no personal data."""

    code: str
    detail: str
    attempts: int = 1


def dead_letter(record: Record, topic: str, service: str, verdict: Verdict) -> Message:
    """Write the dead letter of `record` for the dead-letter topic `topic`."""
    added = {
        CODE: verdict.code,
        DETAIL: verdict.detail[:400],
        SERVICE: service,
        ORIGIN: position_of(record),
        ATTEMPTS: str(verdict.attempts),
        FAILED_AT: datetime.now(UTC).isoformat(),
    }
    kept = _readable(record) + [(name, value.encode()) for name, value in added.items()]
    return Message(topic, record.key, record.value, kept)


def _readable(record: Record) -> Headers:
    """The record's own headers; one by one, since another of them may be the fault.

    Not those in which a sender's free text would stand for longer than in the event itself.
    """
    kept: Headers = []
    for name, value in record.headers:
        try:
            found = headers.read([(name, value)])
        except BadHeaders:
            continue
        kept += [(key, text.encode()) for key, text in found.items() if headers.keeps(key, text)]
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A dead letter without its body. Nothing here is personal data."""

    topic: Topic[Payload]
    """What the event was published on."""
    service: str
    """Which service could not handle it."""
    position: str
    """Where the letter stands, `topic/partition/offset`."""
    origin: str | None
    """Where the event stood; none where the letter does not say, and cannot be redriven."""
    about: CaseRef | DocumentRef | None
    """None where the event's key names neither."""
    tenant: str | None
    """Whose event it was; none where neither topic nor key say."""
    event_id: str | None
    """None where it has no id that is safe to repeat."""
    source: str | None
    """Who published it; none where the name is not safe to repeat."""
    code: str
    """Why, for programs."""
    detail: str
    """Why, for people."""
    attempts: int
    """How often it was tried."""
    failed_at: datetime
    """When it was given up; where it does not say, when Kafka got it."""
    size: int
    """Bytes of the body in Kafka."""
    mark: "Mark | None" = None
    """What became of it; none while it is open."""

    @property
    def redriven_at(self) -> datetime | None:
        """When it was published again."""
        return self.mark.at if self.mark and self.mark.fate == "redriven" else None

    @classmethod
    def of(cls, record: Record, topic: Topic[Payload], service: str) -> Self:
        """Read the letter of `service` in `record`; it never raises for what stands there."""
        found = _texts(record)
        origin = _origin(found.get(ORIGIN, ""), topic)
        about = _about(record.key, topic)
        of_topic = topic.tenant_of(origin.partition("/")[0]) if origin else None
        attempts = found.get(ATTEMPTS, "")
        return cls(
            topic=topic,
            service=service,
            position=position_of(record),
            origin=origin,
            about=about,
            tenant=of_topic or (about.tenant if about else None),
            event_id=_safe(found.get("ce_id")),
            source=_safe(found.get("ce_source")),
            code=_safe(found.get(CODE)) or "unknown",
            detail=printable(found.get(DETAIL, "")),
            attempts=int(attempts) if attempts.isdecimal() else 1,
            failed_at=_time(found.get(FAILED_AT, "")) or _written(record),
            size=len(record.value or b""),
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """Says what became of a letter."""

    position: str
    """Of the letter."""
    fate: Fate
    at: datetime
    """When."""
    why: str
    """Why it was dropped; empty where it was redriven."""

    @classmethod
    def of(cls, record: Record) -> Self | None:
        """The mark in `record`; none where it is a letter."""
        found = _texts(record)
        for header, fate in _MARKS:
            if position := found.get(header):
                return cls(position, fate, _written(record), printable(found.get(WHY, "")))
        return None


def redriven(record: Record, origin: str) -> Message:
    """Write the event in the dead letter `record` as it was, for the topic that it came from.

    Key, body and id are the same; `replay-of` names the first position of all, so that a letter
    that was redriven before stays known as the same event.
    """
    found = _texts(record)
    kept = [
        (name, value)
        for name, value in record.headers
        if value is not None and not name.startswith(_OURS) and name != headers.REPLAY_OF
    ]
    first = found.get(headers.REPLAY_OF) or origin
    kept.append((headers.REPLAY_OF, first.encode()))
    return Message(origin.partition("/")[0], record.key, record.value, kept)


def mark_redriven(record: Record) -> Message:
    """Write that the dead letter in `record` was redriven now."""
    return Message(record.topic, record.key, None, [(REDRIVEN, position_of(record).encode())])


def mark_dropped(record: Record, why: str) -> Message:
    """Write that the dead letter in `record` was dropped now."""
    said = [(DROPPED, position_of(record).encode()), (WHY, why.encode())]
    return Message(record.topic, record.key, None, said)


def printable(text: str) -> str:
    """Replace what could move a terminal's cursor or colour its words. Line ends and tabs stay."""
    return "".join(
        each
        if each in "\n\t" or unicodedata.category(each)[0] != "C"
        else "\N{REPLACEMENT CHARACTER}"
        for each in text
    )


def _texts(record: Record) -> dict[str, str]:
    return {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}


def _safe(text: str | None) -> str | None:
    return text if text and headers.is_name(text) else None


def _origin(text: str, topic: Topic[Payload]) -> str | None:
    """The position, where it lies on `topic`: nothing is ever redriven elsewhere."""
    name, *numbers = text.split("/")
    is_position = len(numbers) == 2 and all(number.isdecimal() for number in numbers)
    return text if is_position and re.match(topic.pattern, name) else None


def _about(key: bytes | None, topic: Topic[Payload]) -> CaseRef | DocumentRef | None:
    tenant, _, subject = (key or b"").decode("utf-8", "replace").partition("|")
    try:
        if topic.keyed_by == "case":
            return CaseRef.model_validate({"tenant": tenant, "case_id": subject})
        return DocumentRef(tenant=tenant, document_id=subject)
    except ValidationError:
        return None


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else None


def _written(record: Record) -> datetime:
    return datetime.fromtimestamp(max(record.timestamp, 0) / 1000, UTC)


class Budget:
    """Stops a service that would pour everything into its dead letters.

    A wrong deployment or a changed contract makes every event fail; that is a matter for an
    operator, and the events are better left where they are.
    """

    def __init__(self, in_a_row: int) -> None:
        self._limit = in_a_row
        self._row = 0

    def success(self) -> None:
        """An event was handled."""
        self._row = 0

    def spend(self, code: str) -> None:
        """An event becomes a dead letter. Raises `BusError` when there have been too many."""
        self._row += 1
        if self._row > self._limit:
            raise BusError(
                f"{self._limit} events in a row became dead letters, the last for {code}: "
                "stopped before the rest follows them. Look at the newest with "
                "`sidemand dead-letters list`, mend the cause, and start again."
            )
