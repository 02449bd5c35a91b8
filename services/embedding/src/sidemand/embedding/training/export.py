"""From trained parameters to an ONNX graph with an int8 table."""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sidemand.embedding.training.encoder import StaticEncoder

OPSET = 18  # ScatterND adds since 16


def as_onnx(encoder: StaticEncoder) -> bytes:
    """The encoder as an ONNX model.

    Inputs: `rows` (int64, table rows of all texts one after the other), `starts` (int64, where
    each text begins in `rows`; none is empty), `side` (int64 scalar, 0 passage, 1 query). Output:
    `vectors` (float32, texts × dimension, unit length). The weight of a row is part of it, and
    each row is int8 with a scale of its own.
    """
    table, scales = _int8(encoder.table * np.exp(encoder.log_weights))
    turns = np.stack([encoder.turns["passage"].T, encoder.turns["query"].T])
    dimension = encoder.table.shape[1]
    constants: dict[str, NDArray[np.generic]] = {
        "table": table,
        "scales": scales,
        "turns": turns,
        "zero": np.array([0], np.int64),
        "one": np.array([1], np.int64),
        "axis": np.array(0, np.int64),
        "dimension": np.array([dimension], np.int64),
        "last_axis": np.array([-1], np.int64),
        "tiny": np.array(1e-6, np.float32),
    }
    graph = helper.make_graph(
        _nodes(),
        "static_encoder",
        [
            helper.make_tensor_value_info("rows", TensorProto.INT64, ["row"]),
            helper.make_tensor_value_info("starts", TensorProto.INT64, ["text"]),
            helper.make_tensor_value_info("side", TensorProto.INT64, []),
        ],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["text", dimension])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="sidemand"
    )
    model.ir_version = 9  # ONNX Runtime 1.20 reads it
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def _nodes() -> list[onnx.NodeProto]:
    """Gather the rows, add them up for each text, turn the sums, scale them to unit length."""
    zeros = numpy_helper.from_array(np.array([0], np.int64))
    no_floats = numpy_helper.from_array(np.array([0], np.float32))
    node = helper.make_node
    return [
        node("Gather", ["table", "rows"], ["small"]),
        node("Cast", ["small"], ["unscaled"], to=TensorProto.FLOAT),
        node("Gather", ["scales", "rows"], ["scale"]),
        node("Mul", ["unscaled", "scale"], ["addends"]),
        # The text that each row belongs to: how many texts have begun, less one.
        node("Shape", ["rows"], ["row_count"]),
        node("Shape", ["starts"], ["text_count"]),
        node("ConstantOfShape", ["row_count"], ["unmarked"], value=zeros),
        node("Expand", ["one", "text_count"], ["marks"]),
        node("ScatterElements", ["unmarked", "starts", "marks"], ["begun_here"]),
        node("CumSum", ["begun_here", "axis"], ["begun"]),
        node("Sub", ["begun", "one"], ["text"]),
        node("Unsqueeze", ["text", "last_axis"], ["target"]),
        node("Concat", ["text_count", "dimension"], ["shape"], axis=0),
        node("ConstantOfShape", ["shape"], ["empty"], value=no_floats),
        node("ScatterND", ["empty", "target", "addends"], ["sums"], reduction="add"),
        node("Gather", ["turns", "side"], ["turn"]),
        node("MatMul", ["sums", "turn"], ["turned"]),
        node("ReduceL2", ["turned", "last_axis"], ["length"], keepdims=1),
        node("Max", ["length", "tiny"], ["divisor"]),
        node("Div", ["turned", "divisor"], ["vectors"]),
    ]


def _int8(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Each row as int8 and the scale (rows × 1) that leads back."""
    scales = np.maximum(np.abs(rows).max(1, keepdims=True), 1e-12) / 127
    return np.round(rows / scales).astype(np.int8), scales.astype(np.float32)
