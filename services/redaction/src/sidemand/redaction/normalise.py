"""One way of writing for what is written in many: dashes, spaces, digits, invisible signs.

Recognisers read the normalised text, so a number that is split by a soft hyphen or typed in
full-width digits is the same number to them. Offsets lead back to the text as it came.
"""

import re
import unicodedata
from dataclasses import dataclass

_DASHES = (
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u02d7\u2043\ufe58\ufe63\uff0d"
    "\u2e3a\u2e3b\u2500\u2501\u30fc"
)
_INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
_SPACES = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
    "\u3000\t\v\f"
)
_LINE_ENDS = "\r\x85\u2028\u2029"
_QUOTES = "\u2018\u2019\u02bc\u00b4`"
_PLAIN = (
    dict.fromkeys(_DASHES, "-")
    | dict.fromkeys(_INVISIBLE, "")
    | dict.fromkeys(_SPACES, " ")
    | dict.fromkeys(_LINE_ENDS, "\n")
    | dict.fromkeys(_QUOTES, "'")
)
# Only what lies outside Latin-1 letters and ordinary signs is looked at one by one.
_UNUSUAL = re.compile(r"[\t\v\f\r\x80-\xa0\xad´`²³¹\u0100-\U0010ffff]")
_UNCHANGED = re.compile(r"[\u0100-\u024f\u201c\u201d\u201e\u2022\u2026\u20ac]")


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text in one way of writing."""

    text: str
    """What recognisers read."""
    _starts: list[int] | None
    """For each character of `text` its first character in the original; none: the same."""
    _ends: list[int] | None
    """For each character of `text` the offset behind its last one in the original."""

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]`, which is not empty, stands in the original."""
        if self._starts is None or self._ends is None:
            return start, end
        return self._starts[start], self._ends[end - 1]


def normalise(original: str) -> Normalised:
    """`original` with plain dashes, spaces, quotes and digits, composed, nothing invisible."""
    if not _UNUSUAL.search(original):
        return Normalised(original, None, None)
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    copied = 0
    for unusual in _UNUSUAL.finditer(original):
        character, offset, end = unusual.group(), unusual.start(), unusual.end()
        characters.extend(original[copied:offset])
        starts.extend(range(copied, offset))
        ends.extend(range(copied + 1, end))
        copied = end
        if _joins_the_one_before(character, characters):
            characters[-1] = unicodedata.normalize("NFC", characters[-1] + character)
            ends[-1] = end
            continue
        plain = _plain(character)
        characters.extend(plain)
        starts.extend([offset] * len(plain))
        ends.extend([end] * len(plain))
    characters.extend(original[copied:])
    starts.extend(range(copied, len(original)))
    ends.extend(range(copied + 1, len(original) + 1))
    return Normalised("".join(characters), starts, ends)


def _joins_the_one_before(character: str, before: list[str]) -> bool:
    """Whether this is an accent that makes one letter with the letter before it."""
    if character < "\u0300" or not before or not unicodedata.combining(character):
        return False
    return len(unicodedata.normalize("NFC", before[-1] + character)) == 1


def _plain(character: str) -> str:
    if _UNCHANGED.match(character):
        return character
    plain = _PLAIN.get(character)
    if plain is not None:
        return plain
    if character.isdigit():
        return str(unicodedata.digit(character))
    if unicodedata.combining(character):
        return ""
    # NFKC makes full-width and mathematical letters plain; a longer form would move sentences.
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 else character
