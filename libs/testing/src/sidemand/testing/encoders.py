"""Weights of encoders, random and in the shape that a `config.json` tells: none are downloaded."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["bert", "xlm-roberta"]

LETTERS: Final = "abcdefghijklmnopqrstuvwxyzæøåABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅ0123456789.,:?§-"
WORDS: Final = "kommunen borgeren skal høre parten frist støtte query og en".split()
"""What the small tokeniser knows as a whole."""

_NAMES: Final = {"float32": "F32", "float16": "F16", "uint16": "BF16"}


def random_weights(config: Mapping[str, Any]) -> dict[str, NDArray[np.float32]]:
    """The tensors of an encoder of BERT's kind, by the names under which they are published."""
    return dict(_tensors(config))


def _tensors(config: Mapping[str, Any]) -> Iterator[tuple[str, NDArray[np.float32]]]:
    rng = np.random.default_rng(0)
    hidden, inner = config["hidden_size"], config["intermediate_size"]

    def random(*shape: int, spread: float) -> NDArray[np.float32]:
        return rng.standard_normal(shape, np.float32) * np.float32(spread)

    def dense(part: str, outputs: int, inputs: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
        yield f"{part}.weight", random(outputs, inputs, spread=1.5 * inputs**-0.5)
        yield f"{part}.bias", random(outputs, spread=0.1)

    def norm(part: str) -> Iterator[tuple[str, NDArray[np.float32]]]:
        yield f"{part}.weight", 1 + random(hidden, spread=0.1)
        yield f"{part}.bias", random(hidden, spread=0.1)

    sizes = {
        "word": config["vocab_size"],
        "position": config["max_position_embeddings"],
        "token_type": config["type_vocab_size"],
    }
    for name, size in sizes.items():
        yield f"embeddings.{name}_embeddings.weight", random(size, hidden, spread=0.5)
    yield from norm("embeddings.LayerNorm")
    for layer in (f"encoder.layer.{number}" for number in range(config["num_hidden_layers"])):
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            yield from dense(f"{layer}.attention.{part}", hidden, hidden)
        yield from norm(f"{layer}.attention.output.LayerNorm")
        yield from dense(f"{layer}.intermediate.dense", inner, hidden)
        yield from dense(f"{layer}.output.dense", hidden, inner)
        yield from norm(f"{layer}.output.LayerNorm")


def write_safetensors(path: Path, tensors: Mapping[str, NDArray[Any]]) -> None:
    """Header length, JSON header, data (https://github.com/huggingface/safetensors, "Format")."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    start = 0
    for name, values in tensors.items():
        end = start + values.nbytes
        dtype = _NAMES[str(values.dtype)]
        header[name] = {"dtype": dtype, "shape": values.shape, "data_offsets": [start, end]}
        start = end
    written = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(written).to_bytes(8, "little") + written)
        for values in tensors.values():
            file.write(values.tobytes())


def small_config(kind: Kind) -> dict[str, Any]:
    """The `config.json` of an encoder of 32 components and two layers."""
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


def write_small_tokenizer(path: Path) -> None:
    """A unigram tokeniser as XLM-R's, which asks to truncate, as published ones do."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    special = ["<s>", "<pad>", "</s>", "<unk>", "▁"]
    pieces = [(each, 0.0) for each in special[:4]] + [("▁", -3.0)]
    pieces += [(f"▁{word}", -2.0) for word in WORDS]
    pieces += [(start + letter, -6.0) for start in ("", "▁") for letter in LETTERS]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.enable_truncation(max_length=8)
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>")  # noqa: S106 - a piece of text
    tokenizer.save(str(path))


def write_small_encoder(folder: Path) -> None:
    """A folder as a hub lays it out, for `sidemand-model build`: 32 components, mean pooling."""
    config = small_config("xlm-roberta")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    write_safetensors(folder / "model.safetensors", random_weights(config))
    write_small_tokenizer(folder / "tokenizer.json")
