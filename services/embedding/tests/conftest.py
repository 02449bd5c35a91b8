"""Encoders with random weights, laid out as Hugging Face lays out a model."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

Kind = Literal["bert", "xlm-roberta"]
Weights = Mapping[str, NDArray[np.float32]]

LETTERS = "abcdefghijklmnopqrstuvwxyzæøåABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅ0123456789.,:?§-"
WORDS = ("kommunen", "borgeren", "skal", "høre", "parten", "frist", "støtte", "query", "og", "en")


@dataclass(frozen=True, slots=True)
class Source:
    """A folder with a small model, and what its files hold."""

    folder: Path
    config: Mapping[str, Any]
    weights: Weights


MakeSource = Callable[..., Source]


@pytest.fixture(scope="session")
def make_source(tmp_path_factory: pytest.TempPathFactory) -> MakeSource:
    """Make an encoder of a kind; `changed` goes over its `config.json` before weights are made."""

    def make(kind: Kind = "xlm-roberta", pooling: str = "mean", **changed: object) -> Source:
        folder = tmp_path_factory.mktemp("encoder")
        _write_tokenizer(folder / "tokenizer.json")
        config = _config(kind) | changed
        weights = _random_weights(config)
        (folder / "config.json").write_text(json.dumps(config), "utf-8")
        write_safetensors(folder / "model.safetensors", weights)
        (folder / "1_Pooling").mkdir()
        modes = {
            f"pooling_mode_{name}": name.startswith(pooling)
            for name in ("mean_tokens", "cls_token")
        }
        (folder / "1_Pooling/config.json").write_text(json.dumps(modes), "utf-8")
        return Source(folder, config, weights)

    return make


@pytest.fixture(scope="session")
def write_weights() -> Callable[[Path, Mapping[str, NDArray[Any]]], None]:
    """Write tensors as a safetensors file."""
    return write_safetensors


def write_safetensors(path: Path, tensors: Mapping[str, NDArray[Any]]) -> None:
    """Write the format by hand: header length, JSON header, data."""
    names = {"float32": "F32", "float16": "F16", "uint16": "BF16"}
    header, data = {}, b""
    for name, values in tensors.items():
        start = len(data)
        data += values.tobytes()
        header[name] = {
            "dtype": names[str(values.dtype)],
            "shape": values.shape,
            "data_offsets": [start, len(data)],
        }
    written = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    path.write_bytes(len(written).to_bytes(8, "little") + written + data)


def _config(kind: Kind) -> dict[str, Any]:
    return {
        "model_type": kind,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "vocab_size": 5 + len(WORDS) + 2 * len(LETTERS),
        "max_position_embeddings": 66 if kind == "xlm-roberta" else 64,
        "type_vocab_size": 1 if kind == "xlm-roberta" else 2,
        "pad_token_id": 1 if kind == "xlm-roberta" else 0,
        "layer_norm_eps": 1e-5,
        "hidden_act": "gelu",
    }


def _random_weights(config: Mapping[str, Any]) -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(0)
    hidden, inner = config["hidden_size"], config["intermediate_size"]

    def dense(name: str, outputs: int, inputs: int) -> dict[str, NDArray[Any]]:
        return {
            f"{name}.weight": rng.normal(0, 0.3, (outputs, inputs)),
            f"{name}.bias": rng.normal(0, 0.3, outputs),
        }

    def norm(name: str) -> dict[str, NDArray[Any]]:
        return {
            f"{name}.weight": rng.normal(1, 0.2, hidden),
            f"{name}.bias": rng.normal(0, 0.2, hidden),
        }

    sizes = {
        "word": config["vocab_size"],
        "position": config["max_position_embeddings"],
        "token_type": config["type_vocab_size"],
    }
    made: dict[str, NDArray[Any]] = {
        f"embeddings.{name}_embeddings.weight": rng.normal(0, 0.5, (size, hidden))
        for name, size in sizes.items()
    }
    made |= norm("embeddings.LayerNorm")
    for layer in (f"encoder.layer.{number}" for number in range(config["num_hidden_layers"])):
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            made |= dense(f"{layer}.attention.{part}", hidden, hidden)
        made |= norm(f"{layer}.attention.output.LayerNorm")
        made |= dense(f"{layer}.intermediate.dense", inner, hidden)
        made |= dense(f"{layer}.output.dense", hidden, inner)
        made |= norm(f"{layer}.output.LayerNorm")
    return {name: values.astype(np.float32) for name, values in made.items()}


def _write_tokenizer(path: Path) -> None:
    """A unigram tokeniser as XLM-R's, which asks to truncate, as published ones do."""
    tokenizers = pytest.importorskip("tokenizers", reason="needs the extra `encoder`")
    from tokenizers import models, pre_tokenizers, processors

    special = ["<s>", "<pad>", "</s>", "<unk>", "▁"]
    pieces = [(each, 0.0) for each in special[:4]] + [("▁", -3.0)]
    pieces += [(f"▁{word}", -2.0) for word in WORDS]
    pieces += [(start + letter, -6.0) for start in ("", "▁") for letter in LETTERS]
    tokenizer = tokenizers.Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.enable_truncation(max_length=8)
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>")
    tokenizer.save(str(path))
