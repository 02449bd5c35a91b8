"""Weighing what the index found: words and meaning, the whole document and its parts.

Words and meaning are always both weighed. A long case note says one relevant thing among many
others, so each of its parts is searched by itself, and a passage counts by the whole document
and by the part that it fits best. Whether anything is offered is a question of its own: a ranking
has a first even where the knowledge base has no answer.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Final

import numpy as np
from sidemand.danish.figures import Figure, stated_in
from sidemand.retrieval.analysed import FloatArray
from sidemand.retrieval.calibration import Answerability, Calibration, Weights
from sidemand.retrieval.lexical import covered_share, lexical_scores, weight_of
from sidemand.retrieval.ports import Hit, Query
from sidemand.schemas.casework import RankedPassage

# Measured by the extractive writer on 40 sample cases, facts that must be mentioned: 3 of 12 89,
# 4 of 16 92, 5 of 20 93 of 120 said.
MOST_PASSAGES: Final = 20
"""Passages that a context holds."""
MOST_PER_SOURCE: Final = 5
"""Passages of one document, so that several sources fit; all documents of the case count as one."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What is known of each hit for each part of a query, before anything is weighed."""

    words: FloatArray
    """BM25, shape (hits, parts)."""
    meaning: FloatArray
    """Cosine, shape (hits, parts); 0 for passages of another model."""
    said: FloatArray
    """Weight of all terms of a part, shape (parts,)."""
    covered: float
    """Share of the whole document's weight that stands in some passage of knowledge, 0 to 1."""
    texts: tuple[str, ...]
    """What each hit says."""
    asked: frozenset[Figure]
    """The figures that the document's questions ask for."""

    def of_passages(self) -> FloatArray:
        """The scores that `Weights` weighs, shape (hits, 4).

        Longer parts have higher BM25: it is divided by the root of what they say.
        """
        words = self.words / np.sqrt(np.maximum(self.said, np.float32(1)))
        return np.stack(
            [words[:, 0], words.max(axis=1), self.meaning[:, 0], self.meaning.max(axis=1)], axis=1
        )

    def of_document(self, weights: Weights) -> FloatArray:
        """The scores that `Answerability` weighs, shape (5,); there is at least one hit."""
        odds = self.of_passages() @ _of_weights(weights)
        first, length = odds.max() + weights.intercept, np.log1p(self.said[0])
        lacking = self._lacking(np.argsort(-odds, kind="stable")[:_BEST])
        scores = [first, self._agreement(), length, self.covered, lacking]
        return np.array(scores, dtype=np.float32)

    @property
    def is_long(self) -> bool:
        """Whether there are parts beside the whole and its heading."""
        return len(self.said) > _WHOLE_AND_HEADING

    def _lacking(self, best: Iterable[int]) -> float:
        """The share of these hits that do not state a kind of figure that is asked for."""
        if not self.asked:
            return 0.0
        return float(np.mean([not self.asked <= stated_in(self.texts[each]) for each in best]))

    def _agreement(self) -> int:
        """How many of the passages nearest to the whole by meaning are best by words too."""
        words, meaning = self.words[:, 0], self.meaning[:, 0]
        best = np.argsort(-words, kind="stable")[:_COMPARED]
        return len(np.intersect1d(best[words[best] > 0], np.argsort(-meaning)[:_COMPARED]))


@dataclass(frozen=True, slots=True)
class Weighed:
    """A hit with its certainty of relevance, 0 to 1."""

    hit: Hit
    score: float


_WHOLE_AND_HEADING: Final = 2
_COMPARED: Final = 10
"""Passages of each ranking."""
_BEST: Final = 5
"""Passages that are looked into for the figures that are asked for."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What was found, weighed."""

    passages: tuple[Weighed, ...]
    """All hits, best first."""
    answerable: float
    """Certainty that the knowledge base answers something of the document, 0 to 1."""
    threshold: float
    """What it has to reach."""


def rank(query: Query, hits: Sequence[Hit], calibration: Calibration) -> Ranking:
    """Weigh all of `hits`. The case's own passages do not make a document answerable."""
    if not hits:
        return Ranking((), 0.0, calibration.short.threshold)
    scores = scores_of(query, hits)
    answerability = calibration.long if scores.is_long else calibration.short
    certainty = _share(scores.of_passages() @ _of_weights(calibration.weights), calibration.weights)
    weighed = (Weighed(hit, float(each)) for hit, each in zip(hits, certainty, strict=True))
    return Ranking(
        tuple(sorted(weighed, key=lambda e: (-e.score, e.hit.document.key, e.hit.passage.start))),
        _answerable(scores, hits, calibration.weights, answerability),
        answerability.threshold,
    )


def offer(ranking: Ranking) -> tuple[RankedPassage, ...]:
    """The best passages of several sources, or nothing below the threshold."""
    if ranking.answerable < ranking.threshold:
        return ()
    return tuple(_ranked(each) for each in _varied(ranking.passages))


def scores_of(query: Query, hits: Sequence[Hit]) -> Scores:
    """Score every hit for every part; there is at least one hit."""
    terms = [part.terms for part in query.parts]
    parts = np.stack([part.vector for part in query.parts])
    nothing = np.zeros(parts.shape[1], dtype=np.float32)
    vectors = np.stack([nothing if hit.vector is None else hit.vector for hit in hits])
    return Scores(
        words=lexical_scores(terms, [hit.terms for hit in hits]),
        meaning=vectors @ parts.T,
        said=np.array([sum(map(weight_of, part)) for part in terms], dtype=np.float32),
        covered=covered_share(terms[0], [hit.terms for hit in hits if not hit.is_of_case]),
        texts=tuple(hit.passage.text for hit in hits),
        asked=query.asked,
    )


def _answerable(
    scores: Scores, hits: Sequence[Hit], weights: Weights, answerability: Answerability
) -> float:
    is_knowledge = [not hit.is_of_case for hit in hits]
    if not any(is_knowledge):
        return 0.0
    known = replace(
        scores,
        words=scores.words[is_knowledge],
        meaning=scores.meaning[is_knowledge],
        texts=tuple(compress(scores.texts, is_knowledge)),
    )
    odds = known.of_document(weights) @ _of_answerability(answerability)
    return float(_share(odds, answerability))


def _share(odds: FloatArray, weights: Weights | Answerability) -> FloatArray:
    certainty: FloatArray = 1 / (1 + np.exp(-(odds + np.float32(weights.intercept))))
    return certainty


def _of_weights(weights: Weights) -> FloatArray:
    return np.array(
        [weights.words, weights.words_of_part, weights.meaning, weights.meaning_of_part],
        dtype=np.float32,
    )


def _of_answerability(answerability: Answerability) -> FloatArray:
    return np.array(
        [
            answerability.first,
            answerability.agreement,
            answerability.length,
            answerability.covered,
            answerability.lacking,
        ],
        dtype=np.float32,
    )


def _varied(weighed: Sequence[Weighed]) -> Iterator[Weighed]:
    taken: Counter[str] = Counter()
    for each in weighed:
        source = "case" if each.hit.is_of_case else each.hit.document.key
        if taken.total() == MOST_PASSAGES:
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
