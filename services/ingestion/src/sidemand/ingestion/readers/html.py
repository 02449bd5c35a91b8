"""HTML to readable plain text: what a browser shows, without what leads elsewhere."""

import re
from collections.abc import Iterator
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode
from sidemand.ingestion.readers.errors import UnreadableError
from sidemand.ingestion.readers.html_nesting import is_tangled
from sidemand.ingestion.readers.outline import Block, table_row

_UNSEEN: Final = frozenset(
    {
        "script", "style", "nav", "noscript", "template", "head", "svg", "math", "iframe", "object",
        "embed", "audio", "video", "canvas", "button", "select", "textarea", "input", "dialog",
    }
)  # fmt: skip
_BREAKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr",
        "html", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot",
        "thead", "tr", "ul",
    }
)  # fmt: skip
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_HIDDEN_STYLE: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")


def read_html(html: str) -> Iterator[Block]:
    """Headings, paragraphs, list items (`- `, `1. `), table rows (`a | b`), `pre` as it stands.

    Scripts, styles, navigation, form fields and whatever is hidden are left out.
    Raises `UnreadableError` for tags that are too tangled to be read in reasonable time.
    """
    if is_tangled(html):
        raise UnreadableError("too_tangled")
    walk = _Walk()
    root = LexborHTMLParser(html).body
    for node, entering in _steps(root) if root is not None else ():
        yield from walk.enter(node) if entering else walk.leave(node)
    yield from walk.flush()


def _steps(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Every visible node in order, entering and leaving. Depth costs no recursion."""
    stack = [(root, True)]
    while stack:
        node, entering = stack.pop()
        yield node, entering
        if entering:
            stack.append((node, False))
            stack.extend((child, True) for child in reversed(_children(node)) if _is_seen(child))


def _children(node: LexborNode) -> list[LexborNode]:
    children = []
    child = node.first_child
    while child is not None:
        children.append(child)
        child = child.next
    return children


def _is_seen(node: LexborNode) -> bool:
    if node.tag in _UNSEEN or node.is_comment_node:
        return False
    if node.is_text_node:
        return True
    attributes = node.attributes
    return not (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or _HIDDEN_STYLE.search(attributes.get("style") or "")
    )


class _Walk:
    """The words since the last break, and what they stand in."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._lists: list[int | None] = []
        self._marker = ""
        self._level: int | None = None
        self._cells: list[str] | None = None
        self._pre = 0
        self._inside = False

    def enter(self, node: LexborNode) -> Iterator[Block]:
        tag = node.tag or ""
        if node.is_text_node:
            text = node.text_content or ""
            self._words.append(text if self._pre else _SPACE.sub(" ", text))
            return
        if tag == "br":
            self._words.append("\n")
        elif tag in _BREAKS or tag in _HEADINGS:
            yield from self.flush()
        if tag in _HEADINGS and not self._lists and self._cells is None:
            self._level = _HEADINGS[tag]
        elif tag in ("ul", "ol"):
            self._lists.append(_first_number(node) if tag == "ol" else None)
        elif tag == "li":
            self._open_item()
        elif tag == "tr" and self._cells is None:
            self._cells = []
        elif tag == "pre":
            self._pre += 1

    def leave(self, node: LexborNode) -> Iterator[Block]:
        tag = node.tag or ""
        if tag in ("td", "th") and self._cells is not None:
            self._cells.append(self._take())
            return
        if tag == "tr" and self._cells is not None:
            cells, self._cells = self._cells, None
            yield from self._block(table_row(cells), tight=self._inside)
            self._inside = True
            return
        if tag in _BREAKS or tag in _HEADINGS:
            yield from self.flush()
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "pre":
            self._pre -= 1
        elif tag in _HEADINGS:
            self._level = None
        if tag in ("ul", "ol", "table"):
            self._inside = bool(self._lists)

    def flush(self) -> Iterator[Block]:
        """What was gathered as a block of its own; within a table's cell it stays gathered."""
        if self._cells is not None:
            self._words.append(" ")
            return
        text = self._take()
        if not text.strip():
            return
        if self._level is not None:
            yield Block(text=text, level=self._level)
            return
        indent = "  " * (len(self._lists) - 1 + (self._lists != [] and not self._marker))
        yield from self._block(f"{indent}{self._marker}{text}", tight=self._inside)
        self._marker = ""
        self._inside = bool(self._lists)

    def _block(self, text: str, *, tight: bool) -> Iterator[Block]:
        if text.strip(" |"):
            yield Block(text=text, tight=tight)

    def _take(self) -> str:
        text = "".join(self._words)
        self._words.clear()
        return (
            text
            if self._pre
            else "\n".join(" ".join(line.split(" ")).strip() for line in text.split("\n"))
        )

    def _open_item(self) -> None:
        number = self._lists[-1] if self._lists else None
        self._marker = "- " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1


def _first_number(node: LexborNode) -> int:
    start = node.attributes.get("start") or ""
    return int(start) if start.isascii() and start.isdigit() and len(start) < 10 else 1
