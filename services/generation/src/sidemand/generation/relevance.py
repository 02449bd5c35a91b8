"""How much a stretch of a source has to do with a case document."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from sidemand.danish.analysis import terms
from sidemand.danish.sentences import sentences
from sidemand.generation.quotables import Quotable

_QUESTION: Final = 2.0
_TITLE: Final = 1.5
_EARLIER_MAIL: Final = 0.5
_QUOTED_LINE: Final = re.compile(r"^\s*>.*$", re.MULTILINE)
_SHORT: Final = 6.0
"""Terms. Keeps a stretch of two words from being the most relevant one."""


def asked_terms(title: str, text: str) -> Mapping[str, float]:
    """The terms of the case document with their weights: what is asked counts most."""
    weights: dict[str, float] = dict.fromkeys(terms(title), _TITLE)
    for quoted in _QUOTED_LINE.findall(text):
        _raise(weights, quoted, _EARLIER_MAIL)
    own = _QUOTED_LINE.sub("", text)
    for span in sentences(own):
        sentence = span.of(own)
        _raise(weights, sentence, _QUESTION if sentence.rstrip().endswith("?") else 1.0)
    return weights


@lru_cache(maxsize=1 << 14)
def terms_of_source(text: str) -> frozenset[str]:
    """The terms of a piece of knowledge. Kept, for the same sources answer many cases."""
    return frozenset(terms(text))


class Relevance:
    """Compares stretches with a case document, by the rarity of the terms that they share."""

    def __init__(self, asked: Mapping[str, float], stretches: Sequence[Quotable]) -> None:
        self._asked = asked
        self._terms = [terms_of_source(_read(stretch)) for stretch in stretches]
        self._rarity = _rarity(self._terms)
        self._weights = [self._weight(found) for found in self._terms]
        raw = [self._overlap(found) for found in self._terms]
        highest = max(raw, default=0.0) or 1.0
        self._scores = [score / highest for score in raw]

    def of(self, index: int) -> float:
        """Relevance of the stretch at `index`, 0 to 1, where 1 is the most relevant of all."""
        return self._scores[index]

    def sameness(self, one: int, other: int) -> float:
        """The share of the rarer terms of the smaller stretch that stand in the other, 0 to 1."""
        smaller = min(self._weights[one], self._weights[other])
        shared = self._terms[one] & self._terms[other]
        return self._weight(shared) / smaller if smaller else 1.0

    def _overlap(self, found: frozenset[str]) -> float:
        shared = sum(self._asked.get(term, 0.0) * self._rarity[term] for term in found)
        return shared / math.sqrt(len(found) + _SHORT)

    def _weight(self, found: frozenset[str]) -> float:
        return sum(self._rarity[term] for term in found)


def _read(stretch: Quotable) -> str:
    """The stretch with the words that a reader sees above it."""
    return f"{stretch.heading} {stretch.lead_text} {stretch.text}"


def _raise(weights: dict[str, float], text: str, weight: float) -> None:
    for term in terms(text):
        weights[term] = max(weight, weights.get(term, 0.0))


def _rarity(stretches: Sequence[frozenset[str]]) -> Mapping[str, float]:
    holding = Counter(term for found in stretches for term in found)
    return {term: math.log(1 + len(stretches) / count) for term, count in holding.items()}
