"""Scores of sentences whose source the weights have not seen, and what a threshold does."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from sidemand.generation.training.examples import Examples, Flags, Floats
from sidemand.generation.training.regression import fit

_FOLDS: Final = 6
_DRAWS: Final = 4
"""How often the sources are divided anew."""
KEPT: Final = 0.9
"""Share of the supported sentences of the first file that the whole proof shall keep."""
_FIRST: Final = "train.jsonl"


def unseen_scores(examples: Examples) -> Floats:
    """Draws × sentences: each scored without its source; minus infinity where a rule is broken."""
    return np.array([_scores(examples, draw) for draw in range(_DRAWS)])


def _scores(examples: Examples, draw: int) -> Floats:
    fold = np.array([(int(source, 16) // _FOLDS**draw) % _FOLDS for source in examples.source])
    scores = np.full(len(fold), -np.inf)
    for held_out in range(_FOLDS):
        learnt = (fold != held_out) & ~examples.breaks_rule
        asked = (fold == held_out) & ~examples.breaks_rule
        regression = fit(
            examples.features[learnt], examples.is_supported[learnt], examples.importance[learnt]
        )
        scores[asked] = regression.score(examples.features[asked])
    return scores


def threshold(examples: Examples, scores: Floats) -> float:
    """The score that keeps `KEPT` of the supported sentences of the first file."""
    supported = examples.is_supported & (examples.file == _FIRST)
    return float(np.quantile(scores[:, supported], 1 - KEPT, method="lower"))


def figures(examples: Examples, scores: Floats, least: float) -> Mapping[str, Mapping[str, float]]:
    """For each file the shares kept and caught, and caught by kind."""
    dropped = (scores < least).mean(0)
    return {file: _of_file(examples, dropped, examples.file == file) for file in _files(examples)}


def _of_file(examples: Examples, dropped: Floats, here: Flags) -> dict[str, float]:
    wrong = here & ~examples.is_supported
    shares = {
        "supported_kept": 1 - dropped[here & examples.is_supported].mean(),
        "wrong_caught": dropped[wrong].mean(),
    }
    for kind in sorted(set(examples.kind[wrong].tolist())):
        shares[f"caught_{kind}"] = dropped[wrong & (examples.kind == kind)].mean()
    return {name: round(float(share), 3) for name, share in shares.items()}


def _files(examples: Examples) -> list[str]:
    return sorted(set(examples.file.tolist()))
