"""Takes out of a text what nobody sees and what would part a word from its quote."""

import re
import unicodedata
from typing import Final

_BROKEN_WORD: Final = re.compile(r"\u00ad[ \t]*\n[ \t]*")
"""A soft hyphen at the end of a line: the word goes on in the next one."""

_INVISIBLE: Final = re.compile(
    "["
    "\u00ad"  # soft hyphen
    "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"  # zero width, direction of writing
    "\U000e0000-\U000e007f"  # tags: letters that no screen shows
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters
    "\ud800-\udfff\ufffe\uffff"  # no characters at all
    "]"
)
_LINE_END: Final = re.compile(r"\r\n?|[\u2028\u2029\x85\x0b\x0c]")
_SPACE: Final = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_TRAILING: Final = re.compile(r"[ \t]+$", re.MULTILINE)
_EMPTY_LINES: Final = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """Normalise `text`: one kind of line end and space, composed letters, nothing invisible.

    Every visible character stays. A non-breaking space becomes a space, so that "§ 23" is found
    and quoted however it was typed.
    """
    text = _LINE_END.sub("\n", text)
    text = _INVISIBLE.sub("", _BROKEN_WORD.sub("", text))
    text = unicodedata.normalize("NFC", _SPACE.sub(" ", text))
    return _EMPTY_LINES.sub("\n\n", _TRAILING.sub("", text)).strip("\n")


def one_line(text: str) -> str:
    """`text` cleaned, on a single line."""
    return " ".join(clean(text).split())
