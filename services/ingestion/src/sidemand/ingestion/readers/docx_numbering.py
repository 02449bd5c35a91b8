"""The numbers that Word writes before list items and headings; they stand in no paragraph."""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.styles.style import ParagraphStyle

_PLACE: Final = re.compile(r"%([1-9])")
_ROMAN: Final = (
    (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"),
    (1, "i"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    """`bullet`, `decimal`, `lowerLetter`, …"""
    text: str
    """Such as `§ %1.`, where `%1` is the number of the outermost level."""
    start: int


class Numbering:
    """Counts as Word counts. Source: ECMA-376 part 1, 17.9."""

    def __init__(self, document: Document) -> None:
        self._lists = _lists(document)
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)

    def marker(self, paragraph: BaseOxmlElement, style: ParagraphStyle | None) -> tuple[str, int]:
        """What stands before the paragraph, with a space behind it, and how deep it lies."""
        reference = _reference(paragraph, style)
        if reference is None or reference[0] not in self._lists:
            return "", 0
        list_id, depth = reference
        level = self._lists[list_id].get(depth)
        if level is None or level.form == "none":
            return "", depth
        if level.form == "bullet":
            return "- ", depth
        text = _PLACE.sub(
            lambda place: self._number(list_id, int(place[1]) - 1),
            self._count(list_id, depth, level),
        )
        return f"{text} " if text else "", depth

    def _count(self, list_id: str, depth: int, level: _Level) -> str:
        counts = self._counts[list_id]
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        return level.text

    def _number(self, list_id: str, depth: int) -> str:
        level = self._lists[list_id].get(depth)
        if level is None:
            return ""
        return _formatted(self._counts[list_id].get(depth, level.start), level.form)


def _formatted(number: int, form: str) -> str:
    match form:
        case "lowerLetter" | "upperLetter":
            letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
            return letter.upper() if form == "upperLetter" else letter
        case "lowerRoman" | "upperRoman":
            return _roman(number).upper() if form == "upperRoman" else _roman(number)
        case _:
            return str(number)


def _roman(number: int) -> str:
    numeral = ""
    for value, sign in _ROMAN:
        while number >= value and len(numeral) < 20:
            numeral += sign
            number -= value
    return numeral


def _reference(paragraph: BaseOxmlElement, style: ParagraphStyle | None) -> tuple[str, int] | None:
    """The list and level that the paragraph, or else its style, names."""
    for element in (paragraph, *([] if style is None else [style.element])):
        numbered = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if numbered is not None:
            list_id = _value(numbered, "w:numId")
            depth = _value(numbered, "w:ilvl") or "0"
            return (list_id, int(depth)) if list_id and depth.isdigit() else None
    return None


def _lists(document: Document) -> dict[str, dict[int, _Level]]:
    """The levels of each list of the document, by the id that paragraphs name."""
    numbering = next(
        (
            relation.target_part.element
            for relation in document.part.rels.values()
            if relation.reltype.endswith("/numbering") and not relation.is_external
        ),
        None,
    )
    if numbering is None:
        return {}
    abstract = {
        each.get(qn("w:abstractNumId")): _levels(each)
        for each in numbering.iterchildren(qn("w:abstractNum"))
    }
    return {
        str(each.get(qn("w:numId"))): abstract.get(_value(each, "w:abstractNumId"), {})
        for each in numbering.iterchildren(qn("w:num"))
    }


def _levels(abstract: BaseOxmlElement) -> dict[int, _Level]:
    levels = {}
    for level in abstract.iterchildren(qn("w:lvl")):
        start = _value(level, "w:start") or "1"
        levels[int(level.get(qn("w:ilvl")) or 0)] = _Level(
            form=_value(level, "w:numFmt") or "decimal",
            text=_value(level, "w:lvlText") or "",
            start=int(start) if start.isdigit() else 1,
        )
    return levels


def _value(parent: BaseOxmlElement, name: str) -> str | None:
    found = parent.find(qn(name))
    return None if found is None else found.get(qn("w:val"))
