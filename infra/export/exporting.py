"""From a Hugging Face folder to a registered one, by optimum: the padded way, for any encoder."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from optimum.exporters.onnx import main_export
from sidemand.embedding.adapters.padded import GRAPH
from sidemand.embedding.building.architecture import Pooling, read_json, read_pooling
from sidemand.embedding.building.folder import check_tokenizer
from sidemand.embedding.ports import ModelError
from sidemand.embedding.registry import (
    TOKENIZER,
    EncoderEntry,
    Prefixes,
    registered,
    write_entry,
)

WEIGHTS = "weights.bin"
OPTIMISED = ("bert", "roberta", "xlm-roberta", "camembert", "distilbert", "mpnet", "deberta-v2")
"""Kinds of models whose attention and normalisation ONNX Runtime's optimiser fuses."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the folder does not say, or what an operator wants otherwise."""

    model_id: str
    licence: str
    prefixes: Prefixes
    precision: Literal["fp32", "int8"] = "fp32"
    pooling: Pooling | None = None


def export_folder(source: Path, target: Path, choices: Choices) -> EncoderEntry:
    """Export, optimise, quantise where it was chosen, pool in the graph, and register.

    Raises `ModelError` for what `source` does not say and for a `target` that is not new.
    """
    pooling = choices.pooling or read_pooling(source)
    if pooling is None:
        raise ModelError(f"{source} does not say how it pools: add --pooling mean or cls")
    config = read_json(source / "config.json")
    check_tokenizer(source / TOKENIZER, config["vocab_size"])
    if target.exists() and any(target.iterdir()):
        raise ModelError(f"{target} is not empty: name a new folder")
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        model = onnx.load(_exported(source, Path(place), config, choices))
    _pool(model, pooling, config["hidden_size"])
    onnx.save(model, target / GRAPH, save_as_external_data=True, location=WEIGHTS)
    shutil.copyfile(source / TOKENIZER, target / TOKENIZER)
    entry = EncoderEntry(
        graph="padded",
        model_id=choices.model_id,
        dimension=config["hidden_size"],
        context=_context(source, config),
        padding=config.get("pad_token_id") or 0,
        pooling=pooling,
        precision=choices.precision,
        prefixes=choices.prefixes,
        licence=choices.licence,
        files={name: registered(target / name) for name in (GRAPH, WEIGHTS, TOKENIZER)},
    )
    write_entry(target, entry)
    return entry


def _exported(source: Path, place: Path, config: dict[str, Any], choices: Choices) -> Path:
    main_export(
        str(source),
        output=place,
        task="feature-extraction",
        library_name="transformers",
        optimize="O2" if config["model_type"] in OPTIMISED else None,
        local_files_only=True,
        do_validation=False,  # `reference.compare` does it on what is shipped
    )
    if choices.precision == "fp32":
        return place / "model.onnx"
    quantised = place / "int8.onnx"
    quantize_dynamic(
        place / "model.onnx",
        quantised,
        per_channel=True,
        weight_type=QuantType.QInt8,
        use_external_data_format=True,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},  # behind fused operators
    )
    return quantised


def _pool(model: onnx.ModelProto, pooling: Pooling, hidden: int) -> None:
    """Let the graph end with unit vectors instead of a vector for each token."""
    graph = model.graph
    tokens = graph.output[0].name
    constants = {"pool_axis": [1], "pool_last": [-1], "pool_first": 0}
    for name, value in constants.items():
        graph.initializer.append(numpy_helper.from_array(_int64(value), name))
    graph.initializer.append(helper.make_tensor("pool_tiny", TensorProto.FLOAT, [], [1e-12]))
    node = helper.make_node
    if pooling == "cls":
        graph.node.append(node("Gather", [tokens, "pool_first"], ["pooled"], axis=1))
    else:
        graph.node.extend(
            [
                node("Cast", ["attention_mask"], ["pool_mask"], to=TensorProto.FLOAT),
                node("Unsqueeze", ["pool_mask", "pool_last"], ["pool_weights"]),
                node("Mul", [tokens, "pool_weights"], ["pool_counted"]),
                node("ReduceSum", ["pool_counted", "pool_axis"], ["pool_sum"], keepdims=0),
                node("ReduceSum", ["pool_mask", "pool_axis"], ["pool_count"], keepdims=1),
                node("Div", ["pool_sum", "pool_count"], ["pooled"]),
            ]
        )
    graph.node.extend(
        [
            node("Mul", ["pooled", "pooled"], ["pool_squares"]),
            node("ReduceSum", ["pool_squares", "pool_last"], ["pool_square"], keepdims=1),
            node("Sqrt", ["pool_square"], ["pool_length"]),
            node("Max", ["pool_length", "pool_tiny"], ["pool_divisor"]),
            node("Div", ["pooled", "pool_divisor"], ["vectors"]),
        ]
    )
    del graph.output[:]
    vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["text", hidden])
    graph.output.append(vectors)


def _int64(value: object) -> Any:
    return numpy.asarray(value, numpy.int64)


def _context(source: Path, config: dict[str, Any]) -> int:
    """Tokens that are read at once: what sentence-transformers says, within the positions."""
    positions = config["max_position_embeddings"]
    if config["model_type"] in ("roberta", "xlm-roberta", "camembert", "mpnet"):
        positions -= (config.get("pad_token_id") or 0) + 1
    stated = source / "sentence_bert_config.json"
    longest = read_json(stated).get("max_seq_length") if stated.is_file() else None
    return min(longest or positions, positions)
