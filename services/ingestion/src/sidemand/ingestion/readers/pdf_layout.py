"""From lines with places to headings and paragraphs."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sidemand.ingestion.readers.outline import Block

_HYPHEN: Final = re.compile(r"(\w*)\ufffe(?=(\w*))")
"""PDFium's mark for a hyphen at the end of a line, the next line behind it."""
_GOES_ON_WITH_HYPHEN: Final = frozenset({"og", "eller", "samt", "men", "til"})
_PAGE_NUMBER: Final = re.compile(r"(?:side\s+)?\d{1,4}(?:\s*(?:af|/)\s*\d{1,4})?", re.IGNORECASE)
_OPENS: Final = re.compile(
    r"[-–•*▪◦]\s|\(?\d{1,3}[.)]\s|[a-zæøå]\)\s|§\s*\d|Stk\.\s*\d|Kapitel\s+\d"
)
_BULLET: Final = re.compile(r"^[•▪◦*–]\s+")
_LONGEST_HEADING: Final = 160
_HEADING_SCALE: Final = 1.12
"""How much larger than running text a heading's type is at least."""
_PARAGRAPH_GAP: Final = 0.5
"""Space above a line that parts paragraphs, in heights of a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a page. Places are in points from the page's lower edge; 0 where not known."""

    text: str
    page: int
    bottom: float
    top: float

    @property
    def height(self) -> float:
        """Of the line's type, in half points so that like sizes are equal."""
        return round((self.top - self.bottom) * 2) / 2


def to_blocks(lines: Sequence[Line]) -> list[Block]:
    """Headings and paragraphs. Page numbers are left out; without headings pages are named."""
    lines = _without_page_numbers(lines)
    levels = _heading_levels(lines)
    blocks: list[Block] = []
    before: Line | None = None
    for line in lines:
        level = _level(line, levels)
        text = _rejoined(line.text)
        if before and blocks and _belongs(line, before, same_kind=blocks[-1].level == level):
            blocks[-1] = replace(blocks[-1], text=f"{blocks[-1].text} {text}")
        else:
            page = None if levels else f"side {line.page}"
            blocks.append(_block(text, level, page, after=blocks[-1] if blocks else None))
        before = line
    return blocks


def _block(text: str, level: int | None, page: str | None, after: Block | None) -> Block:
    if level is not None:
        return Block(text=text, level=level)
    text = _BULLET.sub("- ", text)
    is_item = text.startswith("- ")
    follows_item = after is not None and after.level is None and after.text.startswith("- ")
    return Block(text=text, tight=is_item and follows_item, locator=page)


def _without_page_numbers(lines: Sequence[Line]) -> list[Line]:
    """A page's first or last line goes when it is nothing but a number."""
    kept = []
    for index, line in enumerate(lines):
        is_first = index == 0 or lines[index - 1].page != line.page
        is_last = index == len(lines) - 1 or lines[index + 1].page != line.page
        if not ((is_first or is_last) and _PAGE_NUMBER.fullmatch(line.text)):
            kept.append(line)
    return kept


def _heading_levels(lines: Sequence[Line]) -> dict[float, int]:
    """Level of each size of type that is clearly larger than running text; the largest is 1."""
    characters: Counter[float] = Counter()
    for line in lines:
        characters[line.height] += len(line.text)
    if not characters:
        return {}
    running = characters.most_common(1)[0][0]
    larger = sorted(
        (size for size in characters if size > running * _HEADING_SCALE > 0), reverse=True
    )
    return {size: min(level, 6) for level, size in enumerate(larger, start=1)}


def _level(line: Line, levels: dict[float, int]) -> int | None:
    is_short = len(line.text) <= _LONGEST_HEADING and line.text[-1] not in ",;"
    return levels.get(line.height) if is_short else None


def _belongs(line: Line, before: Line, *, same_kind: bool) -> bool:
    """Whether `line` goes on with the paragraph or heading of the line before it."""
    if not same_kind or _OPENS.match(line.text):
        return False
    if line.page != before.page or line.top > before.top:  # a new page or column
        return before.text[-1] not in ".:!?" and line.text[0].islower()
    return before.bottom - line.top <= _PARAGRAPH_GAP * max(line.height, 1)


def _rejoined(text: str) -> str:
    """Words that were parted at the end of a line, whole again.

    The hyphen stays where it belongs to the word: `stats- og regionsloven`, `EU-retten`, `e-mail`.
    """

    def rejoin(match: re.Match[str]) -> str:
        left, right = match[1], match[2]
        if right in _GOES_ON_WITH_HYPHEN:
            return f"{left}- "
        keeps = len(left) == 1 or left[-1:].isupper() or left[-1:].isdigit() or right[:1].isupper()
        return f"{left}-" if keeps else left

    return _HYPHEN.sub(rejoin, text)
