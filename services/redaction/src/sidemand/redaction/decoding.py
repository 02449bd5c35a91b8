"""The best sequence of labels for the words of a text, by the Viterbi algorithm."""

from typing import Final

import numpy as np
import numpy.typing as npt

_ROUNDING: Final = 1e-3
"""What sums of scores may differ by because they were added in another order."""


def best_labels(
    emissions: npt.NDArray[np.float32], transitions: npt.NDArray[np.float32]
) -> npt.NDArray[np.int64]:
    """The best sequence of labels; `emissions` is tokens by labels.

    Only what can be a name is decoded: where every stretch around a token, at its very best,
    scores lower than "no name" (label 0), the token is none. Most of a text is never decoded.
    """
    labels = np.zeros(len(emissions), dtype=np.int64)
    if not len(emissions):
        return labels
    nothing = transitions[0, 0]
    into = transitions.max(axis=0) - nothing
    gains = (emissions + into)[:, 1:].max(axis=1) - emissions[:, 0]
    gains[0] += max(0.0, -float(into[1:].min()))  # Nothing leads into the first token.
    leaving = max(0.0, float((transitions[1:, 0] - nothing).max()))
    doubtful = _best_stretch(gains.astype(np.float64)) > -leaving - _ROUNDING
    edges = np.flatnonzero(np.diff(doubtful, prepend=False, append=False))
    # One token more on either side: the decoding begins and ends with "no name".
    starts = np.maximum(edges[::2] - 1, 0)
    ends = np.minimum(edges[1::2] + 1, len(labels))
    _decode(emissions, transitions, (starts, ends), labels)
    return labels


def _best_stretch(gains: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """For each token the highest sum of `gains` over any stretch that it is part of."""
    best: npt.NDArray[np.float64] = _running(gains) + _running(gains[::-1])[::-1] - gains
    return best


def _running(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """For each place the highest sum of a stretch that ends there."""
    sums = np.concatenate(([0.0], values.cumsum()))
    running: npt.NDArray[np.float64] = sums[1:] - np.minimum.accumulate(sums[:-1])
    return running


def _decode(
    emissions: npt.NDArray[np.float32],
    transitions: npt.NDArray[np.float32],
    runs: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    labels: npt.NDArray[np.int64],
) -> None:
    """Viterbi for all `runs` (first tokens, ends) at once, the longest first, into `labels`."""
    order = np.argsort(runs[0] - runs[1], kind="stable")
    starts, lengths = runs[0][order], (runs[1] - runs[0])[order]
    if not len(starts):
        return
    towards = np.ascontiguousarray(transitions.T)
    # Where each run begins among the words of all runs, and how many are longer than 0, 1, 2 …
    firsts = lengths.cumsum() - lengths
    going = len(lengths) - np.searchsorted(lengths[::-1], np.arange(lengths[0]), side="right")
    tokens = np.repeat(starts - firsts, lengths) + np.arange(lengths.sum())
    scores = emissions[tokens]
    score = scores[firsts]
    for place, count in enumerate(going.tolist()[1:], start=1):
        words = firsts[:count] + place
        score = (score[:count, None, :] + towards).max(axis=2)
        score += scores[words]
        scores[words] = score
    # Which label came before is asked for all words in one go: a step costs more than its sums.
    before = (scores[:-1, None, :] + towards).argmax(axis=2).tolist()
    best = scores.argmax(axis=1).tolist()
    path = [0] * len(tokens)
    for first, length in zip(firsts.tolist(), lengths.tolist(), strict=True):
        label = best[first + length - 1]
        for word in range(first + length - 1, first, -1):
            path[word] = label
            label = before[word - 1][label]
        path[first] = label
    labels[tokens] = path
