"""An exported encoder on ONNX Runtime: texts of about equal length, padded to the longest."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sidemand.embedding.adapters.packed import BUDGETS
from sidemand.embedding.adapters.sessions import Machine, Session
from sidemand.embedding.adapters.tokens import Tokens
from sidemand.embedding.ports import Ids, ModelError, Side, Vectors
from sidemand.embedding.registry import EncoderEntry

GRAPH = "encoder.onnx"
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}


class PaddedOnnx:
    """An `Encoder` on a folder that `infra/export` made, for models that cannot be packed."""

    def __init__(self, folder: Path, entry: EncoderEntry, machine: Machine) -> None:
        """Load the model that `entry` describes. Raises `ModelError`."""
        self._padding = entry.padding
        self._tokens = Tokens(folder, entry)
        self._session = Session(folder / GRAPH, machine, entry.dimension)
        unknown = set(self._session.inputs) - _INPUTS
        if unknown:
            raise ModelError(f"the graph reads {sorted(unknown)}, which nothing here gives it")
        self.budget = BUDGETS[machine.device]
        self.model = entry.model

    def read(self, texts: Sequence[str], side: Side) -> list[list[Ids]]:
        """The token ids of each text, with what the model wants before it."""
        return self._tokens.read(texts, side)

    def encode(self, pieces: Sequence[Ids], side: Side) -> Vectors:  # noqa: ARG002
        """Unit vectors, pieces × dimension."""
        lengths = [len(piece) for piece in pieces]
        return np.concatenate(
            [self._run(pieces[part]) for part in rectangles(lengths, self.budget)]
        )

    def _run(self, pieces: Sequence[Ids]) -> Vectors:
        rows = np.full((len(pieces), max(map(len, pieces))), self._padding, np.int64)
        mask = np.zeros_like(rows)
        for number, piece in enumerate(pieces):
            rows[number, : len(piece)] = piece
            mask[number, : len(piece)] = 1
        inputs = {"input_ids": rows, "attention_mask": mask, "token_type_ids": np.zeros_like(rows)}
        return self._session({name: inputs[name] for name in self._session.inputs})


def rectangles(lengths: Sequence[int], budget: int) -> Iterator[slice]:
    """Consecutive slices that, padded to their longest, have at most `budget` tokens.

    A text that is longer than the budget is a slice of its own.
    """
    start = longest = 0
    for position, length in enumerate(lengths):
        longer = max(longest, length)
        if position > start and longer * (position + 1 - start) > budget:
            yield slice(start, position)
            start, longer = position, length
        longest = longer
    if start < len(lengths):
        yield slice(start, len(lengths))
