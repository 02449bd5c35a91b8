"""How well an encoder finds provisions, alone and together with BM25."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from sidemand.danish.analysis import terms
from sidemand.embedding.training.data import Provision, Query
from sidemand.embedding.training.encoder import Floats

_DEPTH = 10
_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over queries, shares of 1."""

    hit_at_1: float
    hit_at_10: float
    recall_at_10: float
    ndcg_at_10: float

    def __str__(self) -> str:
        return (
            f"hit@1 {self.hit_at_1:.3f}  hit@10 {self.hit_at_10:.3f}"
            f"  recall@10 {self.recall_at_10:.3f}  nDCG@10 {self.ndcg_at_10:.3f}"
        )


class Bm25:
    """BM25 over `sidemand.danish` terms of title and text: what the lexical index does."""

    def __init__(self, provisions: Sequence[Provision]) -> None:
        counted = [Counter(terms(f"{each.title}\n{each.text}")) for each in provisions]
        names = sorted({name for counts in counted for name in counts})
        self._columns = {name: column for column, name in enumerate(names)}
        lengths = np.array([counts.total() for counts in counted], np.float32)
        counts = self._matrix(counted)
        frequency = np.bincount(counts.indices, minlength=len(names))
        idf = np.log(1 + (len(counted) - frequency + 0.5) / (frequency + 0.5))
        long = np.repeat(1 - _B + _B * lengths / lengths.mean(), np.diff(counts.indptr))
        weights = counts.data * (_K1 + 1) / (counts.data + _K1 * long) * idf[counts.indices]
        self._weights = csr_array((weights, counts.indices, counts.indptr), counts.shape)

    def scores(self, queries: Sequence[str]) -> Floats:
        """Scores, queries × provisions."""
        asked = self._matrix([Counter(set(terms(query))) for query in queries])
        return np.asarray((asked @ self._weights.T).todense(), np.float32)

    def _matrix(self, counted: Sequence[Counter[str]]) -> csr_array:
        known = [
            [
                (self._columns[name], count)
                for name, count in counts.items()
                if name in self._columns
            ]
            for counts in counted
        ]
        entries = [entry for row in known for entry in row]
        ends = np.cumsum([0, *map(len, known)])
        columns = np.array([column for column, _ in entries], np.int64)
        data = np.array([count for _, count in entries], np.float32)
        return csr_array((data, columns, ends), (len(counted), len(self._columns)))


def standardised(scores: Floats) -> Floats:
    """Each row with mean 0 and deviation 1, so that scores of two kinds can be added."""
    spread = scores.std(1, keepdims=True) + np.float32(1e-9)
    centred: Floats = (scores - scores.mean(1, keepdims=True)) / spread
    return centred


def fused(lexical: Floats, dense: Floats, dense_share: float = 0.5) -> Floats:
    """The weighted sum of both, standardised for each query."""
    share = np.float32(dense_share)
    result: Floats = (1 - share) * standardised(lexical) + share * standardised(dense)
    return result


def judge(scores: Floats, queries: Sequence[Query], provisions: Sequence[Provision]) -> Figures:
    """Figures of `scores` (queries × provisions)."""
    each = judge_each(scores, queries, provisions)
    return Figures(*(float(mean) for mean in each.mean(axis=0)))


def judge_each(scores: Floats, queries: Sequence[Query], provisions: Sequence[Provision]) -> Floats:
    """The figures of each query, queries × 4, in the order of `Figures`."""
    keys = [provision.key for provision in provisions]
    each = [_judge_one(row, query, keys) for row, query in zip(scores, queries, strict=True)]
    return np.array(each, np.float32)


def standard_error(figures: Floats, queries: Sequence[Query]) -> float:
    """Of the mean of `figures`, one for each query; those on one provision count as one draw."""
    drawn: dict[tuple[str, str], float] = {}
    for query, off in zip(queries, figures - figures.mean(), strict=True):
        drawn[query.relevant[0]] = drawn.get(query.relevant[0], 0.0) + float(off)
    return math.sqrt(sum(off**2 for off in drawn.values())) / len(queries)


def _judge_one(
    scores: Floats, query: Query, keys: Sequence[tuple[str, str]]
) -> tuple[float, float, float, float]:
    ranked = (keys[i] for i in np.argsort(-scores, kind="stable")[: 5 * _DEPTH])
    shown = [key for key in ranked if key not in query.tolerated][:_DEPTH]
    right = [key in query.relevant for key in shown]
    gain = sum(_discount(place) for place, is_right in enumerate(right) if is_right)
    best = sum(_discount(place) for place in range(min(_DEPTH, len(query.relevant))))
    return float(right[0]), float(any(right)), sum(right) / len(query.relevant), gain / best


def _discount(place: int) -> float:
    return 1 / math.log2(place + 2)


def report(
    queries: Sequence[Query],
    provisions: Sequence[Provision],
    lexical: Floats,
    encode: Callable[[Sequence[str], str], Floats],
) -> dict[str, Figures]:
    """Figures of BM25, of the encoder, and of both; `encode(texts, side)` gives unit vectors."""
    passages = encode([f"{each.title}\n{each.text}" for each in provisions], "passage")
    dense = encode([query.text for query in queries], "query") @ passages.T
    ways = {"bm25": lexical, "dense": dense, "fused": fused(lexical, dense)}
    return {name: judge(scores, queries, provisions) for name, scores in ways.items()}
