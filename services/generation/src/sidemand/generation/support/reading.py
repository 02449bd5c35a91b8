"""A text as it is compared: its sentences, their clauses, and the words in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sidemand.danish.analysis import STOP_WORDS
from sidemand.danish.compounds import split
from sidemand.danish.sentences import sentences
from sidemand.danish.stems import stem
from sidemand.danish.words import fold, words
from sidemand.generation.support.lexicon import actors, senses

_BORDER: Final = re.compile(r"[;:()]|,(?!\d)|\s(?=(?:men|hvis|når|medmindre|som|der)\s)")
_NUMBERS: Final = "nul én to tre fire fem seks syv otte ni ti elleve tolv tretten fjorten femten"
_DIGITS: Final = {word: str(number) for number, word in enumerate(_NUMBERS.split())}


@dataclass(frozen=True, slots=True)
class Word:
    """A word with all that it can be recognised by."""

    written: str
    """Folded, and in digits where it is a small number."""
    stem: str
    parts: tuple[str, ...]
    """Stems of a compound's two parts; none for another word."""
    senses: frozenset[int]
    """The groups of words that may stand for each other."""
    actors: frozenset[int]
    """Who is named, where the word names one who acts."""
    trigrams: frozenset[str]
    is_content: bool

    @property
    def marks(self) -> frozenset[str | int]:
        """Stem, parts and senses: two words that share one may mean the same."""
        return self.senses.union((self.stem, *self.parts))


@dataclass(frozen=True, slots=True)
class Clause:
    """What stands between two commas or before a subordinate clause."""

    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: its text, folded, its clauses, and all words in order."""

    text: str
    clauses: tuple[Clause, ...]
    words: tuple[Word, ...]


@lru_cache(maxsize=1 << 12)
def read(text: str) -> tuple[Sentence, ...]:
    """The sentences of `text`. Kept, for the same quotes answer many cases.

    Generation sees no text with personal data, so none is kept here.
    """
    return tuple(_sentence(span.of(text)) for span in sentences(text))


def _sentence(text: str) -> Sentence:
    folded = fold(text)
    clauses = tuple(_clauses(folded))
    return Sentence(folded, clauses, tuple(word for clause in clauses for word in clause.words))


def _clauses(folded: str) -> Iterator[Clause]:
    for text in _BORDER.split(folded):
        if found := tuple(map(word_of, words(text))):
            yield Clause(text, found)


@lru_cache(maxsize=1 << 15)
def word_of(folded: str) -> Word:
    """All that a folded word can be recognised by."""
    written = _DIGITS.get(folded, folded)
    root, parts = stem(written), split(written)
    return Word(
        written=written,
        stem=root,
        parts=parts,
        senses=frozenset().union(*(senses().get(name, ()) for name in (root, *parts))),
        actors=frozenset().union(*(actors().get(name, ()) for name in (root, *parts[-1:]))),
        trigrams=frozenset(written[at : at + 3] for at in range(len(written) - 2)),
        is_content=written not in STOP_WORDS,
    )
