"""Builds a model folder that the service can load, from one as Hugging Face lays it out."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import onnx
import onnxruntime as ort
from sidemand.embedding.building.architecture import (
    Architecture,
    Pooling,
    read_architecture,
    read_pooling,
)
from sidemand.embedding.building.attention import FusedAttention, RowsAttention
from sidemand.embedding.building.graph import Body, check_fused, encoder_graph
from sidemand.embedding.building.products import FloatProducts, Int8Products
from sidemand.embedding.building.safetensors import Safetensors
from sidemand.embedding.building.weights import store_weights
from sidemand.embedding.ports import Device, ModelError
from sidemand.embedding.registry import (
    TOKENIZER,
    EncoderEntry,
    Precision,
    Prefixes,
    registered,
    write_entry,
)

WEIGHTS: Final = "weights.bin"
GRAPHS: Final[dict[Device, str]] = {"cpu": "encoder.cpu.onnx", "cuda": "encoder.cuda.onnx"}


@dataclass(frozen=True, slots=True)
class Choices:
    """What the folder does not say, or what an operator wants otherwise."""

    model_id: str
    licence: str
    prefixes: Prefixes
    precision: Precision = "fp32"
    pooling: Pooling | None = None
    """None: as the folder says."""


def build_folder(source: Path, target: Path, choices: Choices) -> EncoderEntry:
    """Write graphs, weights, tokeniser and registry entry to `target`, which is new or empty.

    Raises `ModelError` for what `source` lacks and for what cannot be built as it should.
    """
    architecture = read_architecture(source)
    pooling = choices.pooling or read_pooling(source)
    if pooling is None:
        raise ModelError(f"{source} does not say how it pools: add --pooling mean or cls")
    check_tokenizer(source / TOKENIZER, architecture.vocabulary)
    if target.exists() and any(target.iterdir()):
        raise ModelError(f"{target} is not empty: name a new folder")
    target.mkdir(parents=True, exist_ok=True)
    tensors = Safetensors(source / "model.safetensors")
    weights = store_weights(tensors, architecture, choices.precision, target / WEIGHTS)
    for device, body in _bodies(architecture, choices.precision).items():
        model = encoder_graph(architecture, pooling, body, weights)
        onnx.save(model, target / GRAPHS[device])
        if device == "cuda":
            check_fused(model, architecture)
            _check_runtime_knows(target / GRAPHS[device])
    shutil.copyfile(source / TOKENIZER, target / TOKENIZER)
    entry = EncoderEntry(
        graph="packed",
        model_id=choices.model_id,
        dimension=architecture.hidden,
        context=architecture.context,
        first_position=architecture.first_position,
        pooling=pooling,
        precision=choices.precision,
        prefixes=choices.prefixes,
        licence=choices.licence,
        files={path.name: registered(path) for path in sorted(target.iterdir())},
    )
    write_entry(target, entry)
    return entry


def _bodies(architecture: Architecture, precision: Precision) -> dict[Device, Body]:
    """What is built for each device; int8 is for a CPU alone."""
    if precision == "int8":
        return {"cpu": Body(RowsAttention(architecture), Int8Products())}
    products = FloatProducts()
    return {
        "cpu": Body(RowsAttention(architecture), products),
        "cuda": Body(FusedAttention(architecture), products),
    }


def _check_runtime_knows(graph: Path) -> None:
    """Raises `ModelError` where ONNX Runtime finds the graph for CUDA wrong.

    Where it has no CUDA, it takes all of the graph's types and inputs, and then misses the kernel
    of the one operator that no CPU has.
    """
    try:
        ort.InferenceSession(str(graph), providers=ort.get_available_providers())
    except Exception as error:  # ONNX Runtime's own errors share no base class but this one
        said = str(error)
        if "NOT_IMPLEMENTED" not in said or "PackedMultiHeadAttention" not in said:
            raise ModelError("ONNX Runtime refuses the graph for CUDA: report this") from error


def check_tokenizer(path: Path, vocabulary: int) -> None:
    """Raises `ModelError` where the tokeniser gives ids that the weights have no row for."""
    from tokenizers import Tokenizer

    try:
        size = Tokenizer.from_file(str(path)).get_vocab_size(with_added_tokens=True)
    except Exception as error:  # tokenizers raises nothing narrower
        raise ModelError(f"{path} cannot be read: bring the fast tokeniser's file") from error
    if size > vocabulary:
        raise ModelError(
            f"{path} has {size} tokens and the weights have {vocabulary}: they are of two models"
        )
