"""What an encoder is, as its `config.json` and its pooling say; what is not known is refused."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sidemand.embedding.ports import ModelError

Pooling = Literal["mean", "cls"]

# A text's first position: BERT counts from 0, RoBERTa from the number after the padding's.
_BERT = ("bert",)
_ROBERTA = ("xlm-roberta", "roberta", "camembert")


@dataclass(frozen=True, slots=True)
class Architecture:
    """A BERT or XLM-R shaped encoder: post-normalised layers, learnt absolute positions, GELU."""

    hidden: int
    """Components of a token's vector, and of a text's."""
    layers: int
    heads: int
    inner: int
    """Components between the two halves of the feed-forward part."""
    vocabulary: int
    first_position: int
    context: int
    """Tokens of a text, the special ones included."""
    epsilon: float
    """Of the layer normalisation."""
    prefix: str = ""
    """What stands before the names of the weights."""


def read_architecture(folder: Path) -> Architecture:
    """What `config.json` describes. Raises `ModelError` for what the graph cannot express."""
    config = read_json(folder / "config.json")
    kind = config.get("model_type")
    if kind not in (*_BERT, *_ROBERTA):
        known = ", ".join((*_BERT, *_ROBERTA))
        raise ModelError(f"model_type {kind!r} is none of {known}: export it with infra/export")
    _demand(config, "hidden_act", "gelu", default="gelu")
    _demand(config, "position_embedding_type", "absolute", default="absolute")
    try:
        first = config["pad_token_id"] + 1 if kind in _ROBERTA else 0
        found = Architecture(
            hidden=config["hidden_size"],
            layers=config["num_hidden_layers"],
            heads=config["num_attention_heads"],
            inner=config["intermediate_size"],
            vocabulary=config["vocab_size"],
            first_position=first,
            context=_context(folder, config["max_position_embeddings"] - first),
            epsilon=config.get("layer_norm_eps", 1e-12),
        )
    except (KeyError, TypeError) as error:
        raise ModelError(f"{folder / 'config.json'} lacks {error}: bring it again") from error
    if found.hidden % (8 * found.heads):
        raise ModelError(
            f"{found.hidden} components over {found.heads} heads are no multiple of 8 a head, and"
            " fused attention would be lost: export the model with infra/export"
        )
    return found


def read_pooling(folder: Path) -> Pooling | None:
    """The pooling that a sentence-transformers folder states; none where it states none.

    Raises `ModelError` for a pooling other than mean or cls, and for layers after the pooling.
    """
    if (folder / "modules.json").is_file():
        parts = [each["type"].rpartition(".")[2] for each in read_json(folder / "modules.json")]
        if not set(parts) <= {"Transformer", "Pooling", "Normalize"}:
            raise ModelError(f"the model ends with {parts[-1]}: export it with infra/export")
    if not (folder / "1_Pooling/config.json").is_file():
        return None
    stated = read_json(folder / "1_Pooling/config.json")
    modes = {name for name, is_on in stated.items() if name.startswith("pooling_mode_") and is_on}
    if modes == {"pooling_mode_mean_tokens"}:
        return "mean"
    if modes == {"pooling_mode_cls_token"}:
        return "cls"
    raise ModelError(f"pooling {sorted(modes)} is neither mean nor cls: export with infra/export")


def read_json(path: Path) -> Any:
    """What a JSON file holds. Raises `ModelError`."""
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ModelError(f"cannot read {path}: bring the model's folder again") from error
    except ValueError as error:
        raise ModelError(f"{path} is no JSON: bring it again") from error


def _context(folder: Path, positions: int) -> int:
    """Tokens that the model was made for: never more than it has positions."""
    stated = folder / "sentence_bert_config.json"
    longest = read_json(stated).get("max_seq_length") if stated.is_file() else None
    return min(longest or positions, positions)


def _demand(config: dict[str, Any], name: str, wanted: str, default: str) -> None:
    if config.get(name, default) != wanted:
        raise ModelError(f"{name} is {config[name]!r}, not {wanted!r}: export with infra/export")
