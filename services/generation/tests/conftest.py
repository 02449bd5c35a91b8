"""An invented case and invented guidance, small enough to read."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sidemand.schemas.casework import (
    CaseFacts,
    LegalBasis,
    RankedPassage,
    RetrievedContext,
    SuggestionKind,
    SuggestionRef,
)
from sidemand.schemas.envelope import Envelope, Event
from sidemand.schemas.identity import CaseRef, DocumentRef
from sidemand.schemas.text import Passage

NOON = datetime(2026, 4, 21, 12, tzinfo=UTC)
DEADLINES = (
    "Fristen er 10 hverdage, fra brevet er fremme. Den kan forlænges én gang.\n\n"
    "Du må ikke afgøre sagen, før fristen er udløbet (§ 19, stk. 1)."
)


@pytest.fixture
def passage() -> Callable[..., RankedPassage]:
    """A passage of the document `hoering` that starts at offset 100."""

    def make(
        text: str = DEADLINES,
        *,
        passage_id: str = "p1",
        document: str = "hoering",
        heading: str = "Svarfrist",
        score: float = 0.8,
        kind: str = "vejledning",
        start: int = 100,
    ) -> RankedPassage:
        return RankedPassage(
            document=DocumentRef(tenant="faelles", document_id=document),
            version=3,
            title="Partshøring",
            kind=kind,
            passage=Passage(
                passage_id=passage_id,
                heading_path=(heading,) if heading else (),
                start=start,
                end=start + len(text),
                text=text,
            ),
            score=score,
        )

    return make


@pytest.fixture
def context() -> Callable[..., RetrievedContext]:
    """A case document that asks for more time, with the given passages."""

    def make(
        *passages: RankedPassage,
        requests: tuple[SuggestionKind, ...] = ("answer",),
        replaces: tuple[SuggestionRef, ...] = (),
        text: str = "Kære ⟦PERSON_7K⟧. Hvor lang er fristen for at svare på høringen?",
    ) -> RetrievedContext:
        return RetrievedContext(
            case=CaseRef(tenant="storaadal", case_id=uuid.UUID(int=7)),
            document_id=uuid.UUID(int=8),
            title="Høring",
            facts=CaseFacts(kle="27.36.04", progress="Oplyst", sensitivity=3),
            kind="mail_received",
            occurred_at=NOON,
            published_at=NOON,
            purpose="partshoering",
            legal_basis=LegalBasis(title="Partshøring", hjemmel=("Forvaltningsloven § 19",)),
            requests=requests,
            text=text,
            passages=passages,
            knowledge_as_of=NOON,
            reason="knowledge_changed" if replaces else "case_event",
            replaces=replaces,
        )

    return make


@pytest.fixture
def event() -> Callable[[RetrievedContext], Event[RetrievedContext]]:
    """The context as it comes over the bus, made at noon."""

    def make(data: RetrievedContext) -> Event[RetrievedContext]:
        envelope = Envelope(
            id="c-1",
            source="sidemand/retrieval",
            type="casework.context.retrieved.v1",
            time=NOON,
            tenant="storaadal",
            subject=data.subject,
        )
        return Event(envelope, data)

    return make
