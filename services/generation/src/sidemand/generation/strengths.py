"""Which documents a case document is about, of those whose passages were found."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from sidemand.generation.relevance import terms_of_source
from sidemand.schemas.casework import RankedPassage

_MOST_DOCUMENTS: Final = 4
_WEAKEST: Final = 0.35
"""Of the strongest. A document below this only lends words to the case by chance."""
_FURTHER_PASSAGES: Final = 3
"""Passages after the best one that speak for a document, each by `_FURTHER` of its score."""
_FURTHER: Final = 0.3
_LONG: Final = 20.0
"""Terms. Keeps a document with a short title from being the one that is most about the case."""


def strengths(passages: Sequence[RankedPassage], asked: Mapping[str, float]) -> dict[str, float]:
    """The strength of each document worth quoting, by its key, strongest first; at most 1.

    `asked` holds the terms of the case document with their weights. A document is strong by the
    scores of its best passages, and by the words of its title, headings and attached questions.
    """
    scores: dict[str, list[float]] = defaultdict(list)
    names: dict[str, set[str]] = defaultdict(set)
    for ranked in passages:
        scores[ranked.document.key].append(ranked.score)
        headings = (ranked.title, *ranked.asked_as, *ranked.passage.heading_path)
        names[ranked.document.key].update(terms_of_source(" ".join(headings)))
    likeness = _likeness(names, asked)
    raw = {key: _evidence(found) * (1 + likeness[key]) for key, found in scores.items()}
    highest = max(raw.values(), default=0.0) or 1.0
    ordered = sorted(raw, key=lambda key: -raw[key])[:_MOST_DOCUMENTS]
    return {key: raw[key] / highest for key in ordered if raw[key] >= _WEAKEST * highest}


def _evidence(scores: Sequence[float]) -> float:
    best, *further = sorted(scores, reverse=True)
    return best + _FURTHER * sum(further[:_FURTHER_PASSAGES])


def _likeness(names: Mapping[str, set[str]], asked: Mapping[str, float]) -> dict[str, float]:
    """How much the names of each document have in common with what is asked; at most 1."""
    holding = Counter(term for found in names.values() for term in found)
    rarity = {term: math.log(1 + len(names) / count) for term, count in holding.items()}
    shared = {
        key: sum(asked.get(term, 0.0) * rarity[term] for term in found)
        / math.sqrt(len(found) + _LONG)
        for key, found in names.items()
    }
    highest = max(shared.values(), default=0.0) or 1.0
    return {key: likeness / highest for key, likeness in shared.items()}
