"""PDF: its lines of text with their places, through PDFium."""

import threading
from collections.abc import Iterator
from typing import Final

import pypdfium2
from sidemand.ingestion.readers.errors import UnreadableError
from sidemand.ingestion.readers.outline import LONGEST_TEXT, Block
from sidemand.ingestion.readers.pdf_layout import Line, to_blocks

_MOST_PAGES: Final = 3_000
_WRONG_PASSWORD: Final = 4
_PDFIUM: Final = threading.Lock()
"""PDFium is one library for the process and must not run in two threads at once."""


def read_pdf(data: bytes) -> list[Block]:
    """Headings by size of type, paragraphs put together from lines; `side 3` where no headings are.

    Raises `UnreadableError`: broken, locked by a password, or without text (a scanned page).
    """
    with _PDFIUM:
        try:
            with pypdfium2.PdfDocument(data) as document:
                lines = list(_lines(document))
        except pypdfium2.PdfiumError as error:
            locked = error.err_code == _WRONG_PASSWORD
            raise UnreadableError("pdf_locked" if locked else "pdf_broken") from None
    if not any(line.text.strip() for line in lines):
        raise UnreadableError("pdf_without_text")
    return to_blocks(lines)


def _lines(document: pypdfium2.PdfDocument) -> Iterator[Line]:
    if len(document) > _MOST_PAGES:
        raise UnreadableError("too_large")
    length = 0
    for number in range(len(document)):
        page = document[number]
        text_page = page.get_textpage()
        for line in _lines_of(text_page, number + 1):
            length += len(line.text)
            yield line
        text_page.close()
        page.close()
        if length > LONGEST_TEXT:
            raise UnreadableError("text_too_long")


def _lines_of(page: pypdfium2.PdfTextPage, number: int) -> Iterator[Line]:
    """The lines of a page. Without a place where PDFium's text and its characters differ."""
    text = page.get_text_range()
    has_places = len(text) == page.count_chars()
    start = 0
    for raw in text.splitlines(keepends=True):
        line = raw.rstrip("\r\n")
        first = start + len(line) - len(line.lstrip())
        start += len(raw)
        if not line.strip():
            continue
        _, bottom, _, top = page.get_charbox(first, loose=True) if has_places else (0, 0, 0, 0)
        yield Line(text=line.strip(), page=number, bottom=bottom, top=top)
