"""Fitting the weights of a calibration to questions with known answers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sidemand.retrieval.analysed import FloatArray
from sidemand.retrieval.calibration import Answerability, Weights

_Doubles = NDArray[np.float64]

_STEPS: Final = 400
_RATE: Final = 0.05
_SHRINKAGE: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found for a question, and which of it is relevant."""

    scores: FloatArray
    """As `Scores.of_passages` gives them, shape (hits, 4)."""
    is_relevant: NDArray[np.bool_]
    """Shape (hits,)."""


def fit_weights(questions: Sequence[Judged]) -> Weights:
    """The weights that make relevant passages likeliest among what was found with them.

    Each question counts the same (softmax over its hits). The scale and the intercept are then
    fitted so that a passage's certainty is its share of relevance. Questions without a relevant
    hit are left out of the first, and count in the second.
    """
    found = [each for each in questions if each.is_relevant.any()]
    direction = _listwise(found)
    sums = np.concatenate([each.scores for each in questions]) @ direction
    relevant = np.concatenate([each.is_relevant for each in questions])
    scale, intercept = logistic(sums[:, None], relevant)
    words, words_of_part, meaning, meaning_of_part = (float(each) for each in direction * scale)
    return Weights(
        words=words,
        words_of_part=words_of_part,
        meaning=meaning,
        meaning_of_part=meaning_of_part,
        intercept=float(intercept),
    )


def fit_answerability(
    answered: Sequence[FloatArray], unanswered: Sequence[FloatArray], refused: float
) -> Answerability:
    """Tell answered from unanswered documents, each with its scores by `Scores.of_document`.

    `answered` are several kinds of documents, and so are `unanswered`: arrays of shape
    (documents, 5). Both sides count the same, and so does every kind of a side. The threshold is
    the highest below which no kind of answered documents has more than the share `refused`.
    """
    kinds = [*answered, *unanswered]
    lengths = [len(kind) for kind in kinds]
    is_answered = np.repeat(np.arange(len(kinds)) < len(answered), lengths)
    sides = [len(answered)] * len(answered) + [len(unanswered)] * len(unanswered)
    share = np.repeat(0.5 / (np.array(sides) * np.array(lengths)), lengths)
    *weights, intercept = logistic(np.concatenate(kinds), is_answered, share)
    odds = [float(np.quantile(kind @ np.array(weights), refused)) for kind in answered]
    first, agreement, length, covered, lacking = (float(each) for each in weights)
    return Answerability(
        first=first,
        agreement=agreement,
        length=length,
        covered=covered,
        lacking=lacking,
        intercept=float(intercept),
        threshold=1 / (1 + math.exp(-(min(odds) + intercept))),
    )


def logistic(
    scores: FloatArray | _Doubles, is_true: NDArray[np.bool_], share: _Doubles | None = None
) -> _Doubles:
    """Weights and, last, the intercept of a logistic regression; `share` weighs the rows.

    Newton's method on standardised scores with a slight pull towards nothing.
    """
    mean, spread = scores.mean(axis=0), scores.std(axis=0) + 1e-9
    rows = np.column_stack([(scores - mean) / spread, np.ones(len(scores))])
    weight = np.full(len(rows), 1 / len(rows)) if share is None else share
    pull = np.diag([_SHRINKAGE] * scores.shape[1] + [0.0])
    fitted: _Doubles = np.zeros(rows.shape[1])
    for _ in range(30):
        certainty = 1 / (1 + np.exp(-rows @ fitted))
        slope = rows.T @ (weight * (certainty - is_true)) + pull @ fitted
        curvature = (rows * (weight * certainty * (1 - certainty))[:, None]).T @ rows + pull
        fitted = fitted - np.linalg.solve(curvature, slope)
    weights = fitted[:-1] / spread
    return np.append(weights, fitted[-1] - mean @ weights)


def _listwise(questions: Sequence[Judged]) -> _Doubles:
    """Gradient descent with momentum; no score may count against a passage."""
    scores = np.concatenate([each.scores for each in questions]).astype(np.float64)
    spread = scores.std(axis=0) + 1e-9
    scores /= spread
    relevant = np.concatenate([each.is_relevant for each in questions])
    lengths = np.array([len(each.scores) for each in questions])
    weights: _Doubles = np.ones(scores.shape[1])
    moving: _Doubles = np.zeros_like(weights)
    for _ in range(_STEPS):
        share = _softmax(scores @ weights, lengths)
        wanted = np.where(relevant, share, 0)
        wanted /= np.repeat(_sums(wanted, lengths), lengths)
        slope = (share - wanted) @ scores / len(questions) + _SHRINKAGE * weights
        moving = 0.9 * moving - _RATE * slope
        weights = np.maximum(weights + moving, 0)
    fitted: _Doubles = weights / spread
    return fitted


def _softmax(sums: _Doubles, lengths: NDArray[np.int_]) -> _Doubles:
    """Shares of 1 within each stretch of `lengths`."""
    highest = np.maximum.reduceat(sums, _starts(lengths))
    raised: _Doubles = np.exp(sums - np.repeat(highest, lengths))
    shares: _Doubles = raised / np.repeat(_sums(raised, lengths), lengths)
    return shares


def _sums(values: _Doubles, lengths: NDArray[np.int_]) -> _Doubles:
    total: _Doubles = np.add.reduceat(values, _starts(lengths))
    return total


def _starts(lengths: NDArray[np.int_]) -> NDArray[np.int_]:
    return np.concatenate([[0], np.cumsum(lengths)[:-1]])
