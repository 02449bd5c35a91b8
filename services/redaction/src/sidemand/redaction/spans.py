"""Where personal data stands in a text, and who or what it belongs to."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from itertools import groupby
from typing import NamedTuple


class Kind(StrEnum):
    """What a piece of personal data is. The value stands in tokens: capital letters only.

    Of two kinds that fit the same characters equally well, the one listed first is meant.
    """

    PERSON = "PERSON"
    CPR = "CPR"
    CVR = "CVR"
    PRODUCTION_UNIT = "PNR"
    EMAIL = "EMAIL"
    ADDRESS = "ADDRESS"
    BIRTH_DATE = "BIRTH"
    AGE = "AGE"
    CASE_NUMBER = "CASE"
    PHONE = "PHONE"
    ACCOUNT = "ACCOUNT"
    PLATE = "PLATE"
    IDENTITY_PAPER = "PAPER"
    USER_NAME = "USER"
    PROPERTY = "PROPERTY"
    ORGANISATION = "ORG"
    DEVICE = "DEVICE"
    URL = "URL"
    NUMBER = "NUMBER"
    # What tells about a person without naming one: articles 9 and 10 of the GDPR.
    HEALTH = "HEALTH"
    UNION = "UNION"
    RELIGION = "RELIGION"
    ETHNICITY = "ETHNICITY"
    SEXUALITY = "SEXUALITY"
    POLITICS = "POLITICS"
    CRIME = "CRIME"
    SOCIAL = "SOCIAL"


class Certainty(IntEnum):
    """How much is known about a span; decides which of two overlapping ones gives its kind."""

    STATEMENT = 0
    """What tells about somebody: it never takes a character from what names or identifies."""
    NAME = 1
    """A statistical guess."""
    IDENTIFIER = 2
    """A written form that only identifiers have."""
    PARTY = 3
    """The case system named the person."""


class Span(NamedTuple):
    """A stretch of text, `start` inclusive, `end` exclusive, in characters.

    A text makes hundreds: a tuple is made, compared and put in order in a third of the time.
    """

    start: int
    end: int
    kind: Kind
    certainty: Certainty

    @property
    def length(self) -> int:
        """Characters covered."""
        return self.end - self.start

    def contains(self, other: "Span") -> bool:
        """Whether `other` lies wholly within this span."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Entity:
    """One person, number or place, however often and in whatever form it is written."""

    kind: Kind
    key: str
    """The compared form: folded name, bare digits. Two entities with one key are the same."""
    value: str
    """What a token is turned back into."""
    aliases: tuple[str, ...] = ()
    """Other compared forms that mean this entity as long as they mean no other."""
    protected: bool = False
    """The value must never be shown again, to nobody."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where an entity stands; the span includes a genitive ending."""

    start: int
    end: int
    entity: Entity
    genitive: bool = False


def resolve(spans: Iterable[Span], text: str) -> list[Span]:
    """Disjoint spans in reading order that cover every letter and digit that `spans` cover.

    A span within one of equal or higher standing is dropped; so is a part of a name or number
    within a longer identifier. Of two that overlap, the more certain keeps its extent, then the
    longer; the other keeps what is left of it. Masking is never undone by a conflict.
    """
    chosen: list[Span] = []
    for overlapping in _clusters(_outermost(spans)):
        chosen += overlapping if len(overlapping) == 1 else _disjoint(overlapping, text)
    return chosen


def _clusters(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """Those of `spans`, which are in order, that hang together."""
    cluster: list[Span] = []
    end = 0
    for span in spans:
        if cluster and span.start >= end:
            yield cluster
            cluster = []
        cluster.append(span)
        end = max(end, span.end)
    if cluster:
        yield cluster


def _disjoint(spans: Iterable[Span], text: str) -> list[Span]:
    chosen: list[Span] = []
    ranked = sorted(spans, key=lambda s: (-s.certainty, -s.length, s.start))
    taken = _Taken()
    for span in ranked:
        for start, end in taken.free(span.start, span.end):
            whole = (start, end) == (span.start, span.end)
            piece = (start, end) if whole else _trimmed(start, end, text)
            if piece is not None:
                chosen.append(Span(*piece, span.kind, span.certainty))
        taken.add(span.start, span.end)
    return sorted(chosen)


def _outermost(spans: Iterable[Span]) -> list[Span]:
    """Without what lies within a longer identifier or party: an address, a mail address."""
    kept: list[Span] = []
    for span, _ in groupby(sorted(spans, key=_from_the_outside)):
        outer = kept[-1] if kept else None
        if outer and outer.certainty > Certainty.NAME and outer.contains(span):
            continue
        kept.append(span)
    return kept


def _from_the_outside(span: Span) -> tuple[int, int, int, int]:
    return span.start, -span.end, -span.certainty, _KINDS.index(span.kind)


_KINDS = list(Kind)


def _trimmed(start: int, end: int, text: str) -> tuple[int, int] | None:
    """Without separators at both ends; nothing where no letter or digit is left."""
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    return (start, end) if start < end else None


class _Taken:
    """Disjoint stretches in order."""

    def __init__(self) -> None:
        self._stretches: list[tuple[int, int]] = []

    def free(self, start: int, end: int) -> list[tuple[int, int]]:
        """What of `start` to `end` is not taken yet."""
        gaps = []
        for taken_start, taken_end in self._around(start, end):
            if start < taken_start:
                gaps.append((start, taken_start))
            start = max(start, taken_end)
        if start < end:
            gaps.append((start, end))
        return gaps

    def add(self, start: int, end: int) -> None:
        """Take `start` to `end`; what overlaps grows together."""
        around = self._around(start, end)
        merged = (min([start, *(s for s, _ in around)]), max([end, *(e for _, e in around)]))
        first = bisect_left(self._stretches, (merged[0], -1))
        self._stretches[first : first + len(around)] = [merged]

    def _around(self, start: int, end: int) -> list[tuple[int, int]]:
        """The stretches that overlap `start` to `end`."""
        first = bisect_left(self._stretches, (start, -1))
        if first and self._stretches[first - 1][1] > start:
            first -= 1
        last = bisect_left(self._stretches, (end, -1))
        return self._stretches[first:last]
