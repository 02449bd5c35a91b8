"""A small convolutional network that scores words by their surroundings, computed by numpy.

It sees the same attributes as the conditional random field, and three words to either side at
first, four more behind that; unlike the field it weighs them together. Where the two were trained
on the same texts they err on different words, so their scores are added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt
from sidemand.redaction.features import OFFSETS, Rows, Scores, add_neighbours, beside

ROWS: Final = 1 << 16
"""Rows of the embeddings: attributes of the field, folded."""

FARTHER: Final = (-4, -2, 0, 2, 4)
"""Distances of the words whose first layer the second layer sees."""


@dataclass(frozen=True, slots=True)
class NetworkWeights:
    """A trained network."""

    embeddings: Scores
    """`ROWS` by dimensions."""
    looks: Scores
    """What words look like (`features.looks`) by dimensions."""
    near: Scores
    """Distances of `OFFSETS` by dimensions by hidden units."""
    near_bias: Scores
    far: Scores
    """Distances of `FARTHER` by hidden units by further hidden units."""
    far_bias: Scores
    out: Scores
    """Both sorts of hidden units by labels."""
    out_bias: Scores

    def to_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """In half precision, and embeddings in eight bits with a scale for each dimension."""
        arrays: dict[str, npt.NDArray[np.generic]] = {
            f"net_{each.name}": getattr(self, each.name).astype(np.float16) for each in fields(self)
        }
        scale = np.abs(self.embeddings).max(axis=0) / 127
        arrays["net_scale"] = scale.astype(np.float32)
        arrays["net_embeddings"] = np.round(self.embeddings / scale).astype(np.int8)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]]) -> "NetworkWeights":
        """Unpack what `to_arrays` packed."""
        weights = {each.name: arrays[f"net_{each.name}"].astype(np.float32) for each in fields(cls)}
        weights["embeddings"] *= arrays["net_scale"].astype(np.float32)
        return cls(**weights)


class Network:
    """Scores words in order; immutable."""

    def __init__(self, weights: NetworkWeights) -> None:
        """What a word adds to each of its neighbours is one product, so it can be kept."""
        self._weights = weights
        dimensions = weights.near.shape[1]
        self._near = weights.near.transpose(1, 0, 2).reshape(dimensions, -1)
        self.hidden = weights.near.shape[2]

    def contributions(self, rows: Rows, starts: Rows, looks: Sequence[Sequence[float]]) -> Scores:
        """What words add to the first layer of their neighbours.

        Words by distances of `OFFSETS` by hidden units. A word gives its own attributes, as rows
        of the field from its place in `starts` on, and what it looks like.
        """
        embedded: Scores = np.add.reduceat(self._weights.embeddings[rows % ROWS], starts, axis=0)
        embedded /= np.sqrt(np.diff(starts, append=len(rows)), dtype=np.float32)[:, None]
        embedded += np.array(looks, dtype=np.float32) @ self._weights.looks
        added: Scores = (embedded @ self._near).reshape(len(starts), len(OFFSETS), self.hidden)
        return added

    def scores(self, table: Scores, rows: Rows) -> Scores:
        """Words by labels; `rows` says where in `table` the contributions of each word stand."""
        weights = self._weights
        first = np.full((len(rows), self.hidden), weights.near_bias)
        add_neighbours(first, table, rows)
        np.maximum(first, 0, out=first)
        second = np.full((len(rows), len(weights.far_bias)), weights.far_bias)
        for index, offset in enumerate(FARTHER):
            here, there = beside(len(rows), offset)
            second[here] += first[there] @ weights.far[index]
        np.maximum(second, 0, out=second)
        scored: Scores = first @ weights.out[: self.hidden]
        scored += second @ weights.out[self.hidden :]
        scored += weights.out_bias
        return scored
