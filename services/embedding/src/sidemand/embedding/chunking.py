"""Cuts a document into passages: what is searched, ranked and quoted as one."""

import hashlib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from sidemand.danish.sentences import sentences
from sidemand.danish.spans import Span, trimmed
from sidemand.schemas.text import Passage, Section

WORDS_WANTED = 180
"""A passage has at most about so many words, unless a single sentence is longer."""
WORDS_ALLOWED = 256
"""No passage has more; a longer sentence is cut."""

_STK = re.compile(r"(?P<provision>.*), stk\. (?P<first>\d+)(?:-(?P<last>\d+))?$")
_WORD = re.compile(r"\S{1,80}")
"""A word; what goes on for longer without a space counts as several, so that it can be cut."""


def cut_passages(text: str, sections: Sequence[Section]) -> list[Passage]:
    """The passages of `text` in order, each inside one section or several neighbours.

    Neighbouring stk. of one provision, and neighbours with the same headings and locator, stand
    together as long as they have at most `WORDS_WANTED` words; a longer section is divided
    between sentences. Every word inside a section lies in exactly one passage.
    """
    words = _Words(text)
    cut = [piece for group in _related(sections) for piece in _fitting(text, group, words)]
    return list(_numbered(text, [piece for piece in cut if piece.start < piece.end]))


def text_to_embed(title: str, passage: Passage) -> str:
    """What the model reads for `passage`: title, headings and text, a line each."""
    return "\n".join((title, *passage.heading_path, passage.text))


def _related(sections: Sequence[Section]) -> Iterator[list[Section]]:
    """Neighbours that may share a passage."""
    for _, group in groupby(sections, key=lambda s: (s.heading_path, _provision(s.locator))):
        yield list(group)


def _provision(locator: str | None) -> str | None:
    stk = _STK.match(locator or "")
    return stk["provision"] if stk else locator


class _Words:
    """How many words begin in a part of a text, without reading it again."""

    def __init__(self, text: str) -> None:
        self._starts = [match.start() for match in _WORD.finditer(text)]

    def between(self, start: int, end: int) -> int:
        return bisect_left(self._starts, end) - bisect_left(self._starts, start)


def _fitting(text: str, group: Sequence[Section], words: _Words) -> Iterator[Section]:
    """`group` joined where it is short and divided where it is long."""
    if words.between(group[0].start, group[-1].end) <= WORDS_WANTED:
        joined = _joined(group)
        is_whole = group[0].locator == f"{_provision(group[0].locator)}, stk. 1"
        yield (
            joined.model_copy(update={"locator": _provision(joined.locator)})
            if is_whole
            else joined
        )
        return
    waiting: list[Section] = []
    for section in group:
        if waiting and words.between(waiting[0].start, section.end) > WORDS_WANTED:
            yield _joined(waiting)
            waiting = []
        if words.between(section.start, section.end) > WORDS_WANTED:
            yield from _divided(text, section)
        else:
            waiting.append(section)
    if waiting:
        yield _joined(waiting)


def _joined(group: Sequence[Section]) -> Section:
    """One section from the first to the last of `group`, neighbouring stk. of one provision."""
    first, last = group[0], group[-1]
    opening, closing = _STK.match(first.locator or ""), _STK.match(last.locator or "")
    locator = first.locator
    if first is not last and opening and closing:
        until = closing["last"] or closing["first"]
        locator = f"{opening['provision']}, stk. {opening['first']}-{until}"
    return first.model_copy(update={"end": last.end, "locator": locator})


def _divided(text: str, section: Section) -> Iterator[Section]:
    """A long section in parts of about equal length that end with a sentence."""
    part = text[section.start : section.end]
    words = _Words(part)
    total = words.between(0, len(part))
    wanted = total / -(-total // WORDS_WANTED)
    start: int | None = None
    end = 0
    for span in (piece for whole in sentences(part) for piece in _short_enough(part, whole)):
        if start is not None and not _closer_with(words, Span(start, end), span, wanted):
            yield _within(section, Span(start, end))
            start = None
        start, end = span.start if start is None else start, span.end
    if start is not None:
        yield _within(section, Span(start, end))


def _closer_with(words: _Words, before: Span, following: Span, wanted: float) -> bool:
    """Whether a piece comes closer to the wanted length with the sentence that follows."""
    without, together = words.between(*before), words.between(before.start, following.end)
    return together <= WORDS_WANTED and together - wanted <= wanted - without


def _short_enough(part: str, sentence: Span) -> Iterator[Span]:
    """`sentence`, or its pieces when no passage could hold it."""
    starts = [match.start() for match in _WORD.finditer(part, *sentence)]
    step = WORDS_WANTED if len(starts) > WORDS_ALLOWED else len(starts)
    borders = [*starts[::step], sentence.end] if starts else []
    for start, end in pairwise(borders):
        yield trimmed(part, start, end)


def _within(section: Section, span: Span) -> Section:
    start = section.start + span.start
    return section.model_copy(update={"start": start, "end": section.start + span.end})


def _numbered(text: str, pieces: Sequence[Section]) -> Iterator[Passage]:
    """Passages with ids from what they say, so that an unchanged passage keeps its id."""
    seen: Counter[str] = Counter()
    for piece in pieces:
        said = text[piece.start : piece.end]
        name = "\x1f".join((*piece.heading_path, piece.locator or "", said))
        digest = hashlib.sha256(name.encode()).hexdigest()[:20]
        seen[digest] += 1
        repeated = f"-{seen[digest]}" if seen[digest] > 1 else ""
        yield Passage(
            passage_id=digest + repeated,
            heading_path=piece.heading_path,
            locator=piece.locator,
            start=piece.start,
            end=piece.end,
            text=said,
        )
