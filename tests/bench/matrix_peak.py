"""How fast a machine multiplies matrices at best: the roof under which an encoder runs."""

import time
from typing import Any, Final, Literal

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

Kind = Literal["fp32", "fp16", "int8"]

_ROUNDS: Final = 12
_SIZES: Final = {"cpu": (1024, 384, 1536), "cuda": (8192, 4096, 4096)}
"""Rows, inputs, outputs: on a CPU the widest product of e5-small, which stays in its cache."""


def operations_per_second(kind: Kind, threads: int, device: Literal["cpu", "cuda"]) -> float:
    """Additions and multiplications a second of one product of matrices, the best of twelve."""
    rows, inputs, outputs = _SIZES[device]
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    provider = "CUDAExecutionProvider" if device == "cuda" else "CPUExecutionProvider"
    model = _product(kind, inputs, outputs).SerializeToString()
    session: Any = ort.InferenceSession(model, options, providers=[provider])
    dtype = np.float16 if kind == "fp16" else np.float32
    read = np.random.default_rng(0).standard_normal((rows, inputs)).astype(dtype)
    binding = session.io_binding()
    binding.bind_ortvalue_input("read", ort.OrtValue.ortvalue_from_numpy(read, device, 0))
    binding.bind_output("product", device)
    seconds = min(_seconds(session, binding) for _ in range(_ROUNDS))
    return 2 * rows * inputs * outputs / seconds


def _seconds(session: Any, binding: Any) -> float:
    started = time.perf_counter()
    session.run_with_iobinding(binding)
    binding.synchronize_outputs()
    return time.perf_counter() - started


def _product(kind: Kind, inputs: int, outputs: int) -> onnx.ModelProto:
    number = TensorProto.FLOAT16 if kind == "fp16" else TensorProto.FLOAT
    weight = np.random.default_rng(1).standard_normal((inputs, outputs))
    constants = {"weight": weight.astype(np.float16 if kind == "fp16" else np.float32)}
    node = helper.make_node("MatMul", ["read", "weight"], ["product"])
    if kind == "int8":
        constants = {"weight": (weight * 15).clip(-63, 63).astype(np.int8)}
        constants["scale"] = np.full(outputs, 0.01, np.float32)
        names = ["read", "weight", "scale"]
        node = helper.make_node("DynamicQuantizeMatMul", names, ["product"], domain="com.microsoft")
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("read", number, ["row", inputs])],
        [helper.make_tensor_value_info("product", number, ["row", outputs])],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)
