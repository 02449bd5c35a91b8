"""What stands in a statement in the place of other words, where the rest of it is the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from sidemand.generation.support.comparison import Comparison
from sidemand.generation.support.lexicon import SMALL_WORDS, TURNS
from sidemand.generation.support.reading import Word

_FEW: Final = 3


@dataclass(frozen=True, slots=True)
class _Edit:
    """A place where the statement goes on otherwise than the closest sentence."""

    said: Sequence[Word]
    quoted: Sequence[Word]

    def is_other(self) -> bool:
        """A few words stand in the place of a few others that mean something else."""
        mine, other = _content(self.said), _content(self.quoted)
        few = 0 < len(mine) <= _FEW and 0 < len(other) <= _FEW
        return few and all(one.marks.isdisjoint(two.marks) for one in mine for two in other)

    def is_another_actor(self) -> bool:
        """Somebody else is named."""
        mine = frozenset(who for word in self.said for who in word.actors)
        other = frozenset(who for word in self.quoted for who in word.actors)
        return bool(mine and other) and mine.isdisjoint(other)

    def turns(self, small: frozenset[str]) -> bool:
        """A small word of one kind came in, went out, or gave way to another of its kind."""
        if len(self.said) > _FEW or len(self.quoted) > _FEW:
            return False
        mine = small.intersection(word.written for word in self.said)
        return mine != small.intersection(word.written for word in self.quoted)

    def says_opposite(self, pair: tuple[frozenset[str], frozenset[str]]) -> bool:
        """A small word gave way to its opposite."""
        mine, other = ({word.written for word in side} for side in (self.said, self.quoted))
        one, two = pair
        few = len(self.said) <= _FEW and len(self.quoted) <= _FEW
        return few and bool((mine & one and other & two) or (mine & two and other & one))


def edits(compared: Comparison) -> dict[str, float]:
    """How much is the same in order, and what was put in the place of something else."""
    mine = [word for sentence in compared.said for word in sentence.words]
    other = compared.closest.words
    matcher = SequenceMatcher(None, [*map(_key, mine)], [*map(_key, other)], autojunk=False)
    operations = matcher.get_opcodes()
    found = [
        _Edit(mine[a:b], other[c:d])
        for tag, a, b, c, d in operations
        if tag != "equal" and b < len(mine) and c > 0
    ]
    same = sum(end - start for tag, start, end, _, _ in operations if tag == "equal")
    started = _Edit(mine[: operations[0][2]], other[: operations[0][4]])
    return {
        "replaced": min(sum(edit.is_other() for edit in found), 3),
        "same_in_order": same / len(mine),
        "actor_replaced": any(edit.is_another_actor() for edit in (started, *found)),
        **{
            f"{name}_edited": any(e.turns(small) for e in found)
            for name, small in SMALL_WORDS.items()
        },
        **{
            f"{name}_turned": any(e.says_opposite(pair) for e in found)
            for name, pair in TURNS.items()
        },
    }


def _content(words: Sequence[Word]) -> list[Word]:
    return [word for word in words if word.is_content]


def _key(word: Word) -> str:
    """Words that may stand for each other are the same, but not those who act."""
    if word.actors:
        return f"@{min(word.actors)}"
    return f"#{min(word.senses)}" if word.senses else word.stem
