"""Payloads that hold raw personal data.

Only ingestion, redaction and the client library may import this module (import-linter holds
the rule): everything behind the gate works on tokens.
"""

import uuid
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field
from sidemand.schemas.casework import (
    CaseFacts,
    EventKind,
    LegalBasis,
    Purpose,
    Suggestion,
    SuggestionKind,
    Verdict,
)
from sidemand.schemas.identity import CasePayload
from sidemand.schemas.model import Model
from sidemand.schemas.text import Content, Section

Role = Literal[
    "primary", "secondary", "relative", "representative", "employer", "professional", "other"
]
"""What somebody is in a case."""


class Party(Model):
    """Somebody whom the case system knows to be part of the case."""

    role: Role
    """What they are in the case."""
    name: Annotated[str, Field(min_length=1, max_length=200)]
    """Full name."""
    cpr: str | None = None
    """In any written form."""
    address: str | None = None
    """On one line."""
    phone: str | None = None
    """In any grouping."""
    email: str | None = None
    """As written."""
    protected_address: bool = False
    """A protected address is never restored into any output."""


class CaseEvent(CasePayload):
    """Something happened in a case, and the case system asks its colleague for a suggestion."""

    case_number: Annotated[str, Field(max_length=80)]
    """The case system's own number."""
    title: Annotated[str, Field(max_length=500)]
    """As the case system shows it."""
    facts: CaseFacts
    """Subject, facet, progress and sensitivity."""
    kind: EventKind
    """What happened."""
    occurred_at: AwareDatetime
    """When it happened in the case system. Rules valid on this date apply."""
    purpose: Purpose
    """What the data is used for. The legal-basis registry must list it."""
    parties: tuple[Party, ...] = ()
    """Everybody whom the case system knows; they are masked with certainty."""
    content: Content
    """The note, mail or document itself."""
    requests: Annotated[tuple[SuggestionKind, ...], Field(min_length=1)]
    """The kinds of suggestion asked for."""


class CaseDocument(CasePayload):
    """A case event that passed the border: its content is text with sections."""

    document_id: uuid.UUID
    """Names this document within the case: the id of the event that brought it."""
    case_number: str
    """The case system's own number."""
    title: str
    """As the case system shows it."""
    facts: CaseFacts
    """Subject, facet, progress and sensitivity."""
    kind: EventKind
    """What happened."""
    occurred_at: AwareDatetime
    """When it happened in the case system."""
    published_at: AwareDatetime
    """When the case system published the event; latency is counted from here."""
    purpose: Purpose
    """What the data is used for."""
    legal_basis: LegalBasis
    """The entry of the registry that allows it."""
    parties: tuple[Party, ...] = ()
    """Everybody whom the case system knows."""
    text: str
    """Plain text of the content."""
    sections: tuple[Section, ...]
    """Where its parts stand."""
    requests: tuple[SuggestionKind, ...]
    """The kinds of suggestion asked for."""


class SuggestionChanged(CasePayload):
    """A suggestion for the caseworker, with the persons' names restored."""

    suggestion: Suggestion
    """The suggestion; its tokens are names again."""
    dropped_statements: Annotated[int, Field(ge=0)] = 0
    """Statements left out because they held a token that this case does not know."""
    published_at: AwareDatetime
    """When the case system published the event that this answers."""


class FeedbackGiven(CasePayload):
    """What a caseworker made of a suggestion."""

    suggestion_id: uuid.UUID
    """The suggestion."""
    revision: Annotated[int, Field(ge=1)]
    """The revision that was read."""
    verdict: Verdict
    """What became of it."""
    comment: Annotated[str, Field(max_length=10_000)] = ""
    """In the caseworker's own words."""
    given_at: AwareDatetime
    """When."""
