"""The learnt check: how surely quotes carry a statement, and what speaks most against it."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final, Literal

from sidemand.generation.support.features import measured

Doubt = Literal[
    "number", "negation", "modality", "scope", "condition", "time", "actor", "other_words"
]
"""What speaks most against a statement."""

_ABOUT: Final[Mapping[Doubt, tuple[str, ...]]] = {
    "number": ("number_", "at_most_"),
    "negation": ("negation_", "without_", "opposed"),
    "modality": ("duty_", "option_", "right_", "advice_"),
    "scope": ("always_", "even_if_", "only_"),
    "condition": ("condition_", "exception_", "either_", "both_"),
    "time": ("before_", "after_", "at_once_", "time_"),
    "actor": ("actor_", "acting_"),
    "other_words": (
        "share_", "same_", "end_", "lacking_", "one_sentence", "words_carried", "closest_retold",
        "replaced",
    ),
}  # fmt: skip
"""How the names of the features begin that speak of each."""

_REPEATS: Final = 0.75
"""Share of a statement's words that stand in order in the quote, from which it repeats it."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression, as `weights.json` holds it."""

    least: float
    """The score from which a statement is kept."""
    bias: float
    features: Mapping[str, tuple[float, float]]
    """By name: the weight, and the usual value in statements that quotes carry."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the check says of one statement."""

    score: float
    """Log-odds that the quotes carry it."""
    doubt: Doubt
    """What speaks most against it, if anything does."""


def read_weights(text: str) -> Weights:
    """The weights in the JSON `text`."""
    written = json.loads(text)
    features = {name: (one["weight"], one["usual"]) for name, one in written["features"].items()}
    return Weights(written["least"], written["bias"], features)


@cache
def shipped_weights() -> Weights:
    """The weights that the package carries; `sidemand.generation.training` writes them."""
    return read_weights(resources.files(__package__).joinpath("weights.json").read_text("utf-8"))


def weights_path() -> Path:
    """Where the weights lie that the package carries."""
    return Path(__file__).with_name("weights.json")


def doubted_because(statement: str, quotes: Sequence[str]) -> Doubt | None:
    """What speaks most against `statement`; none where the check believes that `quotes` carry it.

    `statement` is one sentence. The check has learnt from sentences that people wrote: it weighs
    words and proves nothing.
    """
    weights = shipped_weights()
    features = measured(statement, quotes)
    if certain := certain_doubt(features):
        return certain
    judgement = judged(features, weights)
    return judgement.doubt if judgement.score < weights.least else None


def certain_doubt(features: Mapping[str, float]) -> Doubt | None:
    """What needs no weighing: the words are the quote's, but for another actor or a turned time."""
    if not features:
        return "other_words"
    if features["time_turned"] or features["at_most_turned"]:
        return "time"
    repeats = features["same_in_order"] >= _REPEATS
    return "actor" if repeats and features["actor_replaced"] else None


def judged(features: Mapping[str, float], weights: Weights) -> Judgement:
    """Weigh what was measured."""
    against: dict[Doubt, float] = defaultdict(float)
    score = weights.bias
    for name, (weight, usual) in weights.features.items():
        speaks = weight * (features[name] - usual)
        score += speaks
        against[about(name)] += speaks
    return Judgement(score, min(against, key=lambda doubt: against[doubt]))


@cache
def about(feature: str) -> Doubt:
    """What the feature of that name speaks of."""
    return next(doubt for doubt, names in _ABOUT.items() if feature.startswith(names))
