"""Names as they are compared: one spelling for many, with or without genitive."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

WORD: Final = re.compile(r"[^\W\d_]+(?:'(?=s\b|\s|$)s?)?")
"""A word; a genitive's apostrophe belongs to it, a hyphen does not."""

PARTICLES: Final = frozenset(
    "de der den van von af el al ul bin ibn la le di da du dos della ter ten á".split()
)
"""Small words within names that mean nobody when they stand alone."""

_TITLES = frozenset(
    "anonym anmelder ukendt borger mor far søn datter leder hr fru frk dr advokat læge overlæge "
    "sagsbehandler værge nabo familien boet efter dødsboet ved att".split()
)
_LETTERS = str.maketrans({"ł": "l", "đ": "d", "ð": "d", "ı": "i", "ß": "ss", "þ": "th", "œ": "oe"})


class Word(NamedTuple):
    """A word of a text with its place."""

    text: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[0].isupper()


def words_in(text: str) -> Iterator[Word]:
    """The words of a long `text` in order."""
    return (Word(m.group(), m.start(), m.end()) for m in WORD.finditer(text))


@lru_cache(maxsize=10_000)
def words_of(name: str) -> tuple[Word, ...]:
    """The words of a `name` in order: everyone who judges it asks for them."""
    return tuple(words_in(name))


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """`word` in small letters, without accents, with "aa" as "å"; æ, ø and å stay."""
    lower = word.lower()
    if not lower.isascii():
        kept = lower.replace("å", "\0").translate(_LETTERS)
        apart = unicodedata.normalize("NFD", kept)
        lower = "".join(c for c in apart if not unicodedata.combining(c)).replace("\0", "å")
    return lower.replace("aa", "å")


@lru_cache(maxsize=50_000)
def forms(word: str) -> tuple[str, ...]:
    """The folded names that `word` can stand for: itself, and what it is the genitive of."""
    folded = fold(word)
    if folded.endswith("'s"):
        return (folded[:-2],)
    if folded.endswith("'"):
        return (folded[:-1],)
    if folded.endswith("s") and len(folded) > 2:
        return (folded, folded[:-1])
    return (folded,)


def name_parts(name: str) -> tuple[str, ...]:
    """The folded parts of a person's name; titles and particles are none."""
    folded = [fold(word.text) for word in words_of(name)]
    return tuple(part for part in folded if part not in PARTICLES and part not in _TITLES)


def without_title(name: str) -> str:
    """`name` without the titles before it; the whole where it consists of titles."""
    words = name.split()
    first = next((i for i, word in enumerate(words) if fold(word.strip(".,")) not in _TITLES), 0)
    return " ".join(words[first:])
