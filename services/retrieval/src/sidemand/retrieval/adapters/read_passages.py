"""Passages of knowledge that stay in memory once an index has read them.

A number, or in Weaviate an id, never comes to mean another passage, and a passage under it never
changes: what was read once holds for as long as its number is found. Reading and decoding the 220
passages that a case note finds takes more CPU time than finding them: 10 ms in SQLite, 100 ms in
Weaviate, which finds many of them for several parts.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from sidemand.retrieval.ports import Hit

Number = TypeVar("Number")

_MOST_KEPT: Final = 4_096
"""Passages; one takes about 5 kB."""


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage as its index holds it."""

    hit: Hit
    model: str
    """SHA-256 of what made its vector."""

    def compared_by(self, model: str) -> Hit:
        """The passage for a query whose vectors `model` made."""
        return self.hit if self.model == model else replace(self.hit, vector=None)


class ReadPassages(Generic[Number]):
    """The passages that were read last, `most` of them. Threads may share it."""

    def __init__(self, most: int = _MOST_KEPT) -> None:
        self._most = most
        self._kept: dict[Number, ReadPassage] = {}
        self._changing = threading.Lock()

    def kept(self, numbers: Iterable[Number]) -> dict[Number, ReadPassage]:
        """Those of `numbers` that are in memory."""
        with self._changing:
            return {each: self._kept[each] for each in numbers if each in self._kept}

    def keep(self, used: Mapping[Number, ReadPassage]) -> None:
        """Remember what was used just now, and forget what was not used for longest."""
        with self._changing:
            for number in used:
                self._kept.pop(number, None)  # so that it is the newest again
            self._kept |= used
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
