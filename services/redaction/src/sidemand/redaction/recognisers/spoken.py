"""Numbers in words, as they are dictated or transcribed.

Source: Danish numerals; phone and CPR numbers are read aloud in pairs.

Found: `toogtres nitten nul fem enogfirs`, `nul syv nul fem ni og tredive`, `enogtredive elleve
sytten`, `to-seks-fire-fire-1-0-9-8`, `fem nul, seks seks, en to, ni fire`, `nul en nul et firs`,
`nul første i første firs, tolv syvogtredve`, `syvfirenultrefirefire`, `740344 streg tolv 37`.
Left alone: `to, tre eller fire uger`, `en, to, tre`, `nitten hundrede treogtres`,
`første, anden og tredje række`.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from sidemand.redaction.recognisers.cues import Cue
from sidemand.redaction.spans import Certainty, Kind, Span

_ONES = "en|et|to|tre|fire|fem|seks|syv|otte|ni"
_TENS = "tyve|tredi?ve|fyrre|(?:halvtreds|tres|halvfjerds|firs|halvfems)(?:indstyve)?"
_BIG = (
    "(?:nul|ti|elleve|tolv|tretten|fjorten|femten|seksten|sytten|atten|nitten"
    f"|(?:(?:{_ONES})[ -]?og[ -]?)?(?:{_TENS}))"
)
_TEN_FOLLOWS = "(?:[ -]?og[ -]?(?:tyve|tredi?ve|fyrre|halv|tres|firs))"
_DATED = (
    "første|anden|tredje|fjerde|femte|sjette|syvende|ottende|niende|tiende|ellevte|tolvte"
    "|januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december"
)
_ATOM = f"(?:{_BIG}|(?:{_ONES})(?!{_TEN_FOLLOWS}))"
_WORD = (
    f"(?:{_ATOM}(?:(?:hundrede(?:og)?)?{_ATOM}){{0,9}}|{_DATED}|streg|bindestreg|skråstreg|minus"
    "|\\d{1,4}|\\d{6})"
)
_GAP = r"(?:[ ,.\-…]{1,3}|, og så | og så | i )"
_RUN = re.compile(rf"(?<![^\W_]){_WORD}(?:{_GAP}{_WORD}){{0,14}}(?![^\W_])", re.IGNORECASE)
_PIECES = re.compile(rf"(?:{_DATED})\b|{_ATOM}|hundrede(?:og)?|\w+", re.IGNORECASE)
_IS_BIG = re.compile(_BIG, re.IGNORECASE)
_IS_DATED = re.compile(_DATED, re.IGNORECASE)
_COUNTS = re.compile(r" ?(?:hundrede|tusind|kr|kroner|år|uger|dage|gange|timer|måneder|eller)\b")
_PAUSE = 60
"""Characters after which a number that was read aloud does not go on."""
_SHORTEST = 4
"""Characters of two words, one of which is no digit."""
_TELLING = re.compile(
    r"(?:nummer|nr\.?|tlf\.?|cpr|cifre|sidste(?: fire)?(?: er)?|telefon:?|slutter på)[^.\n]{0,20}$",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Span]:
    """Every number of six digits or more that is written in words in the normalised `text`."""
    end_of_last = -_PAUSE
    for start, end in _around_spelled(text):
        for run in _runs(text, start, end):
            written = run.group()
            if written.isdigit() or len(written) < _SHORTEST:
                continue
            words = _PIECES.findall(written)
            if len(words) < 2 or not any(map(_is_spelled, words)):
                continue
            told = run.start() - end_of_last < _PAUSE or bool(
                _TELLING.search(text, max(0, run.start() - 40), run.start())
            )
            if _is_number(words, told=told) and not _COUNTS.match(text, run.end()):
                end_of_last = run.end()
                yield Span(run.start(), run.end(), Kind.NUMBER, Certainty.IDENTIFIER)


def _runs(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Numbers, names of months and strokes that follow each other, from `start` to `end`."""
    places = _BEGINS.places(text)
    for place in places[bisect_left(places, start) : bisect_left(places, end)]:
        run = _RUN.match(text, place, end) if place >= start else None
        if run:
            start = run.end()
            yield run


def _around_spelled(text: str) -> list[tuple[int, int]]:
    """Stretches with at least two numbers in words; "en" is an article, mostly."""
    stretches: list[tuple[int, int, int]] = []
    for place in _SPELLED.places(text):
        start, end, count = max(0, place - _PAUSE), place + 2 * _PAUSE, 1
        if stretches and start <= stretches[-1][1]:
            start, _, before = stretches.pop()
            count += before
        stretches.append((start, end, count))
    return [
        (start, end)
        for start, end, count in stretches
        if count > 1 or _ALONE.search(text, start, end)
    ]


# Digits that were written in one, and a number that was dictated beside digits.
_ALONE = re.compile(r"\d[ ,]|[^\W\d_]{16}")
_BEGINS = Cue(_WORD)
_SPELLED = Cue(rf"(?!(?:en|et)$)(?:{_WORD})+$|streg|bindestreg|skråstreg|minus")


def _is_spelled(word: str) -> bool:
    """Whether `word` is more than digits and names of months, which make up ordinary dates."""
    return not word.isdigit() and word.lower() != "i" and not _IS_DATED.fullmatch(word)


def _is_number(words: Sequence[str], *, told: bool) -> bool:
    """Whether `words`, some of them zero or above nine, are read out as digits."""
    big = sum(bool(_IS_BIG.fullmatch(word)) for word in words)
    if told:
        return big > 0 or len(words) >= 4
    if len(words[0]) == 6 and words[0].isdigit():
        return big > 0 or words[1].endswith(("streg", "minus"))
    small = sum(not _IS_DATED.fullmatch(word) for word in words)
    return (len(words) >= 3 and big >= 2) or small >= 6
