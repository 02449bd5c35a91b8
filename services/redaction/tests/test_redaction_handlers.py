"""What the service does with each event, with a vault in memory and the real finder."""

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
from sidemand.redaction.spans import Kind
from sidemand.redaction.tokens import tokens_in
from sidemand.schemas.casework import CaseErased, RedactedCaseDocument
from sidemand.schemas.governance import AccessRecorded
from sidemand.schemas.knowledge import KnowledgeIndexed, KnowledgeRedacted
from sidemand.schemas.raw import CaseDocument, SuggestionChanged

from .redaction_events import NOW, PARTIES, case_document, drafted, feedback, knowledge
from .vault_fakes import A_CASE, ANOTHER_CASE, InMemoryVault

FINDER = Finder()
MASKER = Finder(caution=CAUTION)


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


async def test_a_comment_is_redacted_with_the_persons_of_the_case() -> None:
    vault = InMemoryVault()
    lan = (await redacted(vault, case_document())).parties[0].token
    result = await redact_feedback(feedback("nguyen skal have 2 uger"), FINDER, vault)
    assert result is not None
    assert result.comment == f"{lan} skal have 2 uger"


@pytest.mark.parametrize("protected", [False, True])
@pytest.mark.parametrize(
    "comment", ["Ikke fasanhaven 9 igen", "Fasanhavens beboere", "Det er nr. 11 på Fasanhaven"]
)
async def test_an_address_of_the_case_is_hidden_in_a_comment(
    comment: str, *, protected: bool
) -> None:
    vault = InMemoryVault()
    home = PARTIES[0].model_copy(update={"protected_address": protected})
    await redacted(vault, case_document("Jeg bor på Fasanhaven 9.", parties=(home,)))
    result = await redact_feedback(feedback(comment), FINDER, vault)
    assert result is not None
    assert "asanhaven" not in result.comment
    (written,) = tokens_in(result.comment)
    assert written.token is not None
    assert written.token.kind is Kind.ADDRESS


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
