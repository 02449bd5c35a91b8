"""Marked persons who cannot exist, and every written form in which one of them may be found again.

The words stand in no law, guidance or program, so one hit is one leak. A number is searched in
every grouping, a text in UTF-8, UTF-16, JSON's and HTML's escapes, percent signs and base64.
"""

import base64
import binascii
import html
import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sidemand.schemas.raw import Party

ZELVINA: Final = Party(
    role="primary",
    name="Zelvina Kvorndahl Brøndstrømsen",
    cpr="760352-9814",
    address="Troldegræsset 41, 4796 Storådal",
    phone="58 63 91 27",
    email="zelvina@kvorndahl.example",
)
HIDDEN: Final = Party(
    role="secondary",
    name="Obdulia Ravnsfjeldsen",
    cpr="790347-8836",
    address="Uglespringet 88, 2. tv, 4797 Brohave",
    phone="69 40 18 52",
    protected_address=True,
)
UNNAMED: Final = "Jens Frølingsen"
"""No party: only the text names him."""
CITIZEN_OF_MINUTES: Final = "Torben Hegnsvoldsen"
"""Named in a document of knowledge."""

PROTECTED_WORDS: Final = ("uglespringet", "ugle springet")
_WORDS: Final = (
    *("zelvina", "kvorndahl", "brøndstrømsen", "brondstromsen", "broendstroemsen"),
    *("obdulia", "ravnsfjeldsen", "frølingsen", "frolingsen", "froelingsen"),
    *("hegnsvoldsen", "troldegræsset", "troldegraesset", "sivmosetoften", "zk58263"),
    *PROTECTED_WORDS,
)
_NUMBERS: Final = (
    *("7603529814", "7903478836", "7703618827", "7803495548"),
    *("58639127", "69401852", "81273645", "74192836", "48210007361925"),
)
_FIRST_HALVES: Final = ("760352", "790347", "770361", "780349")

_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[\s.\-–—/·|_()\u00ad\u200b]{1,4}(?=\d)")
_WORD: Final = re.compile("|".join(map(re.escape, _WORDS)))
_NUMBER: Final = re.compile("|".join(_NUMBERS))
_HALF: Final = re.compile(rf"(?<![0-9a-f])(?:{'|'.join(_FIRST_HALVES)})(?![0-9a-f])")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_UNICODE_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True, slots=True)
class Place:
    """Something that may hold a mark."""

    where: str
    """Such as a topic with partition and offset, or a file."""
    content: bytes

    def marks(self) -> set[str]:
        """The marks that stand here, in whatever form."""
        return {mark for text in _readings(self.content) for mark in marks_in(text)}


def marks_in(text: str) -> Iterator[str]:
    """The marks in `text`, in any case and grouping."""
    folded = text.casefold()
    yield from _WORD.findall(folded)
    yield from _HALF.findall(folded)
    yield from _NUMBER.findall(_BETWEEN_DIGITS.sub("", folded))


def _readings(content: bytes) -> Iterator[str]:
    """`content` as the texts that it may be."""
    text = content.decode("utf-8", "replace")
    yield text
    yield _UNICODE_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text)
    yield html.unescape(urllib.parse.unquote(text))
    for start in (0, 1):
        yield content[start:].decode("utf-16-le", "ignore")
        yield content[start:].decode("utf-16-be", "ignore")
    for run in _BASE64.findall(text):
        yield from _decoded(run.translate(str.maketrans("-_", "+/")))


def _decoded(run: str) -> Iterator[str]:
    """A run of base64 signs, which may begin in the middle of four."""
    for start in range(4):
        piece = run[start:]
        try:
            yield base64.b64decode(piece[: len(piece) // 4 * 4]).decode("utf-8", "ignore")
        except (ValueError, binascii.Error):
            continue
