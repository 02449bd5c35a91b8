"""The features that the static encoder reads a text as: hashed words, parts and letter groups."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sidemand.danish.analysis import STOP_WORDS
from sidemand.danish.compounds import split
from sidemand.danish.stems import stem
from sidemand.danish.words import words

_LONGEST_WORD = 80
"""Letters; what goes on for longer is read as several words, so that memory is bounded."""


@dataclass(frozen=True, slots=True)
class FeatureHashing:
    """How words become rows of the table; the model's JSON holds these numbers.

    A feature's row is `crc32(name in UTF-8) % buckets` (CRC-32 of ISO 3309, as in zlib), so that
    any program can compute it. The names of a folded word are `W` + its stem, `W` + the stem of
    each compound part, and `<word>` in groups of `ngrams` letters; a section number such as
    `§113b` only has `W§113b`. Stop words have none.
    """

    buckets: int
    ngrams: tuple[int, ...] = (4, 5)
    longest_text: int = field(default=220)
    """Words that are read at once."""

    def content_words(self, text: str) -> list[str]:
        """The first words of `text`, folded, as many as are read at once."""
        return self._content(text)[: self.longest_text]

    def word_rows(self, word: str) -> tuple[int, ...]:
        """The rows of one folded word."""
        return _word_rows(word, self)

    def text_rows(self, text: str) -> NDArray[np.int64]:
        """The rows of the first words of `text`, in order; row 0 alone when there are none."""
        return self.pieces(text)[0]

    def pieces(self, text: str) -> list[NDArray[np.int64]]:
        """The rows of all words of `text`, as many words in each as are read at once."""
        found, step = self._content(text), self.longest_text
        return [self._rows(found[i : i + step]) for i in range(0, max(len(found), 1), step)]

    def _content(self, text: str) -> list[str]:
        return [
            word[start : start + _LONGEST_WORD]
            for word in words(text)
            if word not in STOP_WORDS
            for start in range(0, len(word), _LONGEST_WORD)
        ]

    def _rows(self, part: Sequence[str]) -> NDArray[np.int64]:
        rows = [row for word in part for row in self.word_rows(word)]
        return np.array(rows or [0], dtype=np.int64)


@lru_cache(maxsize=1 << 16)
def _word_rows(word: str, hashing: FeatureHashing) -> tuple[int, ...]:
    names = _feature_names(word, hashing.ngrams)
    return tuple(zlib.crc32(name.encode()) % hashing.buckets for name in names)


def _feature_names(word: str, ngrams: Sequence[int]) -> list[str]:
    names = [f"W{stem(word)}", *(f"W{part}" for part in split(word))]
    if word.startswith("§"):
        return names
    closed = f"<{word}>"
    groups = (closed[i : i + n] for n in ngrams for i in range(len(closed) - n + 1))
    return [*names, *groups]
