"""Weights of encoders, random and in the shape that a `config.json` tells: none are downloaded."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

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
