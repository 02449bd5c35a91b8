"""Measures suggestions: whether they answer, quote truly, cite the right sources, say what counts.

What makes the suggestions is given by the caller, from a writer alone to all five services.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import yaml
from sidemand.schemas.casework import Citation, Suggestion


@dataclass(frozen=True, slots=True)
class AskedCase:
    """A case document with what a good answer to it holds."""

    id: str
    tenant: str
    title: str
    text: str
    requests: tuple[str, ...]
    is_answerable: bool
    """Whether the knowledge base holds the answer."""
    sources: tuple[str, ...]
    """Ids of the documents that have to be cited."""
    points: tuple[str, ...]
    """Words that have to stand in a statement or in its quotes."""


Pipeline = Callable[[AskedCase], Awaitable[Sequence[Suggestion]]]
"""Makes the suggestions for a case, one per kind that it asks for."""

SourceText = Callable[[Citation], str | None]
"""The whole text of the cited version; none where there is no such version."""


class AnswerFigures(TypedDict):
    """What `sidemand-eval answers --json` prints; shares are 0 to 1."""

    answered: float
    """Answerable cases with at least one statement."""
    unanswerable_abstained: float
    """Unanswerable cases without any."""
    quotes_verbatim: float
    """Quotes that stand where their citations say."""
    relevant_cited: float
    """Sources that had to be cited and are."""
    points_covered: float
    """Points that had to be made and are."""


def read_cases(folder: Path) -> list[AskedCase]:
    """The sample cases of a folder of YAML, without those that the border has to refuse."""
    read = (yaml.safe_load(path.read_text("utf-8")) for path in sorted(folder.glob("*.yaml")))
    return [
        AskedCase(
            id=case["id"],
            tenant=case["tenant"],
            title=case["case"]["title"],
            text=case["text"],
            requests=tuple(case["requests"]),
            is_answerable=case["expect"]["outcome"] == "suggestion",
            sources=tuple(case["expect"]["cites"]),
            points=tuple(case["expect"]["must_mention"]),
        )
        for case in read
        if case["expect"]["outcome"] != "refusal"
    ]


async def measure(
    cases: Iterable[AskedCase], pipeline: Pipeline, source_text: SourceText
) -> AnswerFigures:
    """Let `pipeline` answer `cases`, and compare. A share of nothing is 1."""
    outcomes: dict[str, list[bool]] = {name: [] for name in AnswerFigures.__annotations__}
    for case in cases:
        suggestions = await pipeline(case)
        citations = _citations(suggestions)
        said = _said(suggestions)
        cited = {citation.document.document_id for citation in citations}
        if case.is_answerable:
            outcomes["answered"].append(bool(citations))
        else:
            outcomes["unanswerable_abstained"].append(not citations)
        outcomes["quotes_verbatim"] += [_is_verbatim(each, source_text) for each in citations]
        outcomes["relevant_cited"] += [source in cited for source in case.sources]
        outcomes["points_covered"] += [_plain(point) in said for point in case.points]
    shares = {name: _share(each) for name, each in outcomes.items()}
    return AnswerFigures(
        answered=shares["answered"],
        unanswerable_abstained=shares["unanswerable_abstained"],
        quotes_verbatim=shares["quotes_verbatim"],
        relevant_cited=shares["relevant_cited"],
        points_covered=shares["points_covered"],
    )


def _citations(suggestions: Sequence[Suggestion]) -> list[Citation]:
    return [
        citation
        for suggestion in suggestions
        for statement in suggestion.statements
        for citation in statement.citations
    ]


def _said(suggestions: Sequence[Suggestion]) -> str:
    texts = [statement.text for each in suggestions for statement in each.statements]
    quotes = [citation.quote for citation in _citations(suggestions)]
    return _plain("\n".join(texts + quotes))


def _is_verbatim(citation: Citation, source_text: SourceText) -> bool:
    text = source_text(citation)
    return text is not None and text[citation.start : citation.end] == citation.quote


def _plain(text: str) -> str:
    """Fold case and white space: a point counts however it is set."""
    return " ".join(text.casefold().split())


def _share(outcomes: Sequence[bool]) -> float:
    return round(sum(outcomes) / len(outcomes), 3) if outcomes else 1.0
