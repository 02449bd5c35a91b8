"""DOCX: what Word shows, in the order of the page."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from docx import Document
from docx.document import Document as WordDocument
from docx.exceptions import PythonDocxError
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.styles.style import ParagraphStyle
from sidemand.ingestion.readers.docx_numbering import Numbering
from sidemand.ingestion.readers.errors import UnreadableError
from sidemand.ingestion.readers.outline import Block, table_row

LARGEST_UNPACKED: Final = 64_000_000
"""Bytes of all parts of the file together, unpacked: pictures in it need room, bombs need more."""
_MOST_PARTS: Final = 4_000

_MARKUP: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_UNSEEN: Final = frozenset(
    {
        qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), qn("w:pPr"), qn("w:sectPr"),
        f"{_MARKUP}Fallback",  # the same words again, for a Word that cannot show the first form
    }
)  # fmt: skip
_CHARACTERS: Final = {
    qn("w:tab"): "\t",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
}


_BROKEN: Final = (
    PythonDocxError, OpcError, zipfile.BadZipFile, zlib.error, OSError, EOFError,
    SyntaxError,  # XML that is none
    KeyError, ValueError, TypeError, AttributeError, IndexError, RuntimeError,
)  # fmt: skip
"""What python-docx and the modules below it raise for a file that is not what it says."""


def read_docx(data: bytes) -> Iterator[Block]:
    """Headings by outline level, paragraphs, list items with their numbers, table rows.

    What a reader of the accepted document sees: inserted text and content controls are read,
    deleted and hidden text is not. Raises `UnreadableError`.
    """
    _check_size(data)
    try:
        document = Document(io.BytesIO(data))
        yield from _Walk(document).blocks()
    except _BROKEN:
        raise UnreadableError("docx_broken") from None


def _check_size(data: bytes) -> None:
    """Look at what the archive says of itself; unpacking never goes beyond it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except _BROKEN:
        raise UnreadableError("docx_broken") from None
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise UnreadableError("docx_too_large")


class _Walk:
    def __init__(self, document: WordDocument) -> None:
        self._document = document
        self._numbering = Numbering(document)
        self._levels: dict[str, int | None] = {}
        self._inside = False

    def blocks(self) -> Iterator[Block]:
        yield from self._of(self._document.element.body)

    def _of(self, parent: BaseOxmlElement) -> Iterator[Block]:
        """The paragraphs and tables below `parent`, also those wrapped in a content control."""
        for child in parent:
            if child.tag == qn("w:p"):
                yield from self._paragraph(child)
            elif child.tag == qn("w:tbl"):
                yield from self._table(child)
            elif child.tag not in _UNSEEN:
                yield from self._of(child)

    def _paragraph(self, paragraph: BaseOxmlElement) -> Iterator[Block]:
        text = _text(paragraph)
        if not text.strip():
            return
        style = self._style(paragraph)
        level = _outline_level(paragraph) or (self._level(style) if style else None)
        marker, depth = self._numbering.marker(paragraph, style)
        if level is not None:
            self._inside = False
            yield Block(text=f"{marker}{text}", level=level)
            return
        yield Block(text=f"{'  ' * depth}{marker}{text}", tight=self._inside and bool(marker))
        self._inside = bool(marker)

    def _table(self, table: BaseOxmlElement) -> Iterator[Block]:
        first = True
        for row in table.iterchildren(qn("w:tr")):
            cells = [_cell(cell) for cell in row.iter(qn("w:tc")) if _is_own(cell, row)]
            if any(cell.strip() for cell in cells):
                yield Block(text=table_row(cells), tight=not first)
                first = False
        self._inside = False

    def _style(self, paragraph: BaseOxmlElement) -> ParagraphStyle | None:
        named = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        if named is None:
            return None
        wanted = named.get(qn("w:val"))
        found = [each for each in self._document.styles if each.style_id == wanted]
        return found[0] if found and isinstance(found[0], ParagraphStyle) else None

    def _level(self, style: ParagraphStyle) -> int | None:
        if style.style_id not in self._levels:
            self._levels[style.style_id] = _level_of(style)
        return self._levels[style.style_id]


def _level_of(style: ParagraphStyle) -> int | None:
    """1 to 6 where the style, or one that it is based on, is a heading."""
    for each in _chain(style):
        if each.name == "Title":
            return 1
        level = _outline_level(each.element)
        if level is not None:
            return level
        if (each.name or "").startswith("Heading ") and str(each.name)[8:].isdigit():
            return min(int(str(each.name)[8:]), 6)
    return None


def _chain(style: ParagraphStyle) -> list[ParagraphStyle]:
    chain: list[ParagraphStyle] = []
    each: object = style
    while isinstance(each, ParagraphStyle) and all(
        each.style_id != known.style_id for known in chain
    ):
        chain.append(each)
        each = each.base_style
    return chain


def _outline_level(element: BaseOxmlElement) -> int | None:
    """Word counts outline levels from 0; 9 is running text."""
    found = element.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    value = "" if found is None else str(found.get(qn("w:val")))
    return min(int(value) + 1, 6) if value.isdigit() and int(value) < 9 else None


def _text(element: BaseOxmlElement) -> str:
    """The words below `element`, without recursion: documents nest deeply."""
    pieces: list[str] = []
    stack = [element]
    while stack:
        node = stack.pop()
        if node.tag == qn("w:t"):
            pieces.append(node.text or "")
        elif node.tag in _CHARACTERS:
            pieces.append(_CHARACTERS[node.tag])
        elif node.tag not in _UNSEEN and not _is_hidden(node):
            stack.extend(reversed(node))
    return "".join(pieces)


def _is_hidden(node: BaseOxmlElement) -> bool:
    return node.tag == qn("w:r") and node.find(f"{qn('w:rPr')}/{qn('w:vanish')}") is not None


def _cell(cell: BaseOxmlElement) -> str:
    """A cell's paragraphs on one line. The continuation of a merged cell is empty."""
    return " ".join(_text(paragraph) for paragraph in cell.iter(qn("w:p")))


def _is_own(cell: BaseOxmlElement, row: BaseOxmlElement) -> bool:
    """Whether `cell` belongs to `row` itself and not to a table within."""
    return next(cell.iterancestors(qn("w:tr")), None) is row
