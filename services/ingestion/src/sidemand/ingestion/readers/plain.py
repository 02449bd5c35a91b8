"""Plain text: notes, mails, law."""

import re
from collections.abc import Iterator
from typing import Final

from sidemand.ingestion.readers.cleaning import clean
from sidemand.ingestion.readers.outline import Block

_EMPTY_LINE: Final = re.compile(r"\n[ \t]*\n")
_CHAPTER: Final = re.compile(r"kapitel\s+\d{1,3}(?:\s?[a-zæøå])?\.?", re.IGNORECASE)
_LONGEST_TITLE: Final = 120


def read_plain(text: str) -> Iterator[Block]:
    """Paragraphs, line by line as they were written.

    The only headings are the chapters of an act: a line `Kapitel 4`, and the title that follows.
    """
    awaits_title = False
    for paragraph in _EMPTY_LINE.split(clean(text)):
        lines = paragraph.split("\n")
        while lines and (level := _level(lines[0].strip(), awaits_title=awaits_title)):
            yield Block(text=lines.pop(0), level=level)
            awaits_title = level == 1
        if lines:
            awaits_title = False
            yield Block(text="\n".join(lines))


def _level(line: str, *, awaits_title: bool) -> int | None:
    if _CHAPTER.fullmatch(line):
        return 1
    is_title = line and line[0].isupper() and len(line) <= _LONGEST_TITLE and line[-1] not in ".:;,"
    return 2 if awaits_title and is_title else None
