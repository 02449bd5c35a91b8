"""Which sentence of the quotes says what a word of the statement says, and how surely."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sidemand.generation.support.reading import Sentence, Word

_SAME: Final = 1.0
_SYNONYM: Final = 0.85
_PART: Final = 0.75
_SPELLING: Final = 0.5
_ALIKE: Final = 0.55
"""Dice's coefficient of two words' trigrams, from which they are spelt alike."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """The content words of a statement, held against each sentence of the quotes."""

    words: tuple[Word, ...]
    """The content words of the statement, in order."""
    by_sentence: tuple[tuple[float, ...], ...]
    """For each sentence, how surely it says each of the words: 0 to 1."""

    @property
    def anywhere(self) -> tuple[float, ...]:
        """How surely the quotes together say each of the words."""
        return tuple(map(max, zip(*self.by_sentence, strict=True)))

    def closest(self) -> int:
        """The index of the sentence that says most; of two, the first."""
        sums = [sum(row) for row in self.by_sentence]
        return sums.index(max(sums))

    def second(self, first: int) -> int:
        """The sentence that says most of what `first` does not; `first` where none does."""
        known = self.by_sentence[first]
        gains = [
            sum(max(new - old, 0.0) for old, new in zip(known, row, strict=True))
            for row in self.by_sentence
        ]
        return gains.index(max(gains)) if max(gains) > 0 else first


def align(statement: Sequence[Sentence], quotes: Sequence[Sentence]) -> Alignment:
    """Hold every content word of `statement` against every sentence of `quotes`."""
    content = tuple(w for sentence in statement for w in sentence.words if w.is_content)
    indexes = [_Index(sentence.words) for sentence in quotes]
    return Alignment(content, tuple(tuple(map(index.likeness, content)) for index in indexes))


class _Index:
    """The words of a sentence, by what they can be recognised by."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._spelt = {w.trigrams for w in words if w.is_content and len(w.trigrams) >= 3}
        self._stems = {word.stem for word in words}
        self._parts = {part for word in words for part in word.parts}
        self._senses = {sense for word in words for sense in word.senses}

    def likeness(self, word: Word) -> float:
        """How surely one of the words says what `word` says."""
        if word.stem in self._stems:
            return _SAME
        if word.stem in self._parts or not self._stems.isdisjoint(word.parts):
            return _PART
        if not self._senses.isdisjoint(word.senses):
            return _SYNONYM
        if not self._parts.isdisjoint(word.parts[-1:]) or self._spells(word.trigrams):
            return _SPELLING
        return 0.0

    def _spells(self, trigrams: frozenset[str]) -> bool:
        size = len(trigrams)
        return size >= 3 and any(
            2 * len(trigrams & other) >= _ALIKE * (size + len(other)) for other in self._spelt
        )
