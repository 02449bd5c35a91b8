"""Fits the small network with numpy: two layers, Adam for them, Adagrad for the embeddings.

What a word is, its first attribute, is hidden from the network now and then: words that it never
saw are then nothing new to it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sidemand.redaction.features import OFFSETS, REACH, Scores, beside, looks
from sidemand.redaction.neural import FARTHER, ROWS, NetworkWeights
from sidemand.redaction.tagger import Scheme
from sidemand.redaction.training.corpora import Sentence
from sidemand.redaction.word_classes import WordClasses

_DIMENSIONS: Final = 32
_HIDDEN: Final = 96
_HIDDEN_FARTHER: Final = 64
_WORDS_A_STEP: Final = 2000
_GAP: Final = 6
"""Places between two sentences, so that neither sees the other."""
_WORD_HIDDEN: Final = 0.4
_UNITS_HIDDEN: Final = 0.25
_RATE: Final = 2e-3
_RATE_OF_EMBEDDINGS: Final = 1e-2
_LAST_RATE: Final = 0.02
"""Share of the rate that is left at the end."""

_Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Sentences behind each other."""

    words: _Places
    labels: _Places
    there: Scores
    """1 for a word, 0 for a gap."""


class _Words:
    """Words by number, with the rows of the embeddings that each adds up."""

    def __init__(self, scheme: Scheme, classes: WordClasses) -> None:
        self._scheme = scheme
        self._classes = classes
        self._numbers: dict[str, int] = {}
        self.rows: list[_Places] = []
        self.looks: list[list[float]] = []

    def number(self, word: str) -> int:
        if word not in self._numbers:
            self._numbers[word] = len(self.rows)
            active = self._scheme.attributes(word, self._classes)[REACH]
            self.rows.append(np.array(active, dtype=np.int64) % ROWS)
            self.looks.append(looks(word, self._classes))
        return self._numbers[word]


def train(
    sentences: Sequence[Sentence],
    classes: WordClasses,
    scheme: Scheme,
    passes: int,
    seed: int,
) -> NetworkWeights:
    """Fit the network by cross entropy, word by word."""
    words = _Words(scheme, classes)
    column = {label: index for index, label in enumerate(scheme.labels)}
    examples = [
        (
            np.array([words.number(word) for word in sentence.words]),
            np.array([column[label] for label in sentence.labels]),
        )
        for sentence in sentences
    ]
    rng = np.random.default_rng(seed)
    fitted = _Fit(words, len(column), rng)
    steps = passes * sum(len(numbers) for numbers, _ in examples) / _WORDS_A_STEP
    done = 0
    for _ in range(passes):
        for batch in _batches(examples, rng):
            fitted.step(batch, max(_LAST_RATE, 1 - done / steps))
            done += 1
    return fitted.weights()


def _batches(
    examples: Sequence[tuple[_Places, _Places]], rng: np.random.Generator
) -> Iterator[_Batch]:
    waiting: list[tuple[_Places, _Places]] = []
    for index in rng.permutation(len(examples)):
        waiting.append(examples[index])
        if sum(len(numbers) for numbers, _ in waiting) >= _WORDS_A_STEP:
            yield _batch(waiting)
            waiting = []
    if waiting:
        yield _batch(waiting)


def _batch(examples: Sequence[tuple[_Places, _Places]]) -> _Batch:
    gap = np.zeros(_GAP, dtype=np.int64)
    words = np.concatenate([part for numbers, _ in examples for part in (numbers, gap)])
    labels = np.concatenate([part for _, labels in examples for part in (labels, gap)])
    there = [part for numbers, _ in examples for part in (np.ones(len(numbers)), gap)]
    return _Batch(words, labels, np.concatenate(there).astype(np.float32))


class _Fit:
    """Weights on their way, with what the optimisers remember."""

    def __init__(self, words: _Words, labels: int, rng: np.random.Generator) -> None:
        self._words = words
        self._rng = rng
        near, far = len(OFFSETS) * _DIMENSIONS, len(FARTHER) * _HIDDEN
        self._embeddings = self._drawn((ROWS, _DIMENSIONS), 0.1)
        self._seen = np.full((ROWS, 1), 1e-8, dtype=np.float32)
        self._layers: dict[str, Scores] = {
            "looks": self._drawn((len(words.looks[0]), _DIMENSIONS), 0.1),
            "near": self._drawn((near, _HIDDEN), (2 / near) ** 0.5),
            "near_bias": np.zeros(_HIDDEN, dtype=np.float32),
            "far": self._drawn((far, _HIDDEN_FARTHER), (2 / far) ** 0.5),
            "far_bias": np.zeros(_HIDDEN_FARTHER, dtype=np.float32),
            "out": self._drawn((_HIDDEN + _HIDDEN_FARTHER, labels), 0.1),
            "out_bias": np.zeros(labels, dtype=np.float32),
        }
        self._mean = {name: np.zeros_like(layer) for name, layer in self._layers.items()}
        self._square = {name: np.zeros_like(layer) for name, layer in self._layers.items()}
        self._steps = 0

    def weights(self) -> NetworkWeights:
        """What has been learnt so far."""
        near = self._layers["near"].reshape(len(OFFSETS), _DIMENSIONS, _HIDDEN)
        far = self._layers["far"].reshape(len(FARTHER), _HIDDEN, _HIDDEN_FARTHER)
        return NetworkWeights(self._embeddings, **{**self._layers, "near": near, "far": far})

    def _drawn(self, shape: tuple[int, int], deviation: float) -> Scores:
        drawn: Scores = (self._rng.standard_normal(shape) * deviation).astype(np.float32)
        return drawn

    def step(self, batch: _Batch, rate: float) -> None:
        """Learn from `batch`; `rate` is the share of the full rate."""
        different, places = np.unique(batch.words, return_inverse=True)
        adds = self._adding_up(different)
        layers, there = self._layers, batch.there[:, None]
        look = np.array([self._words.looks[word] for word in different], dtype=np.float32)
        embedded = (adds @ self._embeddings + look @ layers["looks"])[places] * there
        seen_near = _beside(embedded, OFFSETS)
        kept = self._kept(len(there), _HIDDEN) * there
        first = seen_near @ layers["near"] + layers["near_bias"]
        first = np.maximum(first, 0, out=first) * kept
        seen_far = _beside(first, FARTHER)
        kept_far = self._kept(len(there), _HIDDEN_FARTHER)
        second = seen_far @ layers["far"] + layers["far_bias"]
        second = np.maximum(second, 0, out=second) * kept_far
        hidden = np.concatenate([first, second], axis=1)
        error = _error(hidden @ layers["out"] + layers["out_bias"], batch)

        back = error @ layers["out"].T
        back_far = back[:, _HIDDEN:] * kept_far * (second > 0)
        back_near = back[:, :_HIDDEN] + _gathered(back_far @ layers["far"].T, FARTHER)
        back_near = back_near * kept * (first > 0)
        back_embedded = _gathered(back_near @ layers["near"].T, OFFSETS) * there
        back_words = _summed(back_embedded, places, len(different))
        self._move(
            {
                "looks": look.T @ back_words,
                "near": seen_near.T @ back_near,
                "near_bias": back_near.sum(axis=0),
                "far": seen_far.T @ back_far,
                "far_bias": back_far.sum(axis=0),
                "out": hidden.T @ error,
                "out_bias": error.sum(axis=0),
            },
            rate,
        )
        self._move_embeddings(adds, back_words, rate)

    def _adding_up(self, words: _Places) -> Any:
        """Words by rows, sparse: of some words what they are is left out."""
        hidden = self._rng.random(len(words)) < _WORD_HIDDEN
        rows = [
            self._words.rows[word][1 if hide else 0 :]
            for word, hide in zip(words.tolist(), hidden, strict=True)
        ]
        lengths = np.array([len(each) for each in rows])
        share = np.repeat(1 / np.sqrt(lengths), lengths).astype(np.float32)
        places = (share, np.concatenate(rows), np.concatenate(([0], lengths.cumsum())))
        return sparse.csr_matrix(places, shape=(len(words), ROWS))

    def _kept(self, words: int, units: int) -> Scores:
        kept = self._rng.random((words, units), dtype=np.float32) > _UNITS_HIDDEN
        return kept.astype(np.float32) / np.float32(1 - _UNITS_HIDDEN)

    def _move(self, gradients: dict[str, Scores], rate: float) -> None:
        """Adam."""
        self._steps += 1
        for name, gradient in gradients.items():
            mean, square = self._mean[name], self._square[name]
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient**2 - square)
            step = mean / (1 - 0.9**self._steps)
            step /= np.sqrt(square / (1 - 0.999**self._steps)) + 1e-8
            self._layers[name] -= _RATE * rate * step

    def _move_embeddings(self, adds: Any, gradient: Scores, rate: float) -> None:
        """Adagrad, one number for each row."""
        touched = np.unique(adds.indices)
        of_rows = np.asarray(adds[:, touched].T @ gradient)
        self._seen[touched] += (of_rows**2).mean(axis=1, keepdims=True)
        step = of_rows / np.sqrt(self._seen[touched])
        self._embeddings[touched] -= _RATE_OF_EMBEDDINGS * rate * step


def _beside(values: Scores, distances: Sequence[int]) -> Scores:
    """For each word the values of the words at `distances` beside each other; zeros outside."""
    width = values.shape[1]
    shown = np.zeros((len(values), len(distances) * width), dtype=np.float32)
    for index, distance in enumerate(distances):
        here, there = beside(len(values), distance)
        shown[here, index * width : (index + 1) * width] = values[there]
    return shown


def _gathered(gradients: Scores, distances: Sequence[int]) -> Scores:
    """The way back through `_beside`."""
    width = gradients.shape[1] // len(distances)
    gathered = np.zeros((len(gradients), width), dtype=np.float32)
    for index, distance in enumerate(distances):
        here, there = beside(len(gradients), distance)
        gathered[there] += gradients[here, index * width : (index + 1) * width]
    return gathered


def _summed(values: Scores, places: _Places, count: int) -> Scores:
    """The sum of `values` for each of `count` places."""
    ones = np.ones(len(places), dtype=np.float32)
    sums = sparse.csr_matrix((ones, (places, np.arange(len(places)))), shape=(count, len(places)))
    summed: Scores = np.asarray(sums @ values)
    return summed


def _error(scores: Scores, batch: _Batch) -> Scores:
    """The gradient of the mean cross entropy of the words that are there."""
    scores -= scores.max(axis=1, keepdims=True)
    error: Scores = np.exp(scores)
    error /= error.sum(axis=1, keepdims=True)
    error[np.arange(len(error)), batch.labels] -= 1
    error *= (batch.there / batch.there.sum())[:, None]
    return error
