"""Weighing what the index found: words and meaning, the whole document and its parts.

Words and meaning are always both weighed. A long case note says one relevant thing among many
others, so each of its parts is searched by itself, and a passage counts by the whole document
and by the part that it fits best.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sidemand.retrieval.analysed import FloatArray
from sidemand.retrieval.calibration import Calibration, Weights
from sidemand.retrieval.lexical import lexical_scores, weight_of
from sidemand.retrieval.ports import Hit, Query
from sidemand.schemas.casework import RankedPassage

MOST_PASSAGES: Final = 12
"""Passages that a context holds."""
MOST_PER_SOURCE: Final = 3
"""Passages of one document, so that several sources fit; all documents of the case count as one."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A hit with its certainty of relevance, 0 to 1."""

    hit: Hit
    score: float


def weigh(query: Query, hits: Sequence[Hit], calibration: Calibration) -> list[Weighed]:
    """All of `hits` with their certainty, best first."""
    odds = calibration.intercept + features(query, hits) @ _vector(calibration.weights)
    certainty = 1 / (1 + np.exp(-odds))
    return sorted(
        (Weighed(hit, float(score)) for hit, score in zip(hits, certainty, strict=True)),
        key=lambda each: (-each.score, each.hit.document.key, each.hit.passage.start),
    )


def offer(weighed: Sequence[Weighed], calibration: Calibration) -> tuple[RankedPassage, ...]:
    """What is worth showing: nothing where no knowledge is certain enough.

    The case's own passages accompany knowledge; by themselves they answer nothing.
    """
    best = max((each.score for each in weighed if not each.hit.is_of_case), default=0.0)
    if best < calibration.threshold:
        return ()
    return tuple(_ranked(each) for each in _varied(weighed, calibration.floor))


def features(query: Query, hits: Sequence[Hit]) -> FloatArray:
    """The scores that are weighed, shape (hits, 4), in the order of `Weights`."""
    words = _words(query, hits)
    meaning = _meaning(query, hits)
    if not hits:
        return np.zeros((0, 4), dtype=np.float32)
    return np.stack([words[:, 0], words.max(axis=1), meaning[:, 0], meaning.max(axis=1)], axis=1)


def _words(query: Query, hits: Sequence[Hit]) -> FloatArray:
    """BM25 by part, over the root of the weight of the part's terms: long parts have higher."""
    parts = [part.terms for part in query.parts]
    said = np.array([sum(map(weight_of, part)) for part in parts], dtype=np.float32)
    return lexical_scores(parts, [hit.terms for hit in hits]) / np.sqrt(
        np.maximum(said, np.float32(1))
    )


def _meaning(query: Query, hits: Sequence[Hit]) -> FloatArray:
    """Cosine by part; 0 for passages of another model."""
    parts = np.stack([part.vector for part in query.parts])
    nothing = np.zeros(parts.shape[1], dtype=np.float32)
    vectors = [nothing if hit.vector is None else hit.vector for hit in hits]
    return (np.stack(vectors) if vectors else parts[:0]) @ parts.T


def _vector(weights: Weights) -> FloatArray:
    return np.array(
        [weights.words, weights.words_of_part, weights.meaning, weights.meaning_of_part],
        dtype=np.float32,
    )


def _varied(weighed: Sequence[Weighed], floor: float) -> Iterator[Weighed]:
    taken: Counter[str] = Counter()
    for each in weighed:
        source = "case" if each.hit.is_of_case else each.hit.document.key
        if each.score < floor or taken.total() == MOST_PASSAGES:
            return
        if taken[source] < MOST_PER_SOURCE:
            taken[source] += 1
            yield each


def _ranked(weighed: Weighed) -> RankedPassage:
    hit = weighed.hit
    return RankedPassage(
        document=hit.document,
        version=hit.version,
        title=hit.title,
        kind=hit.kind,
        source=hit.source,
        passage=hit.passage,
        asked_as=hit.asked_as,
        score=weighed.score,
    )
