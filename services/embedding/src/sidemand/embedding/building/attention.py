"""The two ways in which a packed graph attends: one operator on CUDA, texts in rows on a CPU."""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from sidemand.embedding.building.architecture import Architecture
from sidemand.embedding.building.graph import FUSED, Nodes


class FusedAttention:
    """ONNX Runtime's `PackedMultiHeadAttention`: flash attention where the GPU has it.

    Query, key and value are apart and carry their biases, so that the kernel reads them in place.
    """

    def __init__(self, architecture: Architecture) -> None:
        self._heads = architecture.heads

    def __call__(self, nodes: Nodes, query: str, key: str, value: str) -> str:
        """One node."""
        borders = ("token_offset", "cumulative_lengths")
        return nodes.add(
            "PackedMultiHeadAttention",
            *(query, key, value, "", *borders),
            domain=FUSED,
            num_heads=self._heads,
        )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where tokens lie when each text is a row; the same for every layer."""

    place_of_token: str
    token_of_place: str
    """The first token where there is none."""
    is_token: str
    """int32, texts × longest."""
    shape: str


class RowsAttention:
    """Each text a row of `MultiHeadAttention`, as long as the longest of the batch.

    Only here is anything padded, and here it is little: the products with the weights, nine tenths
    of the work and more, see real tokens only.
    """

    def __init__(self, architecture: Architecture) -> None:
        self._architecture = architecture
        self._rows: _Rows | None = None

    def __call__(self, nodes: Nodes, query: str, key: str, value: str) -> str:
        """To rows, attend, and back."""
        rows = self._rows = self._rows or _rows(nodes, self._architecture.hidden)
        inputs = (
            nodes.add("Reshape", nodes.add("Gather", each, rows.token_of_place), rows.shape)
            for each in (query, key, value)
        )
        looked = nodes.add(
            "MultiHeadAttention",
            *(*inputs, "", rows.is_token),
            domain=FUSED,
            num_heads=self._architecture.heads,
        )
        flat = nodes.add("Reshape", looked, nodes.constant([-1, self._architecture.hidden]))
        return nodes.add("Gather", flat, rows.place_of_token)


def _rows(nodes: Nodes, hidden: int) -> _Rows:
    texts_and_longest = nodes.add("Shape", "token_offset")
    places = nodes.add("Reshape", "token_offset", nodes.constant([-1]))
    tokens = nodes.add("Shape", "input_ids")
    of_token = nodes.add("Slice", places, nodes.constant([0]), tokens)
    numbers = nodes.add("Range", nodes.constant(0), nodes.add("Squeeze", tokens), nodes.constant(1))
    size = nodes.add("Shape", places)
    none = nodes.add("ConstantOfShape", size, value=_zero(np.int64))
    unmarked = nodes.add("ConstantOfShape", size, value=_zero(np.int32))
    marks = nodes.add("Expand", nodes.constant([1], np.int32), tokens)
    is_token = nodes.add("ScatterElements", unmarked, of_token, marks)
    return _Rows(
        place_of_token=of_token,
        token_of_place=nodes.add("ScatterElements", none, of_token, numbers),
        is_token=nodes.add("Reshape", is_token, texts_and_longest),
        shape=nodes.add("Concat", texts_and_longest, nodes.constant([hidden]), axis=0),
    )


def _zero(dtype: type[np.generic]) -> TensorProto:
    zero: onnx.TensorProto = numpy_helper.from_array(np.zeros(1, dtype))
    return zero
