"""What the tagger sees of a word and of its neighbours.

Every attribute belongs to one word at one distance, so what a word adds to its surroundings can
be computed once and kept: a text costs little more than looking its words up.
"""

import re
import zlib
from typing import Final

from sidemand.redaction.word_classes import CLASSES, WordClasses

REACH: Final = 3
"""How many words to either side have a say."""

OFFSETS: Final = tuple(range(-REACH, REACH + 1))
"""Distances of the words that have a say, in the order of the emission table."""

ATTRIBUTES: Final = 1 << 18
"""Rows of the attribute weights; attributes are hashed into them."""

_HASHED_OFFSETS: Final = [zlib.crc32(str(offset).encode()) for offset in OFFSETS]
_STEPS = (-4.0, -2.0, 0.0, 2.0, 4.0)
_CAPITAL = re.compile(
    r"[A-ZÆØÅÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽ]"
)
_SMALL = re.compile(r"[^\W\d_X]")
_AS_WRITTEN = str.maketrans("10", "lo")
_REPEATED = re.compile(r"(.)\1{2,}")


def beside(words: int, offset: int) -> tuple[slice, slice]:
    """Of so many words in a row those that have a neighbour at `offset`, and these neighbours."""
    first = max(0, -offset)
    end = max(first, words - max(0, offset))
    return slice(first, end), slice(first + offset, end + offset)


def attributes(word: str, classes: WordClasses) -> list[list[int]]:
    """The rows of the weights that `word` switches on, for each distance of `OFFSETS`.

    Distance -1 means that `word` stands just before the word that is tagged.
    """
    return rows_by_distance(near_attributes(word, classes))


def rows_by_distance(near: list[str]) -> list[list[int]]:
    """Rows for each distance: all attributes beside the word, the first ones farther away."""
    written = [attribute.encode() for attribute in near]
    by_distance = {0: written, 1: written, 2: written[:5], 3: written[:4]}
    return [
        [zlib.crc32(attribute, start) % ATTRIBUTES for attribute in by_distance[abs(offset)]]
        for offset, start in zip(OFFSETS, _HASHED_OFFSETS, strict=True)
    ]


def near_attributes(word: str, classes: WordClasses) -> list[str]:
    """Attributes with the farthest-reaching ones first: word, shape, groups, class."""
    lower = word.lower()
    if not word[0].isalpha():
        said = f"#{min(len(word), 10)}" if word[0].isdigit() else lower[:2]
        digits = f"d{lower}" if word[0].isdigit() else "d-"
        return [f"w{said}", f"s{_shape(word)}", f"q{said}", f"g{said}", "c-", digits]
    lower = lower.translate(_AS_WRITTEN)
    fine, coarse = classes.clusters.of(lower)
    shape = _shape(word.translate(_AS_WRITTEN))
    groups = [f"w{lower}", f"s{shape}", f"q{fine}", f"g{coarse}"]
    return [*groups, *_looks(lower, shape[:2], classes), *_affixes(lower)]


def _looks(lower: str, capitals: str, classes: WordClasses) -> list[str]:
    steps = _class_steps(lower, classes)
    bare = _class_steps(_without_genitive(lower), classes)
    return [
        f"c{steps[0]}{steps[1]}{capitals}",
        *(f"k{name}{step}" for name, step in zip("flpw", steps, strict=True)),
        *(f"b{name}{step}{capitals}" for name, step in zip("flpw", bare, strict=True)),
        f"n{max(bare[0], bare[1])}{bare[3]}{capitals}",
    ]


def _class_steps(lower: str, classes: WordClasses) -> tuple[int, ...]:
    return tuple(sum(score > step for step in _STEPS) for score in classes.scores(lower))


def looks(word: str, classes: WordClasses) -> list[float]:
    """How much `word`, and `word` without a genitive's s, looks like each class; -2 to 2."""
    if not word[0].isalpha():
        return [-2.0] * 2 * len(CLASSES)
    lower = word.lower()
    scores = (*classes.scores(lower), *classes.scores(_without_genitive(lower)))
    return [min(2.0, max(-2.0, score / 4)) for score in scores]


def _without_genitive(lower: str) -> str:
    return lower[:-1] if lower.endswith("s") and len(lower) > 3 else lower


def _affixes(lower: str) -> list[str]:
    if len(lower) < 4:
        return []
    return [f"p{lower[:3]}", f"p{lower[:4]}", f"x{lower[-3:]}", f"x{lower[-4:]}", f"x{lower[-2:]}"]


def _shape(word: str) -> str:
    """`Xxx`, `XX`, `99`: letters and digits by kind, runs cut to two."""
    if word[0] == "\n":
        return "nn" if len(word) > 1 else "n"
    shape = _SMALL.sub("x", _CAPITAL.sub("X", word))
    shape = re.sub(r"\d", "9", shape)
    return _REPEATED.sub(r"\1\1", shape)[:8]
