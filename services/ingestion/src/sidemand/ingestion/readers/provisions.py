"""Divides a section by § and stk., which in Danish law stand in running text."""

import re
from collections.abc import Iterator
from typing import Final

from sidemand.danish.provisions import subsections
from sidemand.schemas.text import Section

_NUMBER: Final = r"§\s*(?P<number>\d{1,4})(?:\s?(?P<letter>[a-zæøåA-ZÆØÅ])(?!\w))?"
_OPENS: Final = re.compile(rf"^{_NUMBER}\.(?=\s|$)", re.MULTILINE)
_HEADING: Final = re.compile(rf"{_NUMBER}(?!\w)")


def by_provision(text: str, section: Section) -> Iterator[Section]:
    """The provisions and stk. of `section`, or itself where it has none.

    A provision opens where a line begins with its number and a full stop, or under a heading
    that begins with it: `§ 23. …`. A reference to one in running text divides nothing.
    """
    opened = list(_OPENS.finditer(text, section.start, section.end))
    under = _of_heading(section)
    if not opened and under is None:
        yield section
        return
    starts = [match.start() for match in opened]
    ends = [*starts[1:], section.end]
    before = starts[0] if starts else section.end
    if text[section.start : before].strip():
        yield from _stk(text, _cut(text, section, section.start, before), under)
    for match, end in zip(opened, ends, strict=False):
        yield from _stk(text, _cut(text, section, match.start(), end), _locator(match))


def _of_heading(section: Section) -> str | None:
    """The provision that the innermost heading of the kind `§ 23` names."""
    found = (_HEADING.match(title) for title in reversed(section.heading_path))
    return next((_locator(match) for match in found if match), None)


def _locator(match: re.Match[str]) -> str:
    """The normal form, as `sidemand.danish.legal` has it: `§ 113 b`, however it was written."""
    letter = f" {match['letter'].lower()}" if match["letter"] else ""
    return f"§ {match['number']}{letter}"


def _cut(text: str, section: Section, start: int, end: int) -> Section:
    end = start + len(text[start:end].rstrip())
    return section.model_copy(update={"start": start, "end": end})


def _stk(text: str, section: Section, provision: str | None) -> Iterator[Section]:
    if provision is None:
        yield section
        return
    for part in subsections(text[section.start : section.end]):
        yield section.model_copy(
            update={
                "locator": part.locator(provision),
                "start": section.start + part.span.start,
                "end": section.start + part.span.end,
            }
        )
