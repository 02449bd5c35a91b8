"""A transformer encoder on ONNX Runtime, without padding; needs the extra `encoder`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sidemand.embedding.adapters.sessions import Machine, Session
from sidemand.embedding.adapters.tokens import Tokens
from sidemand.embedding.ports import Ids, ModelError, Side, Vectors
from sidemand.embedding.registry import EncoderEntry

BUDGETS = {"cpu": 512, "cuda": 16_384}
"""Tokens of a batch. A CPU wants what a layer reads to stay in its cache: in the shape of e5-small,
int8, one core does 2,100 tokens a second in batches of 256, 2,170 in 512 and 1,970 in 1,024. A GPU
wants to be filled.
"""
_SHAPES_IN_A_DOUBLING = 8


class PackedOnnx:
    """An `Encoder` on a folder that `sidemand-model build` made."""

    def __init__(self, folder: Path, entry: EncoderEntry, machine: Machine) -> None:
        """Load the model that `entry` describes. Raises `ModelError`."""
        self._entry = entry
        self._on_gpu = machine.device == "cuda"
        self._tokens = Tokens(folder, self._entry)
        graph = folder / f"encoder.{machine.device}.onnx"
        if graph.name not in entry.files:
            raise ModelError(
                f"{folder} has no graph for {machine.device}: build it with --precision fp16, or"
                " set EMBEDDING_DEVICE=cpu"
            )
        self._session = Session(graph, machine, entry.dimension)
        self.budget = BUDGETS[machine.device]
        self.model = entry.model

    def read(self, texts: Sequence[str], side: Side) -> list[list[Ids]]:
        """The token ids of each text, with what the model wants before it."""
        return self._tokens.read(texts, side)

    def encode(self, pieces: Sequence[Ids], side: Side) -> Vectors:  # noqa: ARG002
        """Unit vectors, pieces × dimension."""
        total = sum(map(len, pieces))
        filling = rounded(total) - total if self._on_gpu else 0
        filled = [*pieces, *fillers(filling, self._entry.context)]
        return self._session(packed(filled, self._entry.first_position))[: len(pieces)]


def packed(texts: Sequence[Ids], first_position: int) -> Mapping[str, NDArray[Any]]:
    """The graph's inputs for `texts`, one after the other; see `building/graph.py`."""
    lengths = np.array([len(text) for text in texts])
    borders = np.cumsum([0, *lengths])
    places = np.arange(borders[-1]) - np.repeat(borders[:-1], lengths)
    rows = np.repeat(np.arange(len(texts)), lengths)
    is_token = np.arange(lengths.max()) < lengths[:, None]
    padding = np.flatnonzero(~is_token)
    return {
        "input_ids": np.concatenate(texts),
        "positions": (places + first_position).astype(np.int64),
        "cumulative_lengths": borders.astype(np.int32),
        "token_offset": np.concatenate([rows * lengths.max() + places, padding])
        .astype(np.int32)
        .reshape(is_token.shape),
    }


def rounded(tokens: int) -> int:
    """The next of a few batch sizes, eight in each doubling, so that a GPU's memory and kernels
    are reused; at most an eighth more.
    """
    step = max(1, (1 << (tokens - 1).bit_length()) // (2 * _SHAPES_IN_A_DOUBLING))
    return -(-tokens // step) * step


def fillers(tokens: int, context: int) -> list[Ids]:
    """Texts of nothing that take up `tokens`; a batch's other texts do not see them."""
    full, rest = divmod(tokens, context)
    return [np.zeros(length, np.int64) for length in (*[context] * full, rest) if length]
