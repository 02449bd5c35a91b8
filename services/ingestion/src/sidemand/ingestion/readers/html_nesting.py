"""Finds HTML whose tags are so tangled that a parser would need minutes for it.

A parser of HTML5 opens every formatting element again that was left open, in each block that
follows: ten thousand times `<p><b id=…>`, 170 kB, kept one busy for 109 seconds.
Source: HTML standard, 13.2.4.3, the list of active formatting elements.
"""

import re
from typing import Final

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
_FORMATTING: Final = frozenset(
    {
        "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt",
        "u",
    }
)  # fmt: skip
_NEVER_OPEN: Final = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
        "track", "wbr",  # void
        "p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "option", "optgroup",
        "colgroup", "html", "head", "body", "rp", "rt",  # the next one of its kind closes it
    }
)  # fmt: skip
_DEEPEST: Final = 1_000
_USUAL_FORMATTING: Final = 8
"""Formatting elements that may stand in each other at no cost."""
_MOST_REOPENED: Final = 1_000_000
"""Elements that a parser may have to open again, about two seconds' work."""


def is_tangled(html: str) -> bool:
    """Whether `html` nests deeper than any document, or leaves too many formatting tags open."""
    stack: list[str] = []
    formatting = reopened = 0
    for match in _TAG.finditer(html):
        closing, tag = match[1], match[2].lower()
        if not closing:
            reopened += max(0, formatting - _USUAL_FORMATTING)
            if tag not in _NEVER_OPEN:
                stack.append(tag)
                formatting += tag in _FORMATTING
        elif tag in _FORMATTING:
            formatting -= _close_formatting(stack, tag)
        elif stack and tag in stack[-_DEEPEST:]:
            _close_block(stack, tag)
        if len(stack) > _DEEPEST or reopened > _MOST_REOPENED:
            return True
    return False


def _close_formatting(stack: list[str], tag: str) -> bool:
    """Close the nearest `tag` unless a block lies between; say whether one was closed."""
    for place in range(len(stack) - 1, -1, -1):
        if stack[place] == tag:
            del stack[place]
            return True
        if stack[place] not in _FORMATTING:
            return False
    return False


def _close_block(stack: list[str], tag: str) -> None:
    """Close `tag` and what was left open in it. Its formatting elements will be opened again."""
    while stack.pop() != tag:
        pass
