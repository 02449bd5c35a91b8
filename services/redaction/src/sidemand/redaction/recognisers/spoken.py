"""Numbers in words, as they are dictated or transcribed.

Source: Danish numerals; phone and CPR numbers are read aloud in pairs.

Found: `toogtres nitten nul fem enogfirs`, `nul syv nul fem ni og tredive`, `enogtredive elleve
sytten`, `to-seks-fire-fire-1-0-9-8`, `fem nul, seks seks, en to, ni fire`.
Left alone: `to, tre eller fire uger`, `en, to, tre`, `nitten hundrede treogtres`.
"""

import re
from collections.abc import Iterator

from sidemand.redaction.spans import Certainty, Kind, Span

_SMALL = "en et to tre fire fem seks syv otte ni"
_ONES = "en to tre fire fem seks syv otte ni".split()
_BIG = (
    "(?:nul|ti|elleve|tolv|tretten|fjorten|femten|seksten|sytten|atten|nitten|(?:(?:"
    + "|".join(_ONES)
    + ") ?og ?)?(?:tyve|tredive|fyrre|halvtreds|tres|halvfjerds|firs|halvfems))"
)
_TEN_FOLLOWS = "(?: ?og ?(?:tyve|tredive|fyrre|halv|tres|firs))"
_WORD = (
    f"(?:{_BIG}|(?:{'|'.join(_SMALL.split())})(?!{_TEN_FOLLOWS})|streg|bindestreg|skråstreg"
    "|\\d{1,4})"
)
_GAP = r"(?:[ ,.\-…]{1,3}|, og så | og så )"
_RUN = re.compile(rf"(?<!\w){_WORD}(?:{_GAP}{_WORD}){{1,14}}(?!\w)", re.IGNORECASE)
_WORDS = re.compile(rf"{_BIG}|\w+", re.IGNORECASE)
_BIG_WORD = re.compile(_BIG, re.IGNORECASE)
_COUNTS = re.compile(r" ?(?:hundrede|tusind|kr|kroner|år|uger|dage|gange|timer|måneder|eller)\b")
_TELLING = re.compile(
    r"(?:nummer|nr\.?|tlf\.?|cpr|cifre|sidste(?: fire)?(?: er)?|telefon:?|slutter på)[^.\n]{0,20}$",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Span]:
    """Every number of six digits or more that is written in words in the normalised `text`."""
    for run in _RUN.finditer(text):
        words = _WORDS.findall(run.group())
        big = sum(bool(_BIG_WORD.fullmatch(word)) for word in words)
        spelled = sum(not word.isdigit() for word in words)
        told = bool(_TELLING.search(text[max(0, run.start() - 40) : run.start()]))
        if (
            spelled
            and _is_number(big, len(words), told=told)
            and not _COUNTS.match(text, run.end())
        ):
            yield Span(run.start(), run.end(), Kind.NUMBER, Certainty.IDENTIFIER)


def _is_number(big: int, words: int, *, told: bool) -> bool:
    """Whether so many words, `big` of them zero or above nine, are read out as digits."""
    if told:
        return words >= 2
    return (words >= 3 and big >= 2) or words >= 6
