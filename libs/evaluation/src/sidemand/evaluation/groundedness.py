"""Measures the proof: whether it keeps sentences that a source carries, and catches the others.

Reads JSON Lines, `{"source", "sentence", "label": "supported" | "contradicted" | "unsupported",
"kind"}`, and holds each sentence against its source as generation holds a statement against its
quotes.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from sidemand.evaluation.data import DataError, read_lines
from sidemand.generation.proof import unproved_because


@dataclass(frozen=True, slots=True)
class JudgedSentence:
    """A sentence, a source, and whether a person says that the source carries it."""

    source: str
    sentence: str
    is_supported: bool
    kind: str
    """How the sentence was made from the source, such as `paraphrase` or `number`."""


class GroundednessFigures(TypedDict):
    """What `sidemand-eval groundedness --json` prints; shares are 0 to 1."""

    supported_kept: float
    wrong_caught: float
    caught: dict[str, float]
    """By the way in which a sentence is wrong."""


def read_sentences(path: Path) -> list[JudgedSentence]:
    """The sentences of a JSON Lines file. Raises `DataError`."""
    return read_lines(path, _sentence)


def _sentence(line: dict[str, Any]) -> JudgedSentence:
    return JudgedSentence(
        source=line["source"],
        sentence=line["sentence"],
        is_supported=line["label"] == "supported",
        kind=line["kind"],
    )


def measure(sentences: Sequence[JudgedSentence]) -> GroundednessFigures:
    """Hold each of `sentences` against its source. Raises `DataError` where a class is missing."""
    kept: list[bool] = []
    caught: dict[str, list[bool]] = defaultdict(list)
    for each in sentences:
        is_dropped = unproved_because(each.sentence, [each.source]) is not None
        if each.is_supported:
            kept.append(not is_dropped)
        else:
            caught[each.kind].append(is_dropped)
    if not kept or not caught:
        raise DataError("Groundedness needs supported sentences and wrong ones: add the others.")
    return GroundednessFigures(
        supported_kept=_share(kept),
        wrong_caught=_share(outcome for outcomes in caught.values() for outcome in outcomes),
        caught={kind: _share(outcomes) for kind, outcomes in sorted(caught.items())},
    )


def _share(outcomes: Iterable[bool]) -> float:
    counted = list(outcomes)
    return round(sum(counted) / len(counted), 3)
