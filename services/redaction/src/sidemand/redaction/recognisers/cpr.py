"""CPR numbers: six digits of a date, four more, in every written form.

Source: CPR-kontoret, "Personnummeret i CPR-systemet". Days 61 to 91 are replacement numbers
(erstatningspersonnumre). Modulus 11 has not been kept since 2007, so it is not asked for.

Found: `740344-1237`, `7403441237`, `74 03 44 12 37`, `74.03.44-1237`, `74/03/44 - 1237`, over a
line break or table cell, digit by digit, with O for 0 or l for 1, glued to letters or underscores
(`cpr_7403441237`, `urn:oio:cpr-nr:7403441237`), between markup (`740344&ndash;1237`), with the
date in words (`74. marts 1944-1237`), with a digit too many or too few (`740344-123`), with
letters or x for the last four (`740344-XXXX`), whatever six digits and four digits stand on
either side of a hyphen, and halves: six digits that are a date (`740344`), four behind words
such as "de sidste fire". A digit or bar that stands before a number hides nothing of it.
Left alone: `01.01.2024-31.12.2024` (dates), `2024-2025`, `20 25 30 40` (a phone number),
`10, 12, 13, 14, 15`, `3. marts 2026, 4796 Storådal`; ten digits in a
row that are no date (they are found as a number).
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.digits import (
    CLOSE,
    DIGIT,
    counts_something,
    digits,
    first,
    from_every_start,
    mostly_digits,
    near_digits,
    numbers,
)
from sidemand.redaction.spans import Certainty, Kind, Span

_D = DIGIT
_NUMBER = (r"[0-9]", r"[0-9][.,]")
"""What a number does not begin behind: the rest of it."""
# Signs, markup, entities and escapes that stand between digits when text was exported.
_MARKUP = (
    r"(?:</?\w{1,6}(?: [^<>\n]{0,40})?/?>|&(?:amp;)?#?\w{1,6};|[%=][0-9A-Fa-f]{2}"
    r"|\\(?:u[0-9A-Fa-f]{4}|[nrt])|[^\w\n<&]|_)"
)
# What people say between the date and the last four.
_SAID_BETWEEN = (
    r"(?:(?:og|så|derefter|efterfulgt|af|de|med|sidste|fire|4|cifre|er|løbenummer|løbenr|nummer|nr"
    r"|endelse|endelsen|kontrolcifre|kontrolnummer|streg|bindestreg|minus|dash)[^\w\n]{1,3}){0,6}"
)
_JOINT = rf"{_MARKUP}{{0,12}}(?:\n{{1,2}}{_MARKUP}{{0,12}})?{_SAID_BETWEEN}"
"""All that may stand between the date and the last four, however these are written."""
_SIGN = rf"(?:{_MARKUP}{{0,4}}\n?)"
"""What may stand between the pairs or digits of either: between all of them the same."""
_LETTER = "OoDQIl!SBZ"
_R = rf"(?:[0-9{_LETTER}]|\|(?! ?[0-9{_LETTER}] ?\|))"
"""A digit, or what scanners read for one; no line between cells of one digit each."""
_FIRST = first(f"[0-9{_LETTER}|]", *_NUMBER)
_DATE = (
    rf"{_R}(?P<cut>{_SIGN}){_R}{{2}}(?P=cut){_R}{{2}}"
    rf"|(?P<each>{_SIGN}){_R}(?:(?P=each){_R}){{4}}"
)
_SERIAL = rf"{_R}{{2}}{_SIGN}{_R}{{2}}|{_R}(?P<apart>{_SIGN}){_R}(?:(?P=apart){_R}){{2}}"
_COMPOSED = re.compile(
    rf"(?P<date>{_FIRST}(?:{_DATE}))(?P<joint>{_JOINT})(?P<serial>{_SERIAL})(?![0-9]|[.,]\d)"
)
_SPACED = re.compile(
    first(_D, "[0-9+]", "[0-9][.,]") + rf"(?:[ .\-/]{{0,3}}\n?{_D}){{9}}(?![0-9]|[.,]\d)"
)
_MONTH = "jan|feb|mar|apr|maj|jun|jul|aug|sep|okt|nov|dec"
_WRITTEN_DATE = re.compile(
    first(r"\d", *_NUMBER) + rf"\d?(?:\.? ?(?:{_MONTH})[a-z]{{0,6}}\.?|[./\-] ?\d{{1,2}}\.?)"
    r"(?: ?[./\-] ?| )(?:19|20)?\d\d(?P<joint> ?[\-/] ?|, ?| )"
    r"(?P<serial>\d{4})(?!\d|[.,:]\d)",
    re.IGNORECASE,
)
_FULL_YEAR = re.compile(
    rf"(?<![0-9])(?:{_D}{{2}}[ .\-/]?{_D}{{2}}[ .\-/]?(?:19|20){_D}{{2}}"
    rf"|(?:19|20)\d\d[ .\-/]?\d\d[ .\-/]?\d\d) ?[\-/ ] ?{_D}{{4}}(?![0-9]|[.,]\d)"
)
_READ = "[0-9OoDQIl|!ZzSsbGBgqAT]"
_PAIR = rf"(?:\d{_READ}|{_READ}\d)"
_SCANNED = re.compile(
    rf"(?<!\w)(?:{_READ}{{6}} ?- ?\n?{_READ}{{4}}"
    rf"|{_PAIR}[ .]?{_PAIR}[ .]?{_PAIR} ?[\- ] ?\n?{_PAIR} ?{_PAIR})(?!\w)"
)
_SHAPE = re.compile(first(_D, r"[0-9\-]") + rf"{_D}{{5}} ?- ?\n?{_D}{{4}}(?![0-9\-])")
# A digit too many or too few is somebody's number all the same.
_MISTYPED = re.compile(
    first(r"\d", r"[\w\-.,/]") + r"(?:\d{5}(?:-\d{3}|[ \-]\d{5})|(?:\d{4}|\d{6})-\d{4})"
    r"(?![\w\-/]|[.,]\d)"
)
# Hidden digits, letters of replacement numbers, and the check letter of Finnish ones.
_HIDDEN_SERIAL = re.compile(
    first(_D, "[0-9]")
    + rf"{_D}{{5}}(?: ?- ?(?:[xX*?_.]{{4}}|[0-9xX*]{{4}}|[A-ZÆØÅ0-9]{{4}})|[xX*]{{4}}"
    r"|[A+]\d{3}[0-9A-Z])(?!\w)"
)
_DATE_PART = re.compile(
    r"(?<![\w.,/\-])(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])(?:0[1-9]|1[0-2])\d\d"
    r"(?![\w/]|[.,]\d| ?kr)"
)
_SHAPES = ((_FULL_YEAR, 6), (_SHAPE, 5), (_MISTYPED, 9), (_HIDDEN_SERIAL, 3), (_DATE_PART, 6))
"""Each with the real digits that a match has at least: half of those that may be misread."""
# Digits are rarer than words: halves are looked for first, then what stands before them.
_SERIAL_PART = re.compile(
    rf"(?<=[xX*•.?:, \-])(?P<serial>{_D}{{2}}[ ,.\-]{{0,2}}{_D}{{2}})(?![,.]?\d)"
    r"|[xX*]{6}(?P<glued>\d{4})(?!\d)"
)
_TELLS_SERIAL = re.compile(
    r"(?:(?:cifre(?:ne)?|(?<![^\W_])(?:tal|fire)|(?:fire|4) sidste|sidste 4"
    r"|(?:slutter|ender) (?:på|med)|løbenr\.?|løbenummer(?:et)?|endelse(?:n)?)"
    r"(?: (?:er|på|i cpr(?:-nr)?|cifre|tal|så))*[:,]? ?|(?<![xX*•.?])[xX*•.?]{2,6} ?- ?"
    r"|ddmmåå ?- ?|[ (]-)$",
    re.IGNORECASE,
)
_WORDS_OF_A_SERIAL = ("cifre", "tal", "fire", "sidste", "slutter", "ender", "løben", "endelse")
"""One of which stands in whatever `_TELLS_SERIAL` matches, unless a hyphen ends it."""
_DATE_HALF = re.compile(
    r"(?<=[ :])\d{2}[ .,/\-]{0,2}\d{2}[ .,/\-]{0,2}\d{2}(?!\w)",
)
_TELLS_DATE = re.compile(
    r"(?:(?:nummer|nr|cpr)\S{0,4} (?:begynder|starter) (?:med|på)|fødselsdelen"
    r"|første (?:seks|6)(?: cifre)?)(?: er)?:? $",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Span]:
    """Every CPR number in the normalised `text`."""
    for match in from_every_start(_SPACED, text, least=5, reach=CLOSE):
        written = match.group()
        if mostly_digits(written) and is_cpr(digits(written)) and not _is_dates(written):
            yield _span(match)
    yield from _composed(text)
    yield from _scanned(text)
    yield from _halves(text)
    yield from _written_dates(text)
    for pattern, least in _SHAPES:
        yield from map(_span, numbers(pattern, text, least=least, reach=CLOSE))


def _composed(text: str) -> Iterator[Span]:
    """A date, a joint and four more, each in a way of its own; no day with its hour or sum."""
    for match in from_every_start(_COMPOSED, text, least=6):
        sign = match["cut"] or match["each"] or ""
        written = match["date"].replace(sign, "") + match["serial"]
        if sum(c.isdigit() for c in written) < 6 or not is_cpr(_as_read(written)):
            continue
        typed_as_date = match["cut"] and _TYPED_AS_DATE.fullmatch(sign + match["joint"])
        is_hour = typed_as_date and _HOUR.match(match["serial"])
        is_sum = typed_as_date and counts_something(text, *match.span("serial"))
        if not (is_hour or is_sum or _is_dates(match.group())):
            yield _span(match)


def _as_read(written: str) -> str:
    """The ten digits of `written`; letters that scanners read for digits count."""
    return "".join(c for c in written.translate(_LETTERS_READ) if "0" <= c <= "9")


def _scanned(text: str) -> Iterator[Span]:
    """Numbers with letters that scanners read for digits; more digits where no hyphen is."""
    for match in near_digits(_SCANNED, text, least=6, reach=CLOSE):
        if sum(c.isdigit() for c in match.group()) >= (6 if "-" in match.group() else 8):
            yield _span(match)


def _halves(text: str) -> Iterator[Span]:
    """The last four, or the date, behind what tells of them."""
    for match in numbers(_SERIAL_PART, text, least=2, reach=CLOSE):
        start, end = match.span(match.lastgroup or 0)
        if match["glued"] or _is_told(text, start):
            yield Span(start, end, Kind.CPR, Certainty.IDENTIFIER)
    for match in near_digits(_DATE_HALF, text, least=6, reach=CLOSE):
        if _TELLS_DATE.search(text, max(0, match.start() - 50), match.start()):
            yield _span(match)


def _is_told(text: str, start: int) -> bool:
    """Whether something before `start` tells that the last four of a number begin there."""
    begin = max(0, start - 50)
    before = text[begin:start].lower()
    may_tell = "-" in before[-2:] or any(word in before for word in _WORDS_OF_A_SERIAL)
    return may_tell and bool(_TELLS_SERIAL.search(text, begin, start))


def _written_dates(text: str) -> Iterator[Span]:
    """A date in words or with strokes, four more digits behind it that are no year or hour."""
    for match in near_digits(_WRITTEN_DATE, text, least=6, reach=CLOSE):
        joint = match["joint"].strip()
        year_or_town = _YEAR_OR_TOWN.match(text, match.start("serial"))
        if joint in {"-", "/"} or (joint and not year_or_town):
            yield _span(match)


def is_cpr(number: str) -> bool:
    """Whether ten digits begin with a day (or replacement day) and a month."""
    day, month = int(number[:2]), int(number[2:4])
    return (1 <= day <= 31 or 61 <= day <= 91) and 1 <= month <= 12


def _is_dates(written: str) -> bool:
    """`01.03.24-30.04` is a period, `01.03.2024 12` a date with what follows, `10, 12 …` a list."""
    return bool(_DATES.match(written))


_LETTERS_READ = str.maketrans("OoDQIl|!SBZ", "00001111582")
_TYPED_AS_DATE = re.compile(r" ?[.\-/] ?[ ,;:|(\n]{0,4}")
"""Sign of a date, and what may stand before its hour."""
_HOUR = re.compile(r"(?:[01]\d|2[0-4])[.\-][0-5]\d$")
_YEAR_OR_TOWN = re.compile(r"(?:19|20)\d\d|\d{4} [^\W\d_]{2}")
_DATES = re.compile(
    r"\d\d\.\d\d\.\d\d ?- ?[0-3]\d\.[01]\d$"
    r"|\d\d([.\-/])\d\d\1(?:19|20)\d\d\b"
    r"|\d\d\.\d\d\.\d\d [012]\d\.[0-5]\d$"
    r"|\d\d(?:, \d\d){4}$"
)


def _span(match: re.Match[str]) -> Span:
    return Span(match.start(), match.end(), Kind.CPR, Certainty.IDENTIFIER)
