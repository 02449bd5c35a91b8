"""Events that say which of their case they are, in a field that the contract has: the comment."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from sidemand.schemas import topics
from sidemand.schemas.identity import CaseRef
from sidemand.schemas.raw import FeedbackGiven

TENANT: Final = "storaadal"
SERVICE: Final = "redaction"
GIVEN: Final = topics.FEEDBACK_GIVEN
REDACTED: Final = topics.FEEDBACK_REDACTED
DEAD_LETTERS: Final = GIVEN.dead_letters(SERVICE)
GROUP: Final = f"{SERVICE}.{GIVEN.name}"

MARKS: Final = ("Mærkhild Umuligsen", "740344-1237")
"""A person that cannot exist, in every body: nothing of her may leave it."""

FINE: Final = "fine"
REFUSED: Final = "refused"
"""The handler raises `Poison`."""
CRASHES: Final = "crashes"
"""The handler raises what nobody foresaw, with the person's name in its text."""
KILLS: Final = "kills"
"""The handler takes the whole process with it."""

NOT_SAID: Final = "not said"
"""What the next version of the contract assumes where an event does not have its field."""

_ROOM: Final = "x" * 150_000
_EVENT_ID: Final = re.compile(r"case-\d+-(\d+)")


class LargeFeedback(FeedbackGiven):
    """Too large for Kafka: its body goes through the object store."""

    padding: str = _ROOM


class NextFeedbackGiven(FeedbackGiven):
    """The payload as a next version of the contract might have it: a field more."""

    channel: str = NOT_SAID
    """How the caseworker said it."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """One event: the `number`th of its case, from 1."""

    case: int
    number: int
    conduct: str = FINE
    large: bool = False
    channel: str | None = None
    """What a sender of the next version says more; none for a sender of today's."""

    @property
    def event_id(self) -> str:
        """The id that the case system gives it."""
        return f"case-{self.case}-{self.number}"

    def payload(self) -> FeedbackGiven:
        """What is published."""
        feedback = FeedbackGiven(
            case=CaseRef(tenant=TENANT, case_id=uuid.UUID(int=self.case)),
            suggestion_id=uuid.UUID(int=1),
            revision=1,
            verdict="used",
            comment=f"{self.case}|{self.number}|{self.conduct}|{'|'.join(MARKS)}",
            given_at=datetime(2026, 5, 4, tzinfo=UTC),
        )
        if self.channel is not None:
            return NextFeedbackGiven(**feedback.model_dump(), channel=self.channel)
        return LargeFeedback(**feedback.model_dump()) if self.large else feedback

    @classmethod
    def of(cls, payload: FeedbackGiven) -> Self:
        """Read what `payload` wrote."""
        case, number, conduct, *_ = payload.comment.split("|")
        return cls(int(case), int(number), conduct)


def number_in(event_id: str) -> int:
    """Which of its case's events an id names; 0 where it names none."""
    found = _EVENT_ID.fullmatch(event_id)
    return int(found[1]) if found else 0
