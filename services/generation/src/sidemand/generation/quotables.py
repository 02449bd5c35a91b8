"""Stretches of a passage that make sense when they are quoted alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from sidemand.danish.sentences import sentences
from sidemand.danish.spans import Span, trimmed
from sidemand.schemas.casework import RankedPassage

Form = Literal["sentence", "item", "step", "row"]
"""A sentence, an item of a list, an item of a numbered list, a row of a table."""

_LONGEST: Final = 420
"""Characters. Sentences are joined to those that they lean on up to here."""

_SHORT: Final = 45
"""Characters. A shorter sentence ("Skriv hvorfor på sagen.") says little without the one before."""

_ITEM: Final = re.compile(r"\s*(?:(?P<number>\d{1,2}[.)]|[a-zæøå]\))|[-*•–])\s+(?=\S)")
_RULER: Final = re.compile(r"[\s|:+-]+$")
_NUMBERED_INSIDE: Final = re.compile(r"(?:(?<=\s)|^)\d{1,2}\)\s+(?=\S)")
_LEANS: Final = re.compile(
    r"(?:Det|Den|De|Dette|Denne|Disse|Dem|Deres|Her|Hun|Han|Så|Da|Derfor|Ellers|Dog|Også|Samme"
    r"|Heller|Derefter|Herefter|Bagefter|Imens|Tilsvarende|I så fald|I de tilfælde|I andre tilfælde"
    r"|Undtaget|Undtagelse[rn]?)\b"
)
_OPENERS: Final = "»(["
_CLOSERS: Final = "«)]"


@dataclass(frozen=True, slots=True)
class Quotable:
    """A stretch of a passage with what a reader needs before it."""

    ranked: RankedPassage
    span: Span
    """Within the passage's text."""
    form: Form
    lead: Span | None = None
    """The words that introduce the list or table, within the same text."""

    @property
    def text(self) -> str:
        """The stretch, verbatim."""
        return self.span.of(self.ranked.passage.text)

    @property
    def lead_text(self) -> str:
        """The words before the list, verbatim; empty where there are none."""
        return self.lead.of(self.ranked.passage.text) if self.lead else ""

    @property
    def heading(self) -> str:
        """The innermost heading; empty where there is none."""
        path = self.ranked.passage.heading_path
        return path[-1] if path else ""


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that belong together: a paragraph, an item, a row."""

    span: Span
    form: Form


@dataclass(frozen=True, slots=True)
class _Part:
    """A quotable as offsets."""

    span: Span
    form: Form
    lead: Span | None = None


def quotables(ranked: RankedPassage) -> list[Quotable]:
    """What can be quoted from a passage, in reading order. Headings are no statements."""
    parts = _parts(ranked.passage.text, ranked.passage.heading_path)
    return [Quotable(ranked, part.span, part.form, part.lead) for part in parts]


@lru_cache(maxsize=1 << 12)
def _parts(text: str, headings: tuple[str, ...]) -> tuple[_Part, ...]:
    """The quotables of a text. Kept, for the same sources answer many cases."""
    found: list[_Part] = []
    lead: Span | None = None
    header: Span | None = None
    for block in _blocks(text, headings):
        if block.form == "row":
            if header is None:
                header = block.span
            else:
                found.append(_Part(block.span, "row", header))
            continue
        header = None
        if block.form == "sentence":
            stretches = _stretches(text, block.span)
            lead = stretches.pop() if stretches and _introduces(text, stretches[-1]) else None
            found.extend(_from_prose(text, stretches))
        else:
            found.append(_Part(block.span, block.form, lead))
    return tuple(found)


def _blocks(text: str, headings: tuple[str, ...]) -> Iterator[_Block]:
    """The blocks of `text` without its headings, in order."""
    open_block: _Block | None = None
    for line in re.finditer(r"[^\n]*\n?", text):
        span = trimmed(text, line.start(), line.end())
        words = span.of(text)
        block = _block_of(text, span) if words and not _is_heading(words, headings) else None
        if block and open_block and block.form == "sentence" and open_block.form != "row":
            open_block = _Block(Span(open_block.span.start, span.end), open_block.form)
            continue
        if open_block:
            yield open_block
        open_block = block
    if open_block:
        yield open_block


def _block_of(text: str, line: Span) -> _Block | None:
    words = line.of(text)
    if words.startswith("|") or words.count(" | ") > 0:
        return None if _RULER.match(words) else _Block(_inside_bars(text, line), "row")
    if item := _ITEM.match(words):
        inside = Span(line.start + item.end(), line.end)
        return _Block(inside, "step" if item["number"] else "item")
    return _Block(line, "sentence")


def _inside_bars(text: str, line: Span) -> Span:
    start, end = line
    while start < end and text[start] in "| ":
        start += 1
    while end > start and text[end - 1] in "| ":
        end -= 1
    return Span(start, end)


def _is_heading(words: str, headings: tuple[str, ...]) -> bool:
    return words.startswith("#") or words in headings


def _introduces(text: str, stretch: Span) -> bool:
    return text[stretch.end - 1] == ":"


def _from_prose(text: str, stretches: list[Span]) -> Iterator[_Part]:
    """Parts of whole stretches; a long enumeration of the law is taken item by item."""
    for stretch in stretches:
        marks = list(_NUMBERED_INSIDE.finditer(text, stretch.start, stretch.end))
        if len(marks) < 2 or stretch.end - stretch.start <= _LONGEST:
            yield _Part(stretch, "sentence")
            continue
        lead = trimmed(text, stretch.start, marks[0].start())
        ends = [mark.start() for mark in marks[1:]] + [stretch.end]
        for mark, end in zip(marks, ends, strict=True):
            item = trimmed(text, mark.end(), end)
            yield _Part(item, "item", lead if lead.end > lead.start else None)


def _stretches(text: str, paragraph: Span) -> list[Span]:
    """The sentences of a paragraph, each joined to the one before where it cannot stand alone."""
    joined: list[Span] = []
    for sentence in sentences(paragraph.of(text)):
        span = Span(paragraph.start + sentence.start, paragraph.start + sentence.end)
        if joined and _belongs_together(text, joined[-1], span):
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined


def _belongs_together(text: str, before: Span, sentence: Span) -> bool:
    first = before.of(text)
    if any(first.count(o) > first.count(c) for o, c in zip(_OPENERS, _CLOSERS, strict=True)):
        return True
    if sentence.end - before.start > _LONGEST:
        return False
    own = sentence.of(text)
    return first.endswith("?") or len(own) < _SHORT or bool(_LEANS.match(own))
