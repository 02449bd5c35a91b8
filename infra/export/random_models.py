"""Encoders with random weights of the shapes that operators bring: they cost no download."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import exporting
import tokenizers
import torch
from sidemand.embedding.building.folder import Choices, build_folder
from tokenizers import models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

LETTERS = "abcdefghijklmnopqrstuvwxyzæøåABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅ0123456789.,:?§-"


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a published model, but for its vocabulary."""

    kind: str
    hidden: int
    layers: int
    heads: int


SHAPES = {
    "tiny-bert": Shape("bert", 64, 2, 4),
    "tiny-xlm-roberta": Shape("xlm-roberta", 64, 2, 4),
    "multilingual-e5-small": Shape("bert", 384, 12, 12),
    "multilingual-e5-large": Shape("xlm-roberta", 1024, 24, 16),
}


def make(folder: Path, shape: Shape) -> None:
    """Write config, weights and a tokeniser of letters to `folder`."""
    torch.manual_seed(0)
    sizes = {
        "vocab_size": 5 + 2 * len(LETTERS),
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": 4 * shape.hidden,
    }
    if shape.kind == "bert":
        model = BertModel(BertConfig(**sizes), add_pooling_layer=False)
    else:
        config = XLMRobertaConfig(**sizes, max_position_embeddings=514, type_vocab_size=1)
        model = XLMRobertaModel(config, add_pooling_layer=False)
    for name, parameter in model.named_parameters():  # its own are near 0, and hide mistakes
        spread = 0.1 if parameter.dim() == 1 else 1.5 * parameter.shape[1] ** -0.5
        torch.nn.init.normal_(parameter, float(name.endswith("LayerNorm.weight")), spread)
    model.save_pretrained(folder)
    _write_tokenizer(folder / "tokenizer.json")


def built(source: Path, choices: exporting.Choices) -> Iterator[Path]:
    """`source` built and exported in every way, one after the other."""
    for precision in ("fp32", "fp16"):
        target = source.parent / f"packed-{precision}"
        build_folder(
            source,
            target,
            Choices(choices.model_id, choices.licence, choices.prefixes, precision, "mean"),
        )
        yield target
    for precision in ("fp32", "int8"):
        target = source.parent / f"padded-{precision}"
        exporting.export_folder(
            source, target, replace(choices, precision=precision, pooling="mean")
        )
        yield target


def _write_tokenizer(path: Path) -> None:
    pieces = [(name, 0.0) for name in ("<s>", "<pad>", "</s>", "<unk>")] + [("▁", -3.0)]
    pieces += [(start + letter, -6.0) for start in ("", "▁") for letter in LETTERS]
    tokenizer = tokenizers.Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(path))
