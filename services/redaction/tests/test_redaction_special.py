"""Special categories: found, typed, and handled as the tenant wishes."""

import numpy as np
import numpy.typing as npt
import pytest
from pydantic import ValidationError
from sidemand.redaction import special
from sidemand.redaction.decoding import best_labels
from sidemand.redaction.finding import Finder
from sidemand.redaction.handlers import redact_document
from sidemand.redaction.handling import GENERAL_WORDS, Handling
from sidemand.redaction.settings import Settings
from sidemand.redaction.spans import Kind
from sidemand.redaction.tokens import tokens_in

from .redaction_events import PARTIES, case_document
from .vault_fakes import A_CASE, InMemoryVault

FINDER = Finder(special=special.shipped())
NOTE = "Lan Mikkelsen har skizofreni og er medlem af 3F. Ring på 85 19 73 40."


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.HEALTH, "Borgeren har epilepsi og tager medicin."),
        (Kind.UNION, "Hun er tillidsmand for 3F på sin arbejdsplads."),
        (Kind.RELIGION, "Han er muslim og beder om fredagen."),
        (Kind.POLITICS, "Hun stemmer på Socialdemokratiet."),
        (Kind.CRIME, "Han er dømt for vold."),
        (Kind.SOCIAL, "Han er hjemløs og drikker hver dag."),
        (Kind.SEXUALITY, "Hun er lesbisk."),
    ],
)
def test_a_statement_is_found_with_its_category(kind: Kind, text: str) -> None:
    assert kind in {mention.entity.kind for mention in FINDER.find(text)}


def test_nothing_that_names_somebody_is_taken_for_a_statement() -> None:
    kinds = {NOTE[m.start : m.end]: m.entity.kind for m in FINDER.find(NOTE, PARTIES)}
    assert kinds["Lan Mikkelsen"] is Kind.PERSON
    assert kinds["85 19 73 40"] is Kind.PHONE


async def redacted(handling: dict[Kind, Handling]) -> str:
    document = case_document(NOTE)
    wishes = {A_CASE.tenant: handling}
    result = await redact_document(document, FINDER, InMemoryVault(), wishes)
    assert result is not None
    return result.text


async def test_by_default_a_diagnosis_stays_and_the_person_goes() -> None:
    text = await redacted({})
    assert "skizofreni" in text
    assert "3F" in text
    assert "Mikkelsen" not in text


async def test_a_generalised_diagnosis_leaves_its_category() -> None:
    text = await redacted({Kind.HEALTH: Handling.GENERALISE})
    assert "skizofreni" not in text
    assert GENERAL_WORDS[Kind.HEALTH] in text
    assert "3F" in text


async def test_a_masked_diagnosis_leaves_a_token_that_the_vault_can_undo() -> None:
    text = await redacted({Kind.HEALTH: Handling.MASK})
    assert "skizofreni" not in text
    assert Kind.HEALTH in {found.token.kind for found in tokens_in(text) if found.token}


async def test_another_tenants_wish_changes_nothing() -> None:
    wishes = {"en-anden": {Kind.HEALTH: Handling.MASK}}
    result = await redact_document(case_document(NOTE), FINDER, InMemoryVault(), wishes)
    assert result is not None
    assert "skizofreni" in result.text


def test_settings_name_categories_by_tenant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDACTION_SPECIAL_CATEGORIES", '{"storaadal": {"HEALTH": "mask"}}')
    assert Settings().special_categories == {"storaadal": {Kind.HEALTH: Handling.MASK}}


def test_settings_refuse_what_is_no_special_category(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDACTION_SPECIAL_CATEGORIES", '{"storaadal": {"PERSON": "keep"}}')
    with pytest.raises(ValidationError, match="no special category"):
        Settings()


def test_labels_are_the_best_ones_though_most_of_a_text_is_never_decoded() -> None:
    rng = np.random.default_rng(3)
    for _ in range(60):
        size = int(rng.integers(1, 50))
        transitions = rng.normal(0, 2, (9, 9)).astype(np.float32)
        emissions = rng.normal(0, 2, (size, 9)).astype(np.float32)
        emissions[:, 0] += rng.choice([0, 6, 12, 18], size)
        found = best_labels(emissions, transitions)
        assert found.tolist() == one_by_one(emissions, transitions)


def one_by_one(
    emissions: npt.NDArray[np.float32], transitions: npt.NDArray[np.float32]
) -> list[int]:
    """The best labels when every word is decoded, one after the other."""
    paths = [(float(score), [label]) for label, score in enumerate(emissions[0])]
    for scores in emissions[1:]:
        paths = [
            max(
                (score + float(transitions[path[-1], label] + scores[label]), [*path, label])
                for score, path in paths
            )
            for label in range(len(scores))
        ]
    return max(paths)[1]
