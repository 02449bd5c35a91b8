"""Writes an encoder as ONNX without padding: all texts of a batch are one row of tokens.

Inputs: `input_ids` and `positions` (int64, tokens), `cumulative_lengths` (int32, texts + 1: where
each text begins and the last ends) and `token_offset` (int32, texts × longest; where each token
would lie if the texts were padded, the real ones first). Output: `vectors` (float32, texts ×
hidden, unit length). Every token belongs to a text.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper
from sidemand.embedding.building.architecture import Architecture, Pooling
from sidemand.embedding.building.weights import PLACES, bias, weight
from sidemand.embedding.ports import ModelError

OPSET = 18
FUSED = "com.microsoft"
"""The domain of ONNX Runtime's fused operators."""


@dataclass
class Nodes:
    """The nodes of a graph in the making, and the small constants that they read."""

    written: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, TensorProto] = field(default_factory=dict)

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node of one output; returns the output's name."""
        (name,) = self.add_several(operator, 1, *inputs, domain=domain, **attributes)
        return name

    def add_several(
        self, operator: str, outputs: int, *inputs: str, domain: str = "", **attributes: Any
    ) -> list[str]:
        """Add a node of several outputs; returns the outputs' names."""
        name = f"{operator}_{len(self.written)}"
        names = [name, *(f"{name}_{number}" for number in range(1, outputs))]
        node = helper.make_node(operator, inputs, names, name, domain=domain, **attributes)
        self.written.append(node)
        return names

    def constant(self, value: ArrayLike, dtype: type[np.generic] = np.int64) -> str:
        """A constant; the same value is stored once."""
        stored = np.asarray(value, dtype)
        name = f"constant_{stored.dtype}_{stored.tolist()}"
        self.constants.setdefault(name, numpy_helper.from_array(stored, name))
        return name


class Attention(Protocol):
    """How each token looks at the tokens of its own text."""

    def __call__(self, nodes: Nodes, query: str, key: str, value: str) -> str:
        """All three are tokens × hidden, as is the output."""


class Products(Protocol):
    """How the graph reads its weights, and multiplies with them."""

    def words(self, nodes: Nodes) -> str:
        """Each token's row of the table of words, tokens × hidden."""

    def looking(self, nodes: Nodes, layer: str, hidden: str) -> tuple[str, str, str]:
        """Query, key and value of a layer, biases added."""

    def dense(self, nodes: Nodes, part: str, read: str) -> str:
        """What is read times the weight of `part`; the bias is not added."""


@dataclass(frozen=True, slots=True)
class Body:
    """The operators that a device is good at."""

    attention: Attention
    products: Products


def encoder_graph(
    architecture: Architecture, pooling: Pooling, body: Body, weights: Sequence[TensorProto]
) -> onnx.ModelProto:
    """The whole graph; `weights` as `store_weights` gave them."""
    nodes = Nodes()
    hidden = _embedded(nodes, architecture, body.products)
    for number in range(architecture.layers):
        hidden = _layer(nodes, architecture.epsilon, f"encoder.layer.{number}", body, hidden)
    _scaled(nodes, _pooled(nodes, pooling, hidden))
    graph = helper.make_graph(
        nodes.written,
        "packed_encoder",
        [
            helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["token"]),
            helper.make_tensor_value_info("positions", TensorProto.INT64, ["token"]),
            helper.make_tensor_value_info("cumulative_lengths", TensorProto.INT32, ["border"]),
            helper.make_tensor_value_info("token_offset", TensorProto.INT32, ["text", "longest"]),
        ],
        [
            helper.make_tensor_value_info(
                "vectors", TensorProto.FLOAT, ["text", architecture.hidden]
            )
        ],
        [*weights, *nodes.constants.values()],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="sidemand")
    model.ir_version = 9  # ONNX Runtime 1.20 reads it
    return model


def check_fused(model: onnx.ModelProto, architecture: Architecture) -> None:
    """Raises `ModelError` unless each layer has the fused operators that make a GPU worth it."""
    found = Counter(node.op_type for node in model.graph.node if node.domain == FUSED)
    wanted = {
        "PackedMultiHeadAttention": architecture.layers,
        "SkipLayerNormalization": 2 * architecture.layers,
        "BiasGelu": architecture.layers,
    }
    if found != wanted:
        raise ModelError(f"the graph for CUDA has {dict(found)} and not {wanted}: report this")


def _embedded(nodes: Nodes, architecture: Architecture, products: Products) -> str:
    words = products.words(nodes)
    summed = nodes.add("Add", words, nodes.add("Gather", PLACES, "positions"))
    norm = "embeddings.LayerNorm"
    return nodes.add(
        "LayerNormalization",
        summed,
        weight(norm),
        bias(norm),
        axis=-1,
        epsilon=architecture.epsilon,
    )


def _layer(nodes: Nodes, epsilon: float, layer: str, body: Body, hidden: str) -> str:
    """Attention and feed-forward, each added to what it read and normalised after that."""

    def dense(part: str, read: str) -> str:
        return body.products.dense(nodes, f"{layer}.{part}.dense", read)

    def normalised(part: str, change: str, before: str) -> str:
        norm, added = f"{layer}.{part}.LayerNorm", bias(f"{layer}.{part}.dense")
        inputs = (change, before, weight(norm), bias(norm), added)
        return nodes.add("SkipLayerNormalization", *inputs, domain=FUSED, epsilon=epsilon)

    # The biases stand here, not in the attention: without them it need not copy its inputs.
    query, key, value = body.products.looking(nodes, layer, hidden)
    looked = dense("attention.output", body.attention(nodes, query, key, value))
    hidden = normalised("attention.output", looked, hidden)
    inner = dense("intermediate", hidden)
    inner = nodes.add("BiasGelu", inner, bias(f"{layer}.intermediate.dense"), domain=FUSED)
    return normalised("output", dense("output", inner), hidden)


def _pooled(nodes: Nodes, pooling: Pooling, hidden: str) -> str:
    """One vector a text, in float32 whatever the encoder's precision."""
    starts, ends = text_borders(nodes)
    if pooling == "cls":
        return nodes.add("Cast", nodes.add("Gather", hidden, starts), to=TensorProto.FLOAT)
    across, down = nodes.constant([0]), nodes.constant([1])
    texts = nodes.add("Squeeze", nodes.add("Shape", starts))
    numbers = nodes.add("Range", nodes.constant(0), texts, nodes.constant(1))
    theirs = nodes.add(
        "Equal",
        nodes.add("Unsqueeze", numbers, down),
        nodes.add("Unsqueeze", text_of_each_token(nodes), across),
    )
    member = nodes.add("Cast", theirs, to=TensorProto.FLOAT)
    summed = nodes.add("MatMul", member, nodes.add("Cast", hidden, to=TensorProto.FLOAT))
    lengths = nodes.add("Cast", nodes.add("Sub", ends, starts), to=TensorProto.FLOAT)
    return nodes.add("Div", summed, nodes.add("Unsqueeze", lengths, down))


def _scaled(nodes: Nodes, pooled: str) -> None:
    """Unit length; the graph's output."""
    length = nodes.add("ReduceL2", pooled, nodes.constant([-1]), keepdims=1)
    divisor = nodes.add("Max", length, nodes.constant(1e-12, np.float32))
    nodes.written.append(helper.make_node("Div", [pooled, divisor], ["vectors"]))


def text_borders(nodes: Nodes) -> tuple[str, str]:
    """Where each text begins and where it ends, int64."""
    borders = nodes.add("Cast", "cumulative_lengths", to=TensorProto.INT64)
    first, last, far = nodes.constant([0]), nodes.constant([-1]), nodes.constant([2**31 - 1])
    starts = nodes.add("Slice", borders, first, last)
    return starts, nodes.add("Slice", borders, nodes.constant([1]), far)


def text_of_each_token(nodes: Nodes) -> str:
    """The number of the text that each token belongs to, int64: how many have ended before it."""
    _, ends = text_borders(nodes)
    tokens = nodes.add("Squeeze", nodes.add("Shape", "input_ids"))
    places = nodes.add("Range", nodes.constant(0), tokens, nodes.constant(1))
    ended = nodes.add(
        "GreaterOrEqual",
        nodes.add("Unsqueeze", places, nodes.constant([1])),
        nodes.add("Unsqueeze", ends, nodes.constant([0])),
    )
    counted = nodes.add("Cast", ended, to=TensorProto.INT64)
    return nodes.add("ReduceSum", counted, nodes.constant([1]), keepdims=0)
