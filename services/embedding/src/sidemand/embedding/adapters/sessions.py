"""ONNX Runtime sessions on a CPU or on CUDA."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from sidemand.embedding.adapters.staging import Staging
from sidemand.embedding.ports import Device, ModelError, OutOfMemory, Vectors

_NO_CUDA = (
    "CUDA was asked for and ONNX Runtime cannot use it here: install onnxruntime-gpu with the"
    " driver and libraries that it names, or set EMBEDDING_DEVICE=cpu"
)
_NO_MEMORY = ("Failed to allocate memory", "out of memory", "ALLOC_FAILED", "bad allocation")


@dataclass(frozen=True, slots=True)
class Machine:
    """What a model may use."""

    device: Device = "cpu"
    threads: int = 1
    """Cores that one run on a CPU uses."""


class Session:
    """A loaded graph with the one output `vectors`.

    Inputs and output are bound to the device, so that they are copied apart from the run: with
    two runs in flight, one's copies go on while the other computes. Inputs are copied from memory
    that the device reads by itself.
    """

    def __init__(self, graph: Path | bytes, machine: Machine, dimension: int) -> None:
        """Load the graph.

        Raises `ModelError`: also where CUDA was asked for and is not there, and where the vectors
        have another `dimension`.
        """
        self._device = machine.device
        self._staging = Staging(machine.device)
        self._session: Any = _load(graph, machine)  # ONNX Runtime leaves much untyped
        (output,) = self._session.get_outputs()
        if output.shape[-1] != dimension:
            raise ModelError(
                f"the graph makes {output.shape[-1]} components and model.json says {dimension}:"
                " build the model again"
            )

    @property
    def inputs(self) -> list[str]:
        """The names of what the graph reads."""
        return [each.name for each in self._session.get_inputs()]

    def __call__(self, inputs: Mapping[str, NDArray[Any]]) -> Vectors:
        """The vectors, texts × dimension. Raises `OutOfMemory`, and `ModelError` for no numbers."""
        try:
            with self._staging.holding(inputs) as held:
                vectors = self._run(held)
        except Exception as error:  # ONNX Runtime's own errors share no base class but this one
            if any(sign in str(error) for sign in _NO_MEMORY):
                raise OutOfMemory from error
            raise
        if not np.isfinite(vectors).all():
            raise ModelError("the model gave a vector that is no number: build it with fp32")
        return np.asarray(vectors, np.float32)

    def _run(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        binding = self._session.io_binding()
        for name, values in inputs.items():
            here = ort.OrtValue.ortvalue_from_numpy(values, self._device, 0)
            binding.bind_ortvalue_input(name, here)
        binding.bind_output("vectors", self._device)
        self._session.run_with_iobinding(binding)  # returns when the device is done
        (vectors,) = binding.copy_outputs_to_cpu()
        return np.asarray(vectors)


def _load(graph: Path | bytes, machine: Machine) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = machine.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if machine.device == "cuda" and "CUDAExecutionProvider" not in ort.get_available_providers():
        raise ModelError(_NO_CUDA)
    providers = ["CPUExecutionProvider"]
    if machine.device == "cuda":
        providers.insert(0, "CUDAExecutionProvider")
    source = graph if isinstance(graph, bytes) else str(graph)
    try:
        session = ort.InferenceSession(source, options, providers=providers)
    except Exception as error:  # ONNX Runtime's own errors share no base class but this one
        raise ModelError("ONNX Runtime cannot load the model: build or install it anew") from error
    if session.get_providers()[0] != providers[0]:  # it goes on without what it cannot load
        raise ModelError(_NO_CUDA)
    return session
