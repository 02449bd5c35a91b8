"""Payloads of the live lane behind the gate: tokens instead of persons."""

import uuid
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, StringConstraints
from sidemand.schemas.identity import CasePayload, DocumentRef
from sidemand.schemas.model import Model
from sidemand.schemas.text import EmbeddedPassage, EmbeddingModel, Passage, Section, Vector

EventKind = Literal[
    "case_opened",
    "document_added",
    "mail_received",
    "note_written",
    "question_asked",
    "status_changed",
    "decision_drafted",
]
"""What can happen in a case."""

SuggestionKind = Literal[
    "applicable_rules",
    "answer",
    "reply_draft",
    "next_steps",
    "missing_information",
    "summary",
]
"""What Sidemand can be asked for."""

Verdict = Literal["used", "edited", "rejected", "wrong"]
"""What a caseworker can make of a suggestion."""

Purpose = Annotated[str, StringConstraints(pattern=r"^[a-zæøå0-9][a-zæøå0-9-]{1,79}$")]
"""A purpose as the legal-basis registry lists it, such as `sygedagpenge`."""

Share = Annotated[float, Field(ge=0, le=1)]


class CaseFacts(Model):
    """What the case system says about the case, in the public sector's own terms."""

    kle: Annotated[str, StringConstraints(max_length=20)]
    """KLE subject (emne), such as `27.36.04`."""
    facet: Annotated[str, StringConstraints(max_length=10)] = "G01"
    """KLE facet (handlingsfacet), such as `P27`."""
    progress: Literal["Opstaaet", "Oplyst", "Afgjort", "Afsluttet"]
    """How far the case has come (fremdrift)."""
    sensitivity: Annotated[int, Field(ge=1, le=4)]
    """1 public, 2 internal, 3 confidential, 4 special categories of personal data."""
    unit: Annotated[str, StringConstraints(max_length=200)] | None = None
    """The unit that handles the case."""


class LegalBasis(Model):
    """The registry's answer: on what ground the purpose may be pursued."""

    title: str
    """The purpose in words."""
    hjemmel: Annotated[tuple[str, ...], Field(min_length=1)]
    """Acts and provisions."""


RefusalCode = Literal[
    "invalid_event",
    "unknown_tenant",
    "tenant_mismatch",
    "unknown_kle",
    "no_legal_basis",
    "conflict",
    "unreadable_content",
    "erased_case",
]


class CaseEventRefused(CasePayload):
    """A case event that was not accepted, and what to do about it, in plain Danish."""

    event_id: Annotated[str, Field(max_length=200)]
    """`ce_id` of the refused event."""
    code: RefusalCode
    """Why, for programs."""
    explanation: str
    """Why, for people."""
    remedy: str
    """What to do."""
    refused_at: AwareDatetime
    """When."""


class RedactedParty(Model):
    """A party behind the gate."""

    role: str
    """What they are in the case."""
    token: str
    """Stands for the person in every text of the case."""


class CaseContext(CasePayload):
    """What every step behind the gate carries along about a case document."""

    document_id: uuid.UUID
    """Names the document within the case."""
    title: str
    """The case's title, redacted."""
    facts: CaseFacts
    """Subject, facet, progress and sensitivity."""
    kind: EventKind
    """What happened."""
    occurred_at: AwareDatetime
    """When it happened. Rules valid on this date apply."""
    published_at: AwareDatetime
    """When the case system published the event; latency is counted from here."""
    purpose: Purpose
    """What the data is used for."""
    legal_basis: LegalBasis
    """The ground for it."""
    requests: tuple[SuggestionKind, ...]
    """The kinds of suggestion asked for."""
    parties: tuple[RedactedParty, ...] = ()
    """The parties' tokens."""
    text: str
    """The document, redacted."""


class RedactedCaseDocument(CaseContext):
    """A case document whose personal data has been replaced by tokens."""

    sections: tuple[Section, ...]
    """Where its parts stand in the redacted text."""


class EmbeddedQuery(Model):
    """A stretch of the case document that is searched for."""

    text: str
    """The words; a lexical index uses them."""
    vector: Vector
    """The same in the model's space; unit length."""


class VectorsBeside(Model):
    """The vectors of a case document in another model, in the order of its own."""

    model: EmbeddingModel
    """What made them."""
    queries: tuple[Vector, ...]
    """One for each query."""
    passages: tuple[Vector, ...]
    """One for each passage."""


class EmbeddedCaseDocument(CaseContext):
    """A case document with the vectors that search knowledge for it, and its own passages."""

    model: EmbeddingModel
    """What made the vectors."""
    queries: Annotated[tuple[EmbeddedQuery, ...], Field(min_length=1)]
    """The whole document first, then its parts where it is long."""
    passages: tuple[EmbeddedPassage, ...]
    """The document itself, for later documents of the same case."""
    beside: tuple[VectorsBeside, ...] = ()
    """The same in other models, while the model is being changed."""


CASE_DOCUMENT: Final = "sagsdokument"
"""`RankedPassage.kind` of the case's own documents. They prove what a party said, not a rule."""


class RankedPassage(Model):
    """A passage of the knowledge base with what is known about it."""

    document: DocumentRef
    """Where it stands."""
    version: Annotated[int, Field(ge=1)]
    """Of the document."""
    title: str
    """Of the document."""
    kind: str
    """Such as `lov`, `vejledning`, `arbejdsgang`, `faq`; `sagsdokument` for the case's own."""
    source: str | None = None
    """ELI or URL."""
    passage: Passage
    """What it says."""
    asked_as: tuple[str, ...] = ()
    """Questions that an editor attached to the document."""
    score: Share
    """Fused and calibrated: 1 is certain relevance."""


class SuggestionRef(Model):
    """A suggestion that was made before, as the index remembers it."""

    suggestion_id: uuid.UUID
    """Stable over revisions."""
    kind: SuggestionKind
    """What it is."""
    revision: Annotated[int, Field(ge=1)]
    """The last one that was drafted."""


class RetrievedContext(CaseContext):
    """A case document with the passages that may answer it."""

    passages: tuple[RankedPassage, ...]
    """Best first. Empty when nothing reached the threshold."""
    knowledge_as_of: AwareDatetime
    """The newest change that the index had seen."""
    reason: Literal["case_event", "knowledge_changed"] = "case_event"
    """Why suggestions are drafted now."""
    replaces: tuple[SuggestionRef, ...] = ()
    """Earlier suggestions on this document that rest on knowledge that changed."""


class Citation(Model):
    """The proof of a statement: where its words stand."""

    document: DocumentRef
    """The source."""
    version: Annotated[int, Field(ge=1)]
    """Its version."""
    title: str
    """Its title."""
    passage_id: str
    """The passage within it."""
    locator: str | None = None
    """Such as `§ 23, stk. 2`."""
    heading_path: tuple[str, ...] = ()
    """Headings above the quote."""
    start: Annotated[int, Field(ge=0)]
    """Offset of the quote in that version's text."""
    end: Annotated[int, Field(ge=0)]
    """Offset behind the quote."""
    quote: str
    """Verbatim: that version's text from `start` to `end`."""
    source: str | None = None
    """ELI or URL."""


class Statement(Model):
    """One sentence of a suggestion with what it rests on."""

    text: str
    """What is suggested."""
    citations: Annotated[tuple[Citation, ...], Field(min_length=1)]
    """At least one: a sentence without proof is not a statement."""


class Abstention(Model):
    """Why nothing is suggested."""

    code: Literal["no_sources", "no_proof", "writer_refused"]
    """For programs."""
    reason: str
    """For people, in Danish."""


class MakingRecord(Model):
    """The record of how a suggestion came about, as the law asks for it."""

    writer: str
    """`extractive` or `openai`."""
    model: str
    """Name of the language model, or of the method."""
    version: str
    """Of the model or method."""
    prompt_version: str | None = None
    """Of the instructions to a language model."""
    how: str
    """How it was used, in Danish."""
    personal_data_sources: tuple[str, ...]
    """Where the personal data in the case document came from."""
    human_decides: Literal[True] = True
    """A suggestion is never a decision."""
    made_at: AwareDatetime
    """When."""


class Suggestion(Model):
    """What Sidemand says: statements with proof, or an abstention with a reason."""

    suggestion_id: uuid.UUID
    """Stable over revisions."""
    revision: Annotated[int, Field(ge=1)]
    """1 for the first."""
    state: Literal["created", "updated", "withdrawn"]
    """What this revision does to the suggestion."""
    kind: SuggestionKind
    """What was asked for."""
    document_id: uuid.UUID
    """The case document that it answers."""
    statements: tuple[Statement, ...] = ()
    """In reading order. Empty when abstained or withdrawn."""
    abstention: Abstention | None = None
    """Set when nothing could be proved."""
    withdrawn_because: str | None = None
    """Set when withdrawn, in Danish."""
    knowledge_as_of: AwareDatetime
    """How new the knowledge was."""
    record: MakingRecord
    """How it came about."""


class SuggestionDrafted(CasePayload):
    """A suggestion behind the gate: persons are tokens."""

    suggestion: Suggestion
    """What is suggested."""
    published_at: AwareDatetime
    """When the case system published the event that this answers."""


class FeedbackRedacted(CasePayload):
    """Feedback whose comment has been redacted."""

    suggestion_id: uuid.UUID
    """The suggestion."""
    revision: Annotated[int, Field(ge=1)]
    """The revision that was read."""
    verdict: Verdict
    """What became of it."""
    comment: str = ""
    """The comment, redacted."""
    given_at: AwareDatetime
    """When."""


class CaseErased(CasePayload):
    """The case system has deleted a case: everybody forgets it."""

    reason: Annotated[str, Field(max_length=200)] = ""
    """Why; without personal data."""
    erased_at: AwareDatetime
    """When the case system deleted it."""


class ErasureConfirmed(CasePayload):
    """A service has forgotten a case."""

    service: str
    """Which one."""
    erased: Annotated[int, Field(ge=0)]
    """Records removed."""
    confirmed_at: AwareDatetime
    """When."""
