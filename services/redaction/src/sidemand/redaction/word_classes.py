"""How much a word looks like a first name, a last name, a place or an ordinary word.

Logistic regression over hashed character n-grams and the word itself. It knows names that no
list holds, and ships weights instead of lists: no name can be read out of it.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt
from sidemand.redaction.word_clusters import WordClusters

CLASSES: Final = ("first", "last", "place", "word")
"""The classes in the order of the weights' columns; a word can belong to several."""

BUCKETS: Final = 1 << 17
"""Rows of the weights."""

_NGRAMS = (2, 3, 4, 5)
_WHOLE_WORD = 4
_CACHED_WORDS = 30_000


def buckets(word: str) -> list[int]:
    """The rows that stand for the lower-case `word` and its character n-grams."""
    framed = f"^{word}$"
    grams = {framed[i : i + n] for n in _NGRAMS for i in range(len(framed) - n + 1)}
    # The word itself weighs more than its pieces: what is known outweighs what is likely.
    whole = [f"={word}"] * _WHOLE_WORD
    return [zlib.crc32(gram.encode()) % BUCKETS for gram in (*sorted(grams), *whole)]


class WordScores:
    """Scores words for some classes; immutable, may be shared between threads."""

    def __init__(self, weights: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]) -> None:
        """`weights` is `BUCKETS` by classes, `bias` one number a class."""
        self._weights = weights
        self._bias = bias
        self._known: dict[str, tuple[float, ...]] = {}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]], name: str) -> "WordScores":
        """Unpack what `to_arrays` packed under `name`."""
        scale = arrays[f"{name}_scale"].astype(np.float32)
        weights = arrays[f"{name}_weights"].astype(np.float32) * scale
        return cls(weights, arrays[f"{name}_bias"].astype(np.float32))

    def to_arrays(self, name: str) -> dict[str, npt.NDArray[np.generic]]:
        """Eight bits a weight: the scores are cut into a few steps anyway."""
        scale = np.abs(self._weights).max(axis=0) / 127
        return {
            f"{name}_weights": np.round(self._weights / scale).astype(np.int8),
            f"{name}_scale": scale.astype(np.float32),
            f"{name}_bias": self._bias.astype(np.float32),
        }

    def scores(self, word: str) -> tuple[float, ...]:
        """Log-odds of the lower-case `word` for each class; above 0: rather than not."""
        return self._known.get(word) or self._learnt([word])[0]

    def learn(self, words: Iterable[str]) -> None:
        """Compute what is not known of the lower-case `words` in one go."""
        new = [*set(words).difference(self._known)]
        if new:
            self._learnt(new)

    def _learnt(self, words: Sequence[str]) -> list[tuple[float, ...]]:
        if len(self._known) > _CACHED_WORDS:
            self._known.clear()
        rows = [buckets(word) for word in words]
        lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
        flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=lengths.sum())
        sums = np.add.reduceat(self._weights[flat], lengths.cumsum() - lengths, axis=0)
        odds = sums / np.sqrt(lengths)[:, None] + self._bias
        scores = [*map(tuple, odds.tolist())]
        self._known.update(zip(words, scores, strict=True))
        return scores


class WordClasses:
    """What a word looks like; immutable, may be shared between threads."""

    def __init__(self, words: WordScores, clusters: WordClusters) -> None:
        """`words` scores `CLASSES`; `clusters` tells what a word is used like."""
        self._words = words
        self.clusters = clusters

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]]) -> "WordClasses":
        """Unpack what `to_arrays` packed."""
        return cls(WordScores.from_arrays(arrays, "word"), WordClusters.from_arrays(arrays))

    def to_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """As they lie in the weights."""
        return {**self._words.to_arrays("word"), **self.clusters.to_arrays()}

    def scores(self, word: str) -> tuple[float, ...]:
        """Log-odds of the lower-case `word` for each of `CLASSES`; above 0: rather than not."""
        return self._words.scores(word)

    def learn(self, words: Iterable[str]) -> None:
        """Compute what is not known of the lower-case `words` in one go."""
        self._words.learn(words)

    def is_ordinary(self, word: str) -> bool:
        """Whether the lower-case `word` is one that people write without meaning a person."""
        first, last, _, ordinary = self.scores(word)
        return ordinary > 0 and ordinary > max(first, last) - 4

    def is_plainly_ordinary(self, word: str) -> bool:
        """Whether nobody is called like the lower-case `word`, as far as can be known."""
        first, last, _, ordinary = self.scores(word)
        return ordinary > 2 and max(first, last) < -2


def fit(
    words: Iterable[tuple[str, npt.NDArray[np.float32]]], *, epochs: int, seed: int
) -> WordScores:
    """Learn from lower-case words with their classes: 1 or 0 for each.

    Adagrad on the logistic loss, 512 words a step.
    """
    examples = list(words)
    rows = [np.array(buckets(word), dtype=np.int64) for word, _ in examples]
    truth = np.stack([classes for _, classes in examples])
    weights = np.zeros((BUCKETS, truth.shape[1]), dtype=np.float32)
    seen = np.full_like(weights, 1e-2)
    bias = np.zeros(truth.shape[1], dtype=np.float32)
    order = np.random.default_rng(seed)
    for _ in range(epochs):
        shuffled = order.permutation(len(examples))
        for at in range(0, len(shuffled), 512):
            _step(
                [rows[i] for i in shuffled[at : at + 512]],
                truth[shuffled[at : at + 512]],
                weights,
                seen,
                bias,
            )
    return WordScores(weights, bias)


def _step(
    rows: list[npt.NDArray[np.int64]],
    truth: npt.NDArray[np.float32],
    weights: npt.NDArray[np.float32],
    seen: npt.NDArray[np.float32],
    bias: npt.NDArray[np.float32],
) -> None:
    lengths = np.array([len(r) for r in rows])
    flat = np.concatenate(rows)
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    norm = 1 / np.sqrt(lengths.astype(np.float32))[:, None]
    odds = np.add.reduceat(weights[flat], starts, axis=0) * norm + bias
    error = (1 / (1 + np.exp(-odds)) - truth).astype(np.float32)
    bias -= 0.1 * error.mean(axis=0)
    touched, inverse = np.unique(flat, return_inverse=True)
    gradient = np.zeros((len(touched), truth.shape[1]), dtype=np.float32)
    np.add.at(gradient, inverse, np.repeat(error * norm, lengths, axis=0))
    seen[touched] += gradient**2
    weights[touched] -= gradient / np.sqrt(seen[touched])
