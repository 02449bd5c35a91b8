"""From an event's content to text with sections."""

import asyncio
from typing import Final

from sidemand.ingestion.ports import Files
from sidemand.ingestion.readers import LARGEST_FILE, ReadText, UnreadableError, read
from sidemand.schemas.text import Content

_SMALL_TEXT: Final = 2_000
"""Characters that are read faster than a thread is found (Markdown, the slowest: 15 ms)."""


async def read_content(content: Content, files: Files, own_prefix: str) -> ReadText:
    """Read `content`, whether it came along or lies in the object store below `own_prefix`.

    A reference that leads anywhere else is refused: it could name another tenant's file.
    Raises `UnreadableError`, `Transient`.
    """
    body = content.text if content.text is not None else await _bytes(content, files, own_prefix)
    if isinstance(body, str) and len(body) <= _SMALL_TEXT:
        return read(body, content.media_type)
    return await asyncio.to_thread(read, body, content.media_type)


async def _bytes(content: Content, files: Files, own_prefix: str) -> bytes:
    if content.ref is None:
        return content.data or b""
    if not content.ref.uri.startswith(f"{own_prefix}/"):
        raise UnreadableError("foreign")
    if content.ref.size > LARGEST_FILE:
        raise UnreadableError("too_large")
    return await files.read(content.ref)
