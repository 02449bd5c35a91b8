"""Puts an encoder's tensors into one file beside the graphs, in the precision of the graph."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from sidemand.embedding.building.architecture import Architecture
from sidemand.embedding.building.quantising import quantised
from sidemand.embedding.building.safetensors import Safetensors
from sidemand.embedding.ports import ModelError
from sidemand.embedding.registry import Precision

LOOKING = ("query", "key", "value")
WORDS = "embeddings.words"
PLACES = "embeddings.places"
"""Learnt positions, the first token type added: one gather and one addition less for each token."""

_PAGE = 4096  # bytes; ONNX Runtime maps what begins on a page
_PREFIXES = ("", "bert.", "roberta.", "model.")


def store_weights(
    tensors: Safetensors, architecture: Architecture, precision: Precision, path: Path
) -> list[TensorProto]:
    """Write the tensors to `path`, and give what refers to them from a graph beside it.

    For `int8` as `quantised` says. One tensor, or three, are in memory at a time. Raises
    `ModelError` where a tensor is missing, has another shape than `architecture` says, or holds
    what the precision cannot.
    """
    dtype = np.float16 if precision == "fp16" else np.float32
    found = _tensors(tensors, architecture)
    references = []
    with path.open("wb") as file:
        for name, values in quantised(found, WORDS, LOOKING) if precision == "int8" else found:
            with np.errstate(over="ignore"):  # what overflows is refused
                small = values.dtype == np.int8
                stored = np.ascontiguousarray(values, np.int8 if small else dtype)
            if not np.isfinite(stored).all():
                raise ModelError(f"{name} holds what {precision} cannot: build it with fp32")
            file.write(b"\0" * (-file.tell() % _PAGE))
            references.append(_reference(name, stored, path.name, file.tell()))
            file.write(stored.tobytes())
    return references


def _tensors(
    tensors: Safetensors, architecture: Architecture
) -> Iterator[tuple[str, NDArray[np.generic]]]:
    prefix = _prefix(tensors)
    hidden = architecture.hidden
    positions = architecture.first_position + architecture.context

    def tensor(name: str, *shape: int) -> NDArray[np.generic]:
        found = tensors.get(prefix + name)
        if found is None:
            raise ModelError(f"model.safetensors lacks {name}: bring the model's folder again")
        if found.shape != shape:
            raise ModelError(
                f"{name} is {found.shape} and config.json says {shape}: they are of two models"
            )
        return found

    yield WORDS, tensor("embeddings.word_embeddings.weight", architecture.vocabulary, hidden)
    places = tensors.get(prefix + "embeddings.position_embeddings.weight")
    kinds = tensors.get(prefix + "embeddings.token_type_embeddings.weight")
    if places is None or kinds is None or places.shape[0] < positions:
        raise ModelError("model.safetensors lacks positions: bring the model's folder again")
    yield PLACES, np.asarray(places, np.float32)[:positions] + np.asarray(kinds, np.float32)[0]
    for part, shape in _shapes(architecture):
        yield part, tensor(part, *shape)


def _shapes(architecture: Architecture) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The tensors that the graph takes as they are, and their shapes."""
    hidden, inner = architecture.hidden, architecture.inner
    square, wide, narrow = (hidden, hidden), (inner, hidden), (hidden, inner)
    yield from _both("embeddings.LayerNorm", (hidden,), (hidden,))
    for layer in (f"encoder.layer.{number}" for number in range(architecture.layers)):
        for part in LOOKING:
            yield from _both(f"{layer}.attention.self.{part}", square, (hidden,))
        yield from _both(f"{layer}.attention.output.dense", square, (hidden,))
        yield from _both(f"{layer}.attention.output.LayerNorm", (hidden,), (hidden,))
        yield from _both(f"{layer}.intermediate.dense", wide, (inner,))
        yield from _both(f"{layer}.output.dense", narrow, (hidden,))
        yield from _both(f"{layer}.output.LayerNorm", (hidden,), (hidden,))


def _both(
    part: str, of_weight: tuple[int, ...], of_bias: tuple[int, ...]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield weight(part), of_weight
    yield bias(part), of_bias


def weight(part: str) -> str:
    """The name of a part's weight, as it is published."""
    return f"{part}.weight"


def bias(part: str) -> str:
    """The name of a part's bias, as it is published."""
    return f"{part}.bias"


def scale(part: str) -> str:
    """The name of what a part's int8 weight is multiplied by."""
    return f"{part}.scale"


def _prefix(tensors: Safetensors) -> str:
    for prefix in _PREFIXES:
        if f"{prefix}embeddings.word_embeddings.weight" in tensors:
            return prefix
    raise ModelError("model.safetensors holds no BERT or XLM-R: export it with infra/export")


def _reference(name: str, stored: NDArray[np.generic], file: str, offset: int) -> TensorProto:
    tensor = TensorProto(
        name=name,
        dims=stored.shape,
        data_type=helper.np_dtype_to_tensor_dtype(stored.dtype),
        data_location=TensorProto.EXTERNAL,
    )
    for key, value in (("location", file), ("offset", offset), ("length", stored.nbytes)):
        tensor.external_data.append(onnx.StringStringEntryProto(key=key, value=str(value)))
    return tensor
