"""Encoders with random weights, laid out as Hugging Face lays out a model."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from sidemand.testing.encoders import random_weights, write_safetensors

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
        weights = random_weights(config)
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
