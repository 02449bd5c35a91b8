"""What the tagger sees of a word and of its neighbours.

Every attribute belongs to one word at one distance, so what a word adds to its surroundings can
be computed once and kept: a text costs little more than looking its words up.
"""

import re
import zlib
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from sidemand.redaction.word_classes import CLASSES, WordClasses

REACH: Final = 3
"""How many words to either side have a say."""

OFFSETS: Final = tuple(range(-REACH, REACH + 1))
"""Distances of the words that have a say, in the order of the emission table."""

ATTRIBUTES: Final = 1 << 18
"""Rows of the attribute weights; attributes are hashed into them."""

_WORDS_OF_A_TEXT: Final = 2_000
"""Kept for the next who asks: names and special categories are looked for in the same words."""
_HASHED_OFFSETS: Final = [zlib.crc32(str(offset).encode()) for offset in OFFSETS]
_REACHING: Final = {2: 5, 3: 4}
"""How many attributes reach so far."""
Rows = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
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


def add_neighbours(total: Scores, table: Scores, rows: Rows) -> None:
    """Add to each word of `total` what it and the words around it say of it.

    `rows` are the words' rows of `table`, which holds for each distance of `OFFSETS` what a word
    says of the one from which it stands so far.
    """
    near = table.take(rows, axis=0)
    for index, offset in enumerate(OFFSETS):
        here, there = beside(len(rows), offset)
        total[here] += near[there, index]


def rows_by_distance(near: Sequence[str]) -> list[list[int]]:
    """Rows for each distance: all attributes beside the word, the first ones farther away."""
    return [rows.tolist() for rows, _ in rows_of([near])]


def rows_of(words: Sequence[Sequence[str]]) -> list[tuple[Rows, Rows]]:
    """For each of `OFFSETS` the rows of all `words`, and where those of each word begin.

    A word is given by its attributes, the farthest-reaching ones first.
    """
    counts = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    written = [attribute.encode() for word in words for attribute in word]
    lengths, which = np.unique([*map(len, written)], return_inverse=True)
    hashed = np.fromiter(map(zlib.crc32, written), dtype=np.uint32, count=len(written))
    moved = np.array([*map(_moved, lengths.tolist())], dtype=np.uint32)[which]
    rows = ((hashed[:, None] ^ moved) % ATTRIBUTES).astype(np.int64)
    ranks = np.arange(len(written)) - np.repeat(counts.cumsum() - counts, counts)
    placed = []
    for index, offset in enumerate(OFFSETS):
        reaching = _REACHING.get(abs(offset), len(written))
        seen = np.minimum(counts, reaching)
        placed.append((rows[ranks < reaching, index], seen.cumsum() - seen))
    return placed


@lru_cache(maxsize=256)
def _moved(length: int) -> tuple[int, ...]:
    """What a hash that goes on from that of each distance differs by from one that begins anew.

    It is the same for all bytes of one `length`, since CRC is linear.
    """
    zeros = bytes(length)
    return tuple(zlib.crc32(zeros, start) ^ zlib.crc32(zeros) for start in _HASHED_OFFSETS)


def attributes_of(words: Sequence[str], classes: WordClasses) -> list[tuple[str, ...]]:
    """The attributes of each of `words`, about which `classes` is asked in one go."""
    small = {word.lower() for word in words if word[0].isalpha()}
    small |= {word.translate(_AS_WRITTEN) for word in small}
    classes.learn(small | set(map(_without_genitive, small)))
    return [near_attributes(word, classes) for word in words]


@lru_cache(maxsize=_WORDS_OF_A_TEXT)
def near_attributes(word: str, classes: WordClasses) -> tuple[str, ...]:
    """Attributes with the farthest-reaching ones first: word, shape, groups, class."""
    lower = word.lower()
    if not word[0].isalpha():
        said = f"#{min(len(word), 10)}" if word[0].isdigit() else lower[:2]
        digits = f"d{lower}" if word[0].isdigit() else "d-"
        return (f"w{said}", f"s{_shape(word)}", f"q{said}", f"g{said}", "c-", digits)
    lower = lower.translate(_AS_WRITTEN)
    fine, coarse = classes.clusters.of(lower)
    shape = _shape(word.translate(_AS_WRITTEN))
    groups = (f"w{lower}", f"s{shape}", f"q{fine}", f"g{coarse}")
    return (*groups, *_looks(lower, shape[:2], classes), *_affixes(lower))


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
    return tuple(bisect_left(_STEPS, score) for score in classes.scores(lower))


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
    if word.isalpha() and word.islower():
        return "xx"[: len(word)]  # Most words: four patterns would say so, too.
    shape = _SMALL.sub("x", _CAPITAL.sub("X", word))
    shape = re.sub(r"\d", "9", shape)
    return _REPEATED.sub(r"\1\1", shape)[:8]
