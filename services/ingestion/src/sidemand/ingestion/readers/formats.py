"""Which reader reads what."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from sidemand.ingestion.readers.docx import read_docx
from sidemand.ingestion.readers.errors import UnreadableError
from sidemand.ingestion.readers.html import read_html
from sidemand.ingestion.readers.markdown import read_markdown
from sidemand.ingestion.readers.outline import LONGEST_TEXT, Block, ReadText, compose
from sidemand.ingestion.readers.pdf import read_pdf
from sidemand.ingestion.readers.plain import read_plain
from sidemand.schemas.text import MediaType

LARGEST_FILE: Final = 8_000_000
"""Bytes of a file that is still taken in."""

_TEXTS: Final[Mapping[str, Callable[[str], Iterable[Block]]]] = {
    "text/plain": read_plain,
    "text/markdown": read_markdown,
    "text/html": read_html,
}
_FILES: Final[Mapping[str, Callable[[bytes], Iterable[Block]]]] = {
    "application/pdf": read_pdf,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": read_docx,
}


def read(body: str | bytes, media_type: MediaType) -> ReadText:
    """Text with sections of `body`. Takes as long as the file is large: call it in a thread.

    Raises `UnreadableError`.
    """
    if media_type in _FILES:
        assert isinstance(body, bytes), "the contract: files travel as bytes"
        if len(body) > LARGEST_FILE:
            raise UnreadableError("too_large")
        return compose(_FILES[media_type](body))
    text = body if isinstance(body, str) else _decoded(body)
    if len(text) > LONGEST_TEXT:
        raise UnreadableError("text_too_long")
    return compose(_TEXTS[media_type](text))


def _decoded(data: bytes) -> str:
    """Text in UTF-8, UTF-16 with its mark, or Windows' Western European.

    Raises `UnreadableError` for bytes that are no text.
    """
    if len(data) > LARGEST_FILE:
        raise UnreadableError("too_large")
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not is_wide and b"\0" in data:
        raise UnreadableError("not_text")
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError("not_text")
