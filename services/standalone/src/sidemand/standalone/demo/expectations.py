"""What a sample case expects of its suggestion, and how much of it was met."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sidemand.client import CaseEventRefused, Suggestion


class Expectation(BaseModel):
    """The block `expect` of a sample case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Literal["suggestion", "abstention", "refusal"]
    cites: tuple[str, ...] = ()
    """Documents that have to be quoted."""
    must_mention: tuple[str, ...] = ()
    """Words that have to stand in a statement or its quote."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation, met or not."""

    wanted: str
    """In Danish, for the person who reads the demo."""
    met: bool


Outcome = Literal["suggestion", "abstention", "refusal", "nothing"]


def outcome_of(suggestions: Sequence[Suggestion], refusal: CaseEventRefused | None) -> Outcome:
    """Name what came back: one statement suffices for a suggestion."""
    if refusal is not None:
        return "refusal"
    if any(suggestion.statements for suggestion in suggestions):
        return "suggestion"
    return "abstention" if suggestions else "nothing"


def judge(
    expectation: Expectation,
    suggestions: Sequence[Suggestion],
    refusal: CaseEventRefused | None,
) -> list[Check]:
    """Compare what came back with what was expected: one check per outcome, source and fact."""
    outcome = outcome_of(suggestions, refusal)
    statements = [statement for each in suggestions for statement in each.statements]
    cited = {citation.document.document_id for each in statements for citation in each.citations}
    said = _plain(
        " ".join(
            part
            for each in statements
            for part in (each.text, *(citation.quote for citation in each.citations))
        )
    )
    return [
        Check(_OUTCOMES[expectation.outcome], outcome == expectation.outcome),
        *(Check(f"citerer {document}", document in cited) for document in expectation.cites),
        *(Check(f"nævner »{fact}«", _plain(fact) in said) for fact in expectation.must_mention),
    ]


_OUTCOMES = {
    "suggestion": "giver et forslag",
    "abstention": "siger, at kilderne ikke har svaret",
    "refusal": "afviser hændelsen",
}


def _plain(text: str) -> str:
    """Fold case and white space: a fact counts however it is set."""
    return " ".join(text.casefold().split())
