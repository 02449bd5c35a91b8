"""Dead letters: events that can never be handled, kept whole and explained.

The body stays as it came, so that it can be redriven; why it failed stands in headers, which
hold no word of it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sidemand.bus import headers
from sidemand.bus.decoding import Record, position_of
from sidemand.bus.errors import BusError
from sidemand.bus.headers import BadHeaders, Headers
from sidemand.bus.publisher import Message

CODE: Final = "dlq-code"
DETAIL: Final = "dlq-detail"
SERVICE: Final = "dlq-service"
ORIGIN: Final = "dlq-origin"
ATTEMPTS: Final = "dlq-attempts"
FAILED_AT: Final = "dlq-failed-at"


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
    """The record's own headers; one by one, since another of them may be the fault."""
    kept: Headers = []
    for name, value in record.headers:
        try:
            kept += [(key, text.encode()) for key, text in headers.read([(name, value)]).items()]
        except BadHeaders:
            continue
    return kept


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
