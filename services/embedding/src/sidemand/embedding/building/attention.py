"""The two ways in which a packed graph attends: one operator on CUDA, plain ONNX on a CPU."""

import math

import numpy as np
from sidemand.embedding.building.architecture import Architecture
from sidemand.embedding.building.graph import FUSED, Nodes, text_of_each_token
from sidemand.embedding.registry import Precision

_FAR_BELOW = -30_000.0  # within float16, and e to its power is 0


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


class PlainAttention:
    """Every token against every token of the batch, the other texts' masked.

    The work grows with the square of the batch's tokens, so a CPU takes small batches; no text
    needs padding, and memory depends on the number of tokens only.
    """

    def __init__(self, architecture: Architecture, precision: Precision) -> None:
        self._heads = architecture.heads
        self._size = architecture.hidden // architecture.heads
        self._dtype = np.float16 if precision == "fp16" else np.float32
        self._mask = ""

    def __call__(self, nodes: Nodes, query: str, key: str, value: str) -> str:
        """Softmax of the scaled products, times the values."""
        self._mask = self._mask or self._other_texts(nodes)
        scale = nodes.constant(1 / math.sqrt(self._size), self._dtype)
        asking = self._by_head(nodes, nodes.add("Mul", query, scale), [1, 0, 2])
        asked = self._by_head(nodes, key, [1, 2, 0])
        scores = nodes.add("Add", nodes.add("MatMul", asking, asked), self._mask)
        shares = nodes.add("Softmax", scores, axis=-1)
        looked = nodes.add("MatMul", shares, self._by_head(nodes, value, [1, 0, 2]))
        by_token = nodes.add("Transpose", looked, perm=[1, 0, 2])
        return nodes.add("Reshape", by_token, nodes.constant([0, self._heads * self._size]))

    def _by_head(self, nodes: Nodes, tokens: str, order: list[int]) -> str:
        parted = nodes.add("Reshape", tokens, nodes.constant([0, self._heads, self._size]))
        return nodes.add("Transpose", parted, perm=order)

    def _other_texts(self, nodes: Nodes) -> str:
        """Tokens × tokens: 0 within a text, far below elsewhere; the same for every layer."""
        texts = text_of_each_token(nodes)
        same = nodes.add(
            "Equal",
            nodes.add("Unsqueeze", texts, nodes.constant([0])),
            nodes.add("Unsqueeze", texts, nodes.constant([1])),
        )
        nothing, far_below = (nodes.constant(each, self._dtype) for each in (0.0, _FAR_BELOW))
        return nodes.add("Where", same, nothing, far_below)
