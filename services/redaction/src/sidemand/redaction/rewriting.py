"""Replaces stretches of a text, and knows where every offset went."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text after its replacements."""

    text: str
    _starts: Sequence[int]
    """Where each replaced stretch began, and ended, in the old text."""
    _ends: Sequence[int]
    _new_starts: Sequence[int]
    """Where its replacement begins and ends in the new one."""
    _new_ends: Sequence[int]

    def moved(self, offset: int) -> int:
        """Where `offset` of the old text is now; within a replaced stretch: its beginning."""
        index = bisect_right(self._starts, offset) - 1
        if index < 0:
            return offset
        if offset < self._ends[index]:
            return self._new_starts[index]
        return self._new_ends[index] + offset - self._ends[index]


def rewrite(text: str, replacements: Iterable[tuple[int, int, str]]) -> Rewritten:
    """Put each string in the place of `text[start:end]`; the stretches are disjoint, in order."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    at = length = 0
    for start, end, new in replacements:
        pieces += (text[at:start], new)
        length += start - at
        starts.append(start)
        ends.append(end)
        new_starts.append(length)
        length += len(new)
        new_ends.append(length)
        at = end
    pieces.append(text[at:])
    return Rewritten("".join(pieces), starts, ends, new_starts, new_ends)
