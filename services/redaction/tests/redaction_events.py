"""Events as redaction meets them: one case, its parties, and a document of knowledge."""

import uuid
from datetime import UTC, date, datetime

from sidemand.schemas.casework import (
    CaseFacts,
    Citation,
    LegalBasis,
    MakingRecord,
    Statement,
    Suggestion,
    SuggestionDrafted,
)
from sidemand.schemas.identity import CaseRef, DocumentRef
from sidemand.schemas.knowledge import KnowledgeIngested
from sidemand.schemas.raw import CaseDocument, FeedbackGiven, Party
from sidemand.schemas.text import Section

from .vault_fakes import A_CASE

NOW = datetime(2026, 5, 20, tzinfo=UTC)
TEXT = (
    "# Henvendelse fra Lan\n\n"
    "Jeg hedder Lan Nguyen Mikkelsen, 850389-1942, og bor på Fasanhaven 9.\n"
    "Ring på 85 19 73 40. Jeppe Mikkelsens fætter hjælper."
)
PARTIES = (
    Party(
        role="primary",
        name="Lan Nguyen Mikkelsen",
        cpr="850389-1942",
        address="Fasanhaven 9, 4796 Storådal",
    ),
    Party(role="representative", name="Jeppe Mikkelsen"),
)


def case_document(
    text: str = TEXT, case: CaseRef = A_CASE, parties: tuple[Party, ...] = PARTIES
) -> CaseDocument:
    return CaseDocument(
        case=case,
        document_id=uuid.UUID(int=7),
        case_number="S2026-03902",
        title="Dispensation, Fasanhaven 9",
        facts=CaseFacts(kle="01.02.05", progress="Oplyst", sensitivity=2),
        kind="mail_received",
        occurred_at=NOW,
        published_at=NOW,
        purpose="plan",
        legal_basis=LegalBasis(title="Planlov", hjemmel=("planloven § 19",)),
        parties=parties,
        text=text,
        sections=(
            Section(heading_path=("Henvendelse fra Lan",), start=23, end=len(text)),
            Section(start=0, end=21),
        ),
        requests=("reply_draft",),
    )


def drafted(text: str, case: CaseRef = A_CASE) -> SuggestionDrafted:
    citation = Citation(
        document=DocumentRef(tenant="faelles", document_id="planloven"),
        version=1,
        title="Planloven",
        passage_id="p1",
        start=0,
        end=9,
        quote="2 uger fra",
    )
    statements = tuple(Statement(text=line, citations=(citation,)) for line in text.split("\n"))
    return SuggestionDrafted(
        case=case,
        suggestion=Suggestion(
            suggestion_id=uuid.UUID(int=9),
            revision=1,
            state="created",
            kind="reply_draft",
            document_id=uuid.UUID(int=7),
            statements=statements,
            knowledge_as_of=NOW,
            record=MakingRecord(
                writer="extractive",
                model="extractive",
                version="1",
                how="Uddrag af kilderne",
                personal_data_sources=("sagens dokument",),
                made_at=NOW,
            ),
        ),
        published_at=NOW,
    )


def feedback(comment: str) -> FeedbackGiven:
    return FeedbackGiven(
        case=A_CASE,
        suggestion_id=uuid.UUID(int=9),
        revision=1,
        verdict="edited",
        comment=comment,
        given_at=NOW,
    )


def knowledge(text: str, kind: str = "vejledning") -> KnowledgeIngested:
    return KnowledgeIngested(
        document=DocumentRef(tenant="storaadal", document_id="referat-12"),
        version=1,
        title="Referat",
        kind=kind,
        valid_from=date(2026, 1, 1),
        published_at=NOW,
        text=text,
        sections=(Section(heading_path=("Referat",), start=0, end=len(text)),),
    )
