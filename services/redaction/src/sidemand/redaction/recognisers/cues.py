"""Patterns that are tried only where a word stands with which, or near which, they match.

Most words of a text begin no identifier, so a pattern that looks everywhere wastes its time. What
a word can begin is asked once for each different word and remembered.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from sidemand.redaction.reading import read

_KNOWN_WORDS: Final = 50_000
_ALL: Final[list[re.Pattern[str]]] = []


class Cue:
    """The words, in small letters, that `words` matches from their first letter on."""

    def __init__(self, words: str) -> None:
        """`words` is a regular expression; what follows a match within a word does not matter."""
        self._number = len(_ALL)
        _ALL.append(re.compile(words))
        _any_cue.cache_clear()
        _cues_of.cache_clear()

    def places(self, text: str) -> list[int]:
        """Where such words begin in `text`, in order."""
        return _places(text).get(self._number, [])

    def matches(self, pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
        """The matches of `pattern` that begin with such a word; they may overlap."""
        for place in self.places(text):
            match = pattern.match(text, place)
            if match:
                yield match


@lru_cache(maxsize=1)
def _places(text: str) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    reading = read(text)
    cues = zip(reading.starts, map(_cues_of, reading.words), strict=True)
    for place, numbers in [cue for cue in cues if cue[1]]:
        for number in numbers:
            found.setdefault(number, []).append(place)
    return found


@lru_cache(maxsize=_KNOWN_WORDS)
def _cues_of(word: str) -> tuple[int, ...]:
    small = word.lower()
    if not _any_cue().match(small):
        return ()
    return tuple(number for number, words in enumerate(_ALL) if words.match(small))


@lru_cache(maxsize=1)
def _any_cue() -> re.Pattern[str]:
    """All cues in one: most words are none."""
    return re.compile("|".join(f"(?:{words.pattern})" for words in _ALL))
