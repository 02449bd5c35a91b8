"""A statement beside its quotes: what each sentence of them says of it, and which is closest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sidemand.generation.support.alignment import Alignment, align
from sidemand.generation.support.reading import Clause, Sentence, read

_TOUCHED: Final = 0.34
"""Share of a clause's content words that the statement says, from which it speaks of the clause."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the features are measured on."""

    statement: str
    said: tuple[Sentence, ...]
    """The statement, read."""
    quoted: tuple[Sentence, ...]
    """Every sentence of the quotes."""
    alignment: Alignment
    first: int
    """Index of the sentence that says most of the statement."""
    second: int
    """Index of the one that says most of what `first` does not; `first` where none does."""
    touched: tuple[Clause, ...]
    """The clauses of the closest sentence of which the statement speaks."""

    @property
    def closest(self) -> Sentence:
        """The sentence that says most of the statement."""
        return self.quoted[self.first]

    @property
    def near(self) -> tuple[Sentence, ...]:
        """The one or two sentences that say most together, in their order."""
        return tuple(self.quoted[index] for index in sorted({self.first, self.second}))


def compare(statement: str, quotes: Sequence[str]) -> Comparison | None:
    """Read both sides and find what belongs together; none where either says nothing."""
    said = read(statement)
    quoted = tuple(sentence for quote in quotes for sentence in read(quote))
    alignment = align(said, quoted)
    if not alignment.words or not quoted:
        return None
    first = alignment.closest()
    touched = _touched(said, quoted[first])
    return Comparison(statement, said, quoted, alignment, first, alignment.second(first), touched)


def _touched(said: Sequence[Sentence], closest: Sentence) -> tuple[Clause, ...]:
    content = [word for sentence in said for word in sentence.words if word.is_content]
    stems = {word.stem for word in content}
    senses = {sense for word in content for sense in word.senses}

    def share(clause: Clause) -> float:
        own = [word for word in clause.words if word.is_content]
        said_too = sum(word.stem in stems or bool(word.senses & senses) for word in own)
        return said_too / len(own) if own else 0.0

    return tuple(clause for clause in closest.clauses if share(clause) >= _TOUCHED)
