"""Finds what articles 9 and 10 of the GDPR protect: health, faith, union, crime and the like.

It names nobody, so it stays in a case text unless the tenant says otherwise: casework is about it.
Source: GDPR, article 9(1) (special categories) and 10 (criminal offences); databeskyttelsesloven,
section 8; social problems, which Danish practice protects likewise (forvaltningsloven, section 28).
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from sidemand.redaction.features import attributes_of
from sidemand.redaction.spans import Certainty, Kind, Span
from sidemand.redaction.tagger import (
    Scheme,
    Tagger,
    read_arrays,
    shipped_weights,
    unpacked_crf,
)
from sidemand.redaction.word_classes import WordClasses, WordScores

SPECIAL_KINDS: Final = (
    Kind.HEALTH,
    Kind.UNION,
    Kind.RELIGION,
    Kind.ETHNICITY,
    Kind.SEXUALITY,
    Kind.POLITICS,
    Kind.CRIME,
    Kind.SOCIAL,
)

LABELS: Final = ("O", *(f"{position}-{kind}" for kind in SPECIAL_KINDS for position in "BI"))
"""Outside, and begin or inside of each kind; the order of the weights' columns."""

CAUTION: Final = 0.7
"""Rather a word too many than a diagnosis too few."""

_STEPS = (-4.0, -2.0, 0.0, 2.0)
_SIGNS = "huretpcs"
_KEPT = frozenset("wsqgpx")
"""Attributes of names that matter here too: word, shape, groups, beginnings and endings."""


class SpecialCategories:
    """Finds special categories; may be shared between threads."""

    def __init__(self, tagger: Tagger, *, caution: float = CAUTION) -> None:
        """`tagger` has the labels of this module."""
        self._tagger = tagger
        self._caution = caution

    def find(self, text: str) -> Iterator[Span]:
        """Every statement of a special category in the normalised `text`, in order."""
        return self._tagger.find(text, caution=self._caution)


def scheme(lexicon: WordScores) -> Scheme:
    """What the field of special categories looks at; `lexicon` scores `SPECIAL_KINDS`."""

    def near(words: Sequence[str], classes: WordClasses) -> list[tuple[str, ...]]:
        lexicon.learn(word.lower() for word in words if word[0].isalpha())
        names = zip(words, attributes_of(words, classes), strict=True)
        return [_near(word, attributes, lexicon) for word, attributes in names]

    return Scheme(LABELS, near, Certainty.STATEMENT)


def _near(word: str, names: tuple[str, ...], lexicon: WordScores) -> tuple[str, ...]:
    """Word, shape, groups, the likeliest category, how much it is like each; from `names` too."""
    if not word[0].isalpha():
        return names
    scores = lexicon.scores(word.lower())
    best = max(range(len(scores)), key=scores.__getitem__)
    likeliest = f"H{best if scores[best] > -2 else '-'}"
    each = [
        f"h{sign}{bisect_left(_STEPS, score)}"
        for sign, score in zip(_SIGNS, scores, strict=True)
        if score > _STEPS[0]
    ]
    kept = [attribute for attribute in names if attribute[0] in _KEPT]
    return (*kept[:4], likeliest, *each, *kept[4:], f"p{word.lower()[:5]}")


@cache
def shipped() -> SpecialCategories:
    """With the weights of this package."""
    return load(resources.files("sidemand.redaction") / "weights", shipped_weights()[1])


def load(folder: Traversable, classes: WordClasses) -> SpecialCategories:
    """With the weights in `folder`, and its `classes`. Raises `WeightsDamaged`."""
    arrays = read_arrays(folder)
    lexicon = WordScores.from_arrays(arrays, "lexicon")
    crf = unpacked_crf(arrays, "special", LABELS)
    return SpecialCategories(Tagger(crf, classes, scheme=scheme(lexicon)))
