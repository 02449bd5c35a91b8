"""Markdown to readable plain text that keeps every word in its place."""

from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from sidemand.ingestion.readers.errors import UnreadableError
from sidemand.ingestion.readers.html import read_html
from sidemand.ingestion.readers.outline import Block, table_row

_DEEPEST: Final = 100
"""Below this the parser leaves content out without a word."""
_PARSER: Final = MarkdownIt("commonmark", {"html": True, "maxNesting": _DEEPEST}).enable(
    ["table", "strikethrough"]
)


def read_markdown(text: str) -> Iterator[Block]:
    """Headings, paragraphs, list items (`- `, `1. `), table rows (`a | b`), code as it stands.

    Emphasis and the targets of links are left out. HTML within is read as HTML, so that what a
    browser does not show is not shown here. Raises `UnreadableError` where it nests too deeply.
    """
    tokens = _PARSER.parse(text)
    if any(token.level >= _DEEPEST - 1 for token in tokens):
        raise UnreadableError("too_tangled")
    return _Walk().blocks(tokens)


class _Walk:
    """Where in nested lists and tables the reading stands."""

    def __init__(self) -> None:
        self._lists: list[int | None] = []
        """For each open list its next number, or none for bullets."""
        self._marker = ""
        self._level: int | None = None
        self._cells: list[str] = []
        self._in_table = False
        self._inside = False
        """Whether a block of the same list or table went before."""

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Block]:
        for token in tokens:
            self._step(token)
            if token.type == "inline" and self._in_table:
                self._cells.append(_inline(token))
            elif token.type == "inline":
                yield self._block(_inline(token))
            elif token.type in ("fence", "code_block"):
                yield self._block(token.content.rstrip("\n"))
            elif token.type == "html_block":
                yield from read_html(token.content)
            elif token.type == "tr_close":
                yield self._block(table_row(self._cells))
                self._cells = []

    def _step(self, token: Token) -> None:
        match token.type:
            case "heading_open":
                self._level = int(token.tag[1])
            case "heading_close":
                self._level = None
            case "bullet_list_open":
                self._lists.append(None)
            case "ordered_list_open":
                self._lists.append(int(token.attrGet("start") or 1))
            case "list_item_open":
                self._open_item()
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
                self._inside = bool(self._lists)
            case "table_open" | "table_close":
                self._in_table = token.type == "table_open"
                self._inside = False

    def _open_item(self) -> None:
        number = self._lists[-1]
        self._marker = "- " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1

    def _block(self, text: str) -> Block:
        if self._level is not None and not self._lists:
            return Block(text=text, level=self._level)
        indent = "  " * (len(self._lists) - 1 + (self._lists != [] and not self._marker))
        block = Block(text=f"{indent}{self._marker}{text}", tight=self._inside)
        self._marker = ""
        self._inside = bool(self._lists) or self._in_table
        return block


def _inline(token: Token) -> str:
    return "".join(_piece(child) for child in token.children or ())


def _piece(token: Token) -> str:
    match token.type:
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "html_inline":
            return "\n" if token.content.lower().startswith("<br") else ""
        case _:
            return token.content
