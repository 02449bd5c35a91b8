"""A folder as Hugging Face lays it out, in the shape of a published encoder, with random weights.

Speed does not depend on what weights say, and so nothing has to be downloaded. The tokeniser is
trained on the texts that are measured, so that words break into about as many pieces as with a
published one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sidemand.testing.encoders import random_weights, write_safetensors
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


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
    write_safetensors(folder / "model.safetensors", random_weights(config))


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
