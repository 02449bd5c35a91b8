"""Encoders with random weights, laid out as Hugging Face lays out a model."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sidemand.testing.encoders import (
    Kind,
    random_weights,
    small_config,
    write_safetensors,
    write_small_tokenizer,
)

Weights = Mapping[str, NDArray[np.float32]]


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
        pytest.importorskip("tokenizers", reason="needs the extra `encoder`")
        write_small_tokenizer(folder / "tokenizer.json")
        config = small_config(kind) | changed
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
