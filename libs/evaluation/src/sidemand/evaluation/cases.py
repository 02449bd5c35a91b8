"""Measures the services on whole cases: what the sample cases get, from their events on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypedDict

import yaml
from sidemand.client import read_case_file
from sidemand.embedding.ports import Embedder
from sidemand.evaluation.answers import AnswerFigures, AskedCase, measure, read_cases
from sidemand.evaluation.chain import chain
from sidemand.evaluation.data import located
from sidemand.generation.ports import Writer
from sidemand.schemas.casework import CaseEventRefused, Suggestion

_DEPTH: Final = 8


class CaseFigures(TypedDict):
    """What `sidemand-eval cases --json` prints; shares are 0 to 1."""

    cases: int
    """Cases that have an answer."""
    hit_at_8: float
    """Those with an expected document among the first eight passages offered."""
    recall_at_8: float
    """Expected documents among them."""
    answerable_refused: float
    """Cases that have an answer, and nothing is offered for."""
    unanswerable_refused: float
    """Cases that have none, and nothing is offered for."""


async def measure_cases(samples: Path, law: Path | None, embedder: Embedder) -> CaseFigures:
    """Search for the sample cases in the samples' guidance, and in `law` if given.

    Raises `DataError`.
    """
    knowledge = [located(samples, "guidance"), *([law] if law else [])]
    shares: list[float] = []
    refused: list[bool] = []
    refused_rightly: list[bool] = []
    async with chain(samples, knowledge, embedder) as services:
        for path in sorted(located(samples, "cases").glob("*.yaml")):
            document = await services.document(read_case_file(path))
            if isinstance(document, CaseEventRefused):
                continue
            context = await services.retrieval.context(document)
            offered = context.passages
            wanted = _wanted(path)
            if not wanted:
                refused_rightly.append(not offered)
                continue
            refused.append(not offered)
            found = {each.document.document_id for each in offered[:_DEPTH]}
            shares.append(len(wanted & found) / len(wanted))
    return CaseFigures(
        cases=len(shares),
        hit_at_8=_mean([share > 0 for share in shares]),
        recall_at_8=_mean(shares),
        answerable_refused=_mean(refused),
        unanswerable_refused=_mean(refused_rightly),
    )


async def measure_answers(
    samples: Path, law: Path | None, embedder: Embedder, writer: Writer
) -> AnswerFigures:
    """Let the services answer the sample cases, as `measure_cases` searches for them.

    Raises `DataError`.
    """
    knowledge = [located(samples, "guidance"), *([law] if law else [])]
    asked = read_cases(located(samples, "cases"))
    files = {each.id: read_case_file(samples / "cases" / f"{each.id}.yaml") for each in asked}
    async with chain(samples, knowledge, embedder) as services:

        async def answer(case: AskedCase) -> Sequence[Suggestion]:
            return await services.suggestions(files[case.id], writer)

        return await measure(asked, answer, services.source)


def _wanted(path: Path) -> set[str]:
    """The documents that the case expects; none where nothing answers it."""
    expected = yaml.safe_load(path.read_text("utf-8"))["expect"]
    return set(expected["cites"]) if expected["outcome"] == "suggestion" else set()


def _mean(shares: list[float] | list[bool]) -> float:
    return round(sum(shares) / len(shares), 3) if shares else 1.0
