"""From blocks, as a format's reader finds them, to one text with sections."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sidemand.ingestion.readers.cleaning import clean, one_line
from sidemand.ingestion.readers.errors import UnreadableError
from sidemand.ingestion.readers.provisions import by_provision
from sidemand.schemas.text import Section

LONGEST_TEXT: Final = 2_000_000
"""Characters of a text that is still taken in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A heading, paragraph, list item or table row."""

    text: str
    level: int | None = None
    """1 to 6 for a heading, 1 the outermost."""
    tight: bool = False
    """Whether it follows the block before without an empty line, as list items do."""
    locator: str | None = None
    """Where it stands, such as `side 3`."""


@dataclass(frozen=True, slots=True)
class ReadText:
    """A document as text, and where its parts stand in it."""

    text: str
    sections: tuple[Section, ...]
    """In order, without overlap. Headings stand between them, except one that has no text."""


def table_row(cells: Sequence[str]) -> str:
    """One row of a table as a line. Its words stay as they are and in their order."""
    return " | ".join(one_line(cell) for cell in cells)


def compose(blocks: Iterable[Block]) -> ReadText:
    """Put `blocks` together. Raises `UnreadableError` for a text that is empty or too long."""
    outline = _Outline()
    for block in blocks:
        outline.add(block)
    return outline.finish()


class _Outline:
    """The text so far, the headings above its end, and the section that is open there."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._end = 0
        self._headings: list[tuple[int, str]] = []
        self._childless: tuple[int, int] | None = None
        self._start: int | None = None
        self._locator: str | None = None
        self._sections: list[Section] = []
        self._after_heading = False

    def add(self, block: Block) -> None:
        text = clean(block.text) if block.level is None else one_line(block.text)
        if not text.strip():
            return
        if block.level is not None:
            self._close(below=block.level)
            start = self._append(text, tight=False)
            self._headings = [each for each in self._headings if each[0] < block.level]
            self._headings.append((block.level, text))
            self._childless = (start, self._end)
        else:
            if block.locator != self._locator:
                self._close()
            start = self._append(text, tight=block.tight and not self._after_heading)
            self._childless = None
            if self._start is None:
                self._start, self._locator = start, block.locator
        self._after_heading = block.level is not None

    def finish(self) -> ReadText:
        self._close(below=0)
        text = "".join(self._parts)
        if not text:
            raise UnreadableError("empty")
        return ReadText(
            text, tuple(part for each in self._sections for part in by_provision(text, each))
        )

    def _append(self, text: str, *, tight: bool) -> int:
        """Add `text` behind what is there; say where it starts."""
        if self._parts:
            text_before = "\n" if tight else "\n\n"
            self._parts.append(text_before)
            self._end += len(text_before)
        start = self._end
        self._parts.append(text)
        self._end += len(text)
        if self._end > LONGEST_TEXT:
            raise UnreadableError("text_too_long")
        return start

    def _close(self, below: int | None = None) -> None:
        """End the open section; `below` is the level of the heading that ends it.

        A heading with nothing under it is a section of its own, so that its words are found.
        """
        span = None if self._start is None else (self._start, self._end)
        if (
            span is None
            and self._childless
            and below is not None
            and below <= self._headings[-1][0]
        ):
            span = self._childless
        if span is not None:
            path = tuple(title for _, title in self._headings)
            self._sections.append(
                Section(heading_path=path, locator=self._locator, start=span[0], end=span[1])
            )
        self._start = self._locator = self._childless = None
