"""What the service does with each event, with a vault in memory and the real finder."""

import uuid
from datetime import UTC, date, datetime

import pytest
from sidemand.bus.errors import Poison
from sidemand.redaction.finding import Finder
from sidemand.redaction.handlers import (
    erase_case,
    mask_knowledge,
    redact_document,
    redact_feedback,
    restore_suggestion,
)
from sidemand.redaction.knowledge import CAUTION
from sidemand.redaction.tokens import tokens_in
from sidemand.schemas.casework import (
    CaseErased,
    CaseFacts,
    Citation,
    LegalBasis,
    MakingRecord,
    RedactedCaseDocument,
    Statement,
    Suggestion,
    SuggestionDrafted,
)
from sidemand.schemas.governance import AccessRecorded
from sidemand.schemas.identity import CaseRef, DocumentRef
from sidemand.schemas.knowledge import KnowledgeIndexed, KnowledgeIngested, KnowledgeRedacted
from sidemand.schemas.raw import CaseDocument, FeedbackGiven, Party, SuggestionChanged
from sidemand.schemas.text import Section

from .vault_fakes import A_CASE, ANOTHER_CASE, InMemoryVault

NOW = datetime(2026, 5, 20, tzinfo=UTC)
FINDER = Finder()
MASKER = Finder(caution=CAUTION)
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


async def redacted(vault: InMemoryVault, document: CaseDocument) -> RedactedCaseDocument:
    result = await redact_document(document, FINDER, vault)
    assert result is not None
    return result


async def test_no_personal_data_leaves_in_a_redacted_document() -> None:
    result = await redacted(InMemoryVault(), case_document())
    body = result.model_dump_json().lower()
    for value in (
        "lan ",
        "nguyen",
        "mikkelsen",
        "jeppe",
        "850389",
        "1942",
        "fasanhaven",
        "85 19 73 40",
        "s2026",
    ):
        assert value not in body


async def test_sections_and_headings_follow_the_redacted_text() -> None:
    result = await redacted(InMemoryVault(), case_document())
    body, heading = result.sections
    assert result.text[body.start : body.end].startswith("Jeg hedder ⟦PERSON_")
    assert body.end == len(result.text)
    assert result.text[heading.start : heading.end] == f"# {body.heading_path[0]}"
    assert body.heading_path[0].startswith("Henvendelse fra ⟦PERSON_")


async def test_a_party_has_the_token_that_stands_in_the_text() -> None:
    result = await redacted(InMemoryVault(), case_document())
    lan, jeppe = (party.token for party in result.parties)
    assert result.text.count(lan) == 2
    assert f"{jeppe}s fætter" in result.text


async def test_the_same_document_again_is_redacted_to_the_same_text() -> None:
    vault = InMemoryVault()
    assert await redacted(vault, case_document()) == await redacted(vault, case_document())


async def test_what_was_redacted_is_restored_for_its_own_case() -> None:
    vault = InMemoryVault()
    lan = (await redacted(vault, case_document())).parties[0].token
    changed, access = await restore_suggestion(drafted(f"Kære {lan}\n{lan}s sag"), vault)
    assert isinstance(changed, SuggestionChanged)
    assert [s.text for s in changed.suggestion.statements] == [
        "Kære Lan Nguyen Mikkelsen",
        "Lan Nguyen Mikkelsens sag",
    ]
    assert changed.dropped_statements == 0
    assert isinstance(access, AccessRecorded)
    assert (access.action, access.tokens) == ("restored", 1)


async def test_a_suggestion_without_tokens_is_no_access() -> None:
    answers = await restore_suggestion(drafted("Fristen er 2 uger."), InMemoryVault())
    assert [type(answer) for answer in answers] == [SuggestionChanged]


async def test_a_statement_with_a_token_of_another_case_is_dropped_and_counted() -> None:
    vault = InMemoryVault()
    foreign = (await redacted(vault, case_document(case=ANOTHER_CASE))).parties[0].token
    await redacted(vault, case_document())
    text = f"Fristen er 2 uger.\nKære {foreign}\nKære ⟦PERSON_AAAAAA⟧"
    (changed,) = await restore_suggestion(drafted(text), vault)
    assert isinstance(changed, SuggestionChanged)
    assert [s.text for s in changed.suggestion.statements] == ["Fristen er 2 uger."]
    assert changed.dropped_statements == 2
    assert changed.suggestion.abstention is None


async def test_a_suggestion_that_loses_every_statement_says_why() -> None:
    (changed,) = await restore_suggestion(drafted("Kære ⟦PERSON_AAAAAA⟧"), InMemoryVault())
    assert isinstance(changed, SuggestionChanged)
    assert changed.suggestion.statements == ()
    assert changed.suggestion.abstention is not None


async def test_a_protected_address_is_restored_as_protected() -> None:
    vault = InMemoryVault()
    hidden = (PARTIES[0].model_copy(update={"protected_address": True}),)
    result = await redacted(vault, case_document("Jeg bor på Fasanhaven 9.", parties=hidden))
    (token,) = [str(written.token) for written in tokens_in(result.text)]
    changed, _ = await restore_suggestion(drafted(f"Send brevet til {token}."), vault)
    assert isinstance(changed, SuggestionChanged)
    assert changed.suggestion.statements[0].text == "Send brevet til [beskyttet adresse]."


async def test_a_token_that_a_citizen_wrote_is_not_one() -> None:
    vault = InMemoryVault()
    lan = (await redacted(vault, case_document())).parties[0].token
    result = await redacted(vault, case_document(f"Skriv {lan} i svaret.", parties=()))
    assert lan not in result.text


@pytest.mark.parametrize(
    ("text", "code"), [("я" * 40, "script_unknown"), ("a" * 2_000_001, "text_too_long")]
)
async def test_what_cannot_be_redacted_safely_goes_no_farther(text: str, code: str) -> None:
    with pytest.raises(Poison) as poison:
        await redact_document(case_document(text), FINDER, InMemoryVault())
    assert poison.value.code == code


async def test_after_an_erasure_everything_of_the_case_is_dropped() -> None:
    vault = InMemoryVault()
    lan = (await redacted(vault, case_document())).parties[0].token
    confirmed = await erase_case(CaseErased(case=A_CASE, erased_at=NOW), vault)
    assert confirmed.service == "redaction"
    assert confirmed.erased > 0
    assert await redact_document(case_document(), FINDER, vault) is None
    assert await restore_suggestion(drafted(f"Kære {lan}"), vault) == ()
    assert await redact_feedback(feedback("Lan har ret"), FINDER, vault) is None


def feedback(comment: str) -> FeedbackGiven:
    return FeedbackGiven(
        case=A_CASE,
        suggestion_id=uuid.UUID(int=9),
        revision=1,
        verdict="edited",
        comment=comment,
        given_at=NOW,
    )


async def test_a_comment_is_redacted_with_the_persons_of_the_case() -> None:
    vault = InMemoryVault()
    lan = (await redacted(vault, case_document())).parties[0].token
    result = await redact_feedback(feedback("nguyen skal have 2 uger"), FINDER, vault)
    assert result is not None
    assert result.comment == f"{lan} skal have 2 uger"


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


async def test_private_persons_in_knowledge_are_masked_for_good() -> None:
    text = "Klager Henning Krogh (740344-1237), Mosevænget 3, tlf. 85 19 73 40, fik medhold."
    result = await mask_knowledge(knowledge(text), MASKER)
    assert isinstance(result, KnowledgeRedacted)
    assert result.text == (
        "Klager [person] ([cpr-nummer]), [adresse], tlf. [telefonnummer], fik medhold."
    )
    assert result.masked == 4
    assert result.sections[0].end == len(result.text)


@pytest.mark.parametrize(
    "text",
    [
        "Klagen sendes til Ankestyrelsen, 7998 Statsservice, tlf. 85 41 12 00, ast@ast.example.",
        "Efter § 113 b, stk. 2, i lov om social service, jf. LBK nr. 433 af 25/04/2024.",
    ],
)
async def test_authorities_and_law_stay_readable_in_knowledge(text: str) -> None:
    result = await mask_knowledge(knowledge(text), MASKER)
    assert isinstance(result, KnowledgeRedacted)
    assert result.text == text
    assert result.masked == 0


async def test_nobody_is_looked_for_in_law() -> None:
    text = "§ 1. Loven gælder for Hans Hansen Rasmussen og 740344-1237."
    result = await mask_knowledge(knowledge(text, kind="lov"), MASKER)
    assert isinstance(result, KnowledgeRedacted)
    assert result.text == "§ 1. Loven gælder for Hans Hansen Rasmussen og [cpr-nummer]."


async def test_knowledge_that_cannot_be_read_is_refused_with_a_reason() -> None:
    result = await mask_knowledge(knowledge("я" * 40), MASKER)
    assert isinstance(result, KnowledgeIndexed)
    assert (result.outcome, result.version) == ("refused", 1)
    assert result.reason is not None
    assert "latinske bogstaver" in result.reason
