"""Payloads for those who answer for the use of personal data."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field
from sidemand.schemas.identity import CasePayload


class AccessRecorded(CasePayload):
    """Somebody turned tokens back into persons, or looked into a dead letter.

    A dead letter whose key names no case is recorded under the nil UUID of its tenant, and of
    `faelles` where it names no tenant either.
    """

    actor: Annotated[str, Field(max_length=200)]
    """A service, or the account of a person."""
    action: Literal["restored", "dead_letter_shown", "dead_letter_redriven", "dead_letter_dropped"]
    """What was done."""
    purpose: Annotated[str, Field(max_length=500)]
    """Why."""
    tokens: Annotated[int, Field(ge=0)] = 0
    """How many tokens were turned back."""
    recorded_at: AwareDatetime
    """When."""
    letter: Annotated[str, Field(max_length=300)] | None = None
    """Which dead letter: where it stands, `topic/partition/offset`."""
