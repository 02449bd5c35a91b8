"""The best sequence of labels for the words of a text, by the Viterbi algorithm."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

_Scores = npt.NDArray[np.float32]
_Places = npt.NDArray[np.int64]

_ROUNDING: Final = 1e-3
"""What sums of scores may differ by because they were added in another order."""


def best_labels(emissions: _Scores, transitions: _Scores) -> _Places:
    """The best sequence of labels; `emissions` is tokens by labels.

    Only what can be a name is decoded: where every stretch around a token, at its very best,
    scores lower than "no name" (label 0), the token is none. Most of a text is never decoded.
    """
    labels = np.zeros(len(emissions), dtype=np.int64)
    if len(emissions) < 2:
        labels[:] = emissions.argmax(axis=1)
        return labels
    padded = np.zeros(len(labels) + 2, dtype=np.bool_)
    doubtful = padded[1:-1]
    np.greater(_best_stretch(emissions, transitions), -_ROUNDING, out=doubtful)
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    # One token more on either side, which is no name.
    starts = np.maximum(edges[::2] - 1, 0)
    ends = np.minimum(edges[1::2] + 1, len(labels))
    if len(starts):
        possible = np.where(doubtful[:, None], emissions, -np.inf)
        possible[:, 0] = emissions[:, 0]
        _decode(possible, transitions, _Waves.of(starts, ends), labels)
    return labels


def _best_stretch(emissions: _Scores, transitions: _Scores) -> _Scores:
    """For each token how much more than "no name" any name around it scores, at the very best."""
    # Labels by tokens: a maximum over rows takes a third of the time of one over columns.
    by_label = np.ascontiguousarray(emissions.T)
    over = by_label[1:] - by_label[0]
    moved = transitions - transitions[0, 0]
    going_on = (over + moved[1:, 1:].max(axis=0)[:, None]).max(axis=0)
    beginning = (over + moved[0, 1:, None]).max(axis=0)
    beginning[0] = over[:, 0].max()  # Nothing leads into the first token, or out of the last.
    ending = np.full(len(emissions), moved[1:, 0].max())
    ending[-1] = 0.0
    # What goes on within a stretch is a difference of two sums from the first token on.
    sums = going_on.cumsum(dtype=np.float64)
    up_to_here = np.maximum.accumulate(beginning - sums)
    from_here = np.maximum.accumulate((ending + sums)[::-1])[::-1]
    best: _Scores = up_to_here + from_here
    return best


@dataclass(frozen=True, slots=True)
class _Waves:
    """Runs of tokens side by side, to be walked in step: what is done for one is done for all.

    Each is walked from both ends to its middle, which takes half as many steps. The longest half
    is the first: all first tokens, all second ones …
    """

    backward: npt.NDArray[np.bool_]
    """Whether a half is walked from its end."""
    lengths: _Places
    """Of each half."""
    ranks: _Places
    """Where the forward halves of all runs stand among the halves, and where the backward ones."""
    firsts: _Places
    """Where each wave begins among the tokens of all waves."""
    counts: _Places
    """How many halves have a first token, a second …"""
    halves: _Places
    """For each token the half that it belongs to."""
    tokens: _Places
    """In the order of the waves."""

    @classmethod
    def of(cls, starts: _Places, ends: _Places) -> "_Waves":
        """The runs from `starts` to `ends`, which hold two tokens or more."""
        middles = (starts + ends + 1) // 2
        lengths = np.concatenate((middles - starts, ends - middles))
        order = np.argsort(-lengths, kind="stable")
        lengths, backward = lengths[order], order >= len(starts)
        places = np.arange(lengths[0])
        counts = len(lengths) - np.searchsorted(lengths[::-1], places, side="right")
        firsts = counts.cumsum() - counts
        halves = np.arange(counts.sum()) - np.repeat(firsts, counts)
        begins = np.concatenate((starts, ends - 1))[order]
        steps = np.where(backward, -1, 1)
        tokens = begins[halves] + steps[halves] * np.repeat(places, counts)
        ranks = np.argsort(order).reshape(2, -1)
        return cls(backward, lengths, ranks, firsts, counts, halves, tokens)

    def paths(self, best: list[int], came_from: list[list[int]]) -> list[int]:
        """Back from the `best` last label of each half; `came_from` begins with wave two."""
        firsts, halves = self.firsts.tolist(), len(best)
        path = [0] * len(self.tokens)
        for half, length in enumerate(self.lengths.tolist()):
            label = best[half]
            for first in firsts[length - 1 : 0 : -1]:
                path[first + half] = label
                label = came_from[first + half - halves][label]
            path[half] = label
        return path


def _decode(emissions: _Scores, transitions: _Scores, waves: _Waves, labels: _Places) -> None:
    """Viterbi for all runs at once, into `labels`."""
    halves = len(waves.lengths)
    scores = emissions[waves.tokens]
    either_way = np.array([transitions.T, transitions])
    towards = either_way[waves.backward[waves.halves].astype(np.int64)]
    towards += scores[:, :, None]
    before = scores[:halves]
    sums = np.empty((halves, *transitions.shape), dtype=np.float32)
    for first, count in zip(waves.firsts[1:].tolist(), waves.counts[1:].tolist(), strict=True):
        now = slice(first, first + count)
        added = np.add(before[:count, None, :], towards[now], sums[:count])
        before = np.maximum.reduce(added, axis=2, out=scores[now])
    # Which label came before is asked for all words in one go: a step costs more than its sums.
    previous = np.arange(halves, len(scores)) - np.repeat(waves.counts[:-1], waves.counts[1:])
    came_from = (scores[previous, None, :] + towards[halves:]).argmax(axis=2)
    best = _meeting(scores[waves.firsts[waves.lengths - 1] + np.arange(halves)], transitions, waves)
    labels[waves.tokens] = waves.paths(best.tolist(), came_from.tolist())


def _meeting(lasts: _Scores, transitions: _Scores, waves: _Waves) -> _Places:
    """The label at which each half ends best, given the scores of its last token."""
    forward, backward = waves.ranks
    sums = lasts[forward, :, None] + transitions + lasts[backward, None, :]
    best = sums.reshape(len(sums), -1).argmax(axis=1)
    labels = np.empty(len(lasts), dtype=np.int64)
    labels[forward], labels[backward] = np.divmod(best, len(transitions))
    return labels
