"""Words as they are compared: folded characters, one token for a section number."""

import re
import unicodedata

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_FOLD = (
    {ord(character): None for character in _INVISIBLE}
    | {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms of ASCII
    | {ord(space): " " for space in "\u00a0\u2007\u2009\u202f\u3000"}
    | {ord(dash): "-" for dash in "\u2010\u2011\u2212"}
    | {ord(quote): "'" for quote in "\u2019\u00b4\u02bc"}
)
_TOKEN = re.compile(
    r"(?P<sections>§|\bparagraf(?:fen|fer|ferne)?(?=\s+\d)|\bpgf\.?(?=\s*\d))"
    r"|(?P<grouped>\b\d{1,3}(?:\.\d{3})+(?![\d.,]*\d))"
    r"|(?P<word>[^\W_]+)(?P<suffix>'(?:s|en|ens|er|ers|erne|ernes|et|ets)?(?!\w))?"
)
# Letters follow a section number after a space, but "i" there is nearly always the preposition:
# "§ 5 i loven" is § 5, while "§ 5 i, stk. 2" is § 5 i.
_SECTION = re.compile(r"\s*(\d+)(?:\s?([a-hj-zæø])(?![^\W_])|(i)(?![^\W_])| (i)(?=[,.;)]|\s*$))?")
_ANOTHER_SECTION = re.compile(r"\s*(?:,|-|og|eller|samt)\s*(?=\d)")


def fold(text: str) -> str:
    """`text` in NFC and lower case, without soft hyphens and zero-width characters.

    Full-width letters and digits, special spaces, dashes and apostrophes become the plain ones.
    Offsets into the result are not offsets into `text`.
    """
    return unicodedata.normalize("NFC", text.translate(_FOLD)).lower()


def words(text: str) -> list[str]:
    """The words of `text` in order, folded; "§ 113 b" is one word, `§113b`.

    A section sign before an enumeration counts for every number in it ("§§ 10 og 13 a" gives
    `§10`, `§13a`), "paragraf 9" is written as "§ 9", and "10.000" is `10000`.
    """
    folded = fold(text)
    found: list[str] = []
    position = 0
    while match := _TOKEN.search(folded, position):
        position = match.end()
        if match["sections"]:
            position = _read_sections(folded, position, found)
        elif match["grouped"]:
            found.append(match["grouped"].replace(".", ""))
        else:
            found.append(match["word"])
    return found


def _read_sections(folded: str, position: int, found: list[str]) -> int:
    """Append the section numbers that stand at `position`; the position after the last."""
    if folded.startswith("§", position):
        position += 1
    plural = folded[position - 2 : position] == "§§"
    while number := _SECTION.match(folded, position):
        found.append("§" + "".join(part for part in number.groups() if part))
        position = number.end()
        another = _ANOTHER_SECTION.match(folded, position) if plural else None
        if another is None:
            break
        position = another.end()
    return position
