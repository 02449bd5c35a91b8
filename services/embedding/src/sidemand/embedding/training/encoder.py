"""The static encoder and its gradients, in numpy and scipy: it needs no framework to train."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float32]
Words = NDArray[np.int64]

BUCKETS, DIMENSION = 1 << 16, 256
"""Rows and columns of the shipped table."""


@dataclass(slots=True)
class Adam:
    """Adam (Kingma and Ba, 2015) that moves only the rows that a batch touched."""

    learning_rate: float
    mean: Floats
    square: Floats
    steps: int = 0

    @classmethod
    def of(cls, parameters: Floats, learning_rate: float) -> "Adam":
        """For an array of this shape."""
        return cls(learning_rate, np.zeros_like(parameters), np.zeros_like(parameters))

    def update(self, parameters: Floats, gradient: Floats, rows: Words | slice) -> None:
        """Move `rows` of `parameters` against `gradient`."""
        self.steps += 1
        mean = self.mean[rows] * np.float32(0.9) + np.float32(0.1) * gradient
        square = self.square[rows] * np.float32(0.999) + np.float32(0.001) * gradient * gradient
        self.mean[rows], self.square[rows] = mean, square
        rate = self.learning_rate * np.sqrt(1 - 0.999**self.steps) / (1 - 0.9**self.steps)
        parameters[rows] -= np.float32(rate) * mean / (np.sqrt(square) + np.float32(1e-8))


@dataclass(frozen=True, slots=True)
class Batch:
    """The texts of one step as sparse counts: texts × words, words × rows of the table."""

    texts: csr_array
    features: csr_array
    rows: Words


class StaticEncoder:
    """Adds up weighted table rows and turns the sum into a unit vector, one turn for each side.

    `table` is buckets × dimension, `log_weights` one number a row; `turns` are the matrices for
    queries and passages. `features` gives the rows of each word of the training vocabulary.
    """

    def __init__(self, features: csr_array, dimension: int, rng: np.random.Generator) -> None:
        buckets = features.shape[1]
        self.features = features
        self.table = rng.normal(0, 0.1, (buckets, dimension)).astype(np.float32)
        self.log_weights = np.zeros((buckets, 1), np.float32)
        self.turns = {side: np.eye(dimension, dtype=np.float32) for side in ("query", "passage")}
        self._table_adam = Adam.of(self.table, 2e-3)
        self._weight_adam = Adam.of(self.log_weights, 2e-3)
        self._turn_adams = {side: Adam.of(turn, 5e-4) for side, turn in self.turns.items()}

    def slow_down(self, factor: float) -> None:
        """Multiply every learning rate by `factor`."""
        for adam in (self._table_adam, self._weight_adam, *self._turn_adams.values()):
            adam.learning_rate *= factor

    def batch(self, texts: Sequence[Words]) -> Batch:
        """`texts` (as word numbers) with the words and rows that they share counted once."""
        ends = np.cumsum([0, *map(len, texts)])
        words, positions = np.unique(np.concatenate(texts), return_inverse=True)
        counts = csr_array(
            (np.ones(len(positions), np.float32), positions, ends), (len(texts), len(words))
        )
        features = self.features[words]
        rows, columns = np.unique(features.indices, return_inverse=True)
        compact = csr_array((features.data, columns, features.indptr), (len(words), len(rows)))
        return Batch(counts, compact, rows.astype(np.int64))

    def sums(self, batch: Batch) -> Floats:
        """The weighted sum of table rows for each text, texts × dimension."""
        weighted = self.table[batch.rows] * np.exp(self.log_weights[batch.rows])
        result: Floats = batch.texts @ (batch.features @ weighted)
        return result

    def encode(self, texts: Sequence[Words], side: str) -> Floats:
        """Unit vectors for `texts` as "query" or "passage"."""
        parts = [
            unit(self.sums(self.batch(texts[i : i + 512])) @ self.turns[side].T)[0]
            for i in range(0, len(texts), 512)
        ]
        return np.concatenate(parts)

    def step(
        self, batch: Batch, sums: Floats, gradients: Mapping[str, tuple[slice, Floats]]
    ) -> None:
        """One step of Adam.

        `gradients` holds for each side which texts of the batch are its own, and the gradient of
        the loss by their turned sums; `sums` is what `sums(batch)` gave.
        """
        d_sums = np.zeros_like(sums)
        d_turns = {}
        for side, (part, d_turned) in gradients.items():
            d_turns[side] = d_turned.T @ sums[part]
            d_sums[part] = d_turned @ self.turns[side]
        d_rows = batch.features.T @ (batch.texts.T @ d_sums)
        weights = np.exp(self.log_weights[batch.rows])
        d_table = d_rows * weights
        d_log = (d_table * self.table[batch.rows]).sum(1, keepdims=True)
        self._table_adam.update(self.table, d_table, batch.rows)
        self._weight_adam.update(self.log_weights, d_log, batch.rows)
        for side, gradient in d_turns.items():
            self._turn_adams[side].update(self.turns[side], gradient, slice(None))


def unit(vectors: Floats) -> tuple[Floats, Floats]:
    """`vectors` scaled to length 1, and their lengths."""
    lengths = np.sqrt((vectors * vectors).sum(1, keepdims=True)) + np.float32(1e-6)
    return vectors / lengths, lengths
