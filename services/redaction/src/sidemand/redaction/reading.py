"""A text cut into words, once for all who read it."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

TOKEN: Final = re.compile(r"[^\W\d_]+(?:[01]{1,2}[a-zæøå]{2,})*|\d+|\n+|\S")
"""A run of letters (1 or 0 within it is a scanner's l or o), of digits, line ends, or one sign."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The tokens of a text, in order."""

    words: Sequence[str]
    starts: Sequence[int]
    """Where each of `words` begins."""

    def places(self, words: Collection[str]) -> Iterator[tuple[int, str]]:
        """Where each of the `words` stands, written just so, in order."""
        return (
            (at, word) for at, word in zip(self.starts, self.words, strict=True) if word in words
        )


@lru_cache(maxsize=1)
def read(text: str) -> Reading:
    """Cut `text`. Every reader asks for the same text, one after the other: the last is kept."""
    tokens = list(TOKEN.finditer(text))
    return Reading([token.group() for token in tokens], [token.start() for token in tokens])
