"""A folder as Hugging Face lays it out, in the shape of a published encoder, with random weights.

Speed does not depend on what weights say, and so nothing has to be downloaded. The tokeniser is
trained on the texts that are measured, so that words break into about as many pieces as with a
published one.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of an encoder of BERT's kind; the vocabulary costs memory and no time."""

    hidden: int
    layers: int
    heads: int
    vocabulary: int = 16_000
    context: int = 512


SMALL = Shape(hidden=384, layers=12, heads=12)
"""As multilingual-e5-small."""
LARGE = Shape(hidden=1024, layers=24, heads=16)
"""As multilingual-e5-large."""


def write_encoder(folder: Path, shape: Shape, texts: Sequence[str]) -> None:
    """Write config, weights, pooling and a tokeniser trained on `texts` to a new folder."""
    folder.mkdir(parents=True)
    vocabulary = _write_tokenizer(folder, shape, texts)
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": shape.hidden,
        "intermediate_size": 4 * shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "max_position_embeddings": shape.context,
        "type_vocab_size": 2,
        "vocab_size": vocabulary,
        "pad_token_id": 0,
        "layer_norm_eps": 1e-12,
    }
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling), "utf-8")
    _write_safetensors(folder / "model.safetensors", dict(_weights(shape, vocabulary)))


def _write_tokenizer(folder: Path, shape: Shape, texts: Sequence[str]) -> int:
    """Returns the number of its pieces."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(
        texts,
        trainers.WordPieceTrainer(
            vocab_size=shape.vocabulary, special_tokens=list(SPECIAL), show_progress=False
        ),
    )
    ends = [(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=ends
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    special = dict(zip(names, SPECIAL, strict=True))
    (folder / "special_tokens_map.json").write_text(json.dumps(special), "utf-8")
    described = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": shape.context,
        **special,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(described), "utf-8")
    return int(tokenizer.get_vocab_size())


def _weights(shape: Shape, vocabulary: int) -> Iterator[tuple[str, Floats]]:
    rng = np.random.default_rng(0)
    hidden, inner = shape.hidden, 4 * shape.hidden

    def table(name: str, rows: int) -> Iterator[tuple[str, Floats]]:
        values = rng.standard_normal((rows, hidden), np.float32) * np.float32(0.5)
        yield f"embeddings.{name}_embeddings.weight", values

    def dense(part: str, outputs: int, inputs: int) -> Iterator[tuple[str, Floats]]:
        spread = np.float32(1.5 * inputs**-0.5)
        yield f"{part}.weight", rng.standard_normal((outputs, inputs), np.float32) * spread
        yield f"{part}.bias", rng.standard_normal(outputs, np.float32) * np.float32(0.1)

    def norm(part: str) -> Iterator[tuple[str, Floats]]:
        yield f"{part}.weight", 1 + rng.standard_normal(hidden, np.float32) * np.float32(0.1)
        yield f"{part}.bias", rng.standard_normal(hidden, np.float32) * np.float32(0.1)

    yield from table("word", vocabulary)
    yield from table("position", shape.context)
    yield from table("token_type", 2)
    yield from norm("embeddings.LayerNorm")
    for layer in (f"encoder.layer.{number}" for number in range(shape.layers)):
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            yield from dense(f"{layer}.attention.{part}", hidden, hidden)
        yield from norm(f"{layer}.attention.output.LayerNorm")
        yield from dense(f"{layer}.intermediate.dense", inner, hidden)
        yield from dense(f"{layer}.output.dense", hidden, inner)
        yield from norm(f"{layer}.output.LayerNorm")


def _write_safetensors(path: Path, tensors: dict[str, Floats]) -> None:
    """Header length, JSON header, data (https://github.com/huggingface/safetensors, "Format")."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    start = 0
    for name, values in tensors.items():
        end = start + values.nbytes
        header[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [start, end]}
        start = end
    written = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(written).to_bytes(8, "little") + written)
        for values in tensors.values():
            file.write(values.tobytes())
