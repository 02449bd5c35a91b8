"""CPR numbers: six digits of a date, four more, in every written form.

Source: CPR-kontoret, "Personnummeret i CPR-systemet". Days 61 to 91 are replacement numbers
(erstatningspersonnumre). Modulus 11 has not been kept since 2007, so it is not asked for.

Found: `740344-1237`, `7403441237`, `74 03 44 12 37`, `74.03.44-1237`, `74/03/44 - 1237`, over a
line break or table cell, with O for 0 or l for 1, glued to letters or underscores
(`cpr_7403441237`, `urn:oio:cpr-nr:7403441237`), with letters or x for the last four
(`740344-XXXX`), whatever six digits and four digits stand on either side of a hyphen, and
halves: six digits that are a date (`740344`), four behind words such as "de sidste fire".
Left alone: `01.01.2024-31.12.2024` (dates), `2024-2025`, `20 25 30 40` (a phone number),
ten digits in a row that are no date (they are found as a number).
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.digits import DIGIT, counts_something, digits, numbers
from sidemand.redaction.spans import Certainty, Kind, Span

_D = DIGIT
_BETWEEN = r"[ .\-/·|_]{0,8}(?:\n[ >|]{0,6})?[ .\-/·|_]{0,4}"
# What people say between the date and the last four.
_WORDS_BETWEEN = (
    r"[^\w\n]{0,6}\n?[^\w\n]{0,6}(?:(?:og|så|derefter|efterfulgt|af|de|sidste|fire|cifre|er|løbenummer"
    r"|løbenr|nummer|nr)[^\w\n]{1,3}){0,6}"
)
_WHOLE = re.compile(
    rf"(?<![0-9])(?<![0-9][.,]){_D}{{2}}[ .\-/\n]?{_D}{{2}}[ .\-/\n]?{_D}{{2}}"
    rf"(?:{_BETWEEN}|: ?){_D}{{2}}[ .]?{_D}{{2}}(?![0-9]|[.,]\d)"
)
_SPACED = re.compile(
    rf"(?<![0-9+])(?<![0-9][.,]){_D}(?:[ .\-/]{{0,3}}\n?{_D}){{9}}(?![0-9]|[.,]\d)"
)
_FULL_YEAR = re.compile(
    rf"(?<![0-9]){_D}{{2}}[ .\-/]?{_D}{{2}}[ .\-/]?(?:19|20){_D}{{2}} ?[\-/ ] ?{_D}{{4}}"
    r"(?![0-9]|[.,]\d)"
)
_APART = re.compile(rf"(?<![\w.,]){_D}{{6}}{_WORDS_BETWEEN}{_D}{{4}}(?![\w]|[.,]\d)")
_SCANNED = re.compile(r"(?<!\w)[0-9OoDQIl|!ZzSsbGBgq]{6} ?- ?\n?[0-9OoDQIl|!ZzSsbGBgq]{4}(?!\w)")
_SHAPE = re.compile(rf"(?<![0-9\-]){_D}{{6}} ?- ?\n?{_D}{{4}}(?![0-9\-])")
_HIDDEN_SERIAL = re.compile(rf"(?<![0-9]){_D}{{6}} ?- ?(?:[xX*]{{4}}|[A-ZÆØÅ]{{3}}\d)(?!\w)")
_DATE_PART = re.compile(
    r"(?<![\w.,/\-])(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])(?:0[1-9]|1[0-2])\d\d"
    r"(?![\w/]|[.,]\d| ?kr)"
)
_SERIAL_PART = re.compile(
    r"(?:(?:cifre(?:ne)?|fire|slutter (?:på|med)|ender (?:på|med)|løbenr\.?|løbenummer(?:et)?"
    r"|endelsen)"
    r"(?: (?:er|på|i cpr(?:-nr)?))?:? ?|[xX*•]{2,6} ?- ?"
    rf"|(?<=[ (])-)(?P<serial>{_D}{{2}}[ ,.\-]?{_D}{{2}})(?![\w,.]\d|\w)",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Span]:
    """Every CPR number in the normalised `text`."""
    for match in (*numbers(_WHOLE, text), *numbers(_SPACED, text)):
        if is_cpr(digits(match.group())) and not _is_dates(match.group()):
            yield _span(match)
    for match in numbers(_APART, text):
        is_other = counts_something(text, match.end() - 4, match.end())
        if is_cpr(digits(match.group()[:6]) + "0000") and not is_other:
            yield _span(match)
    for match in _SCANNED.finditer(text):
        if sum(character.isdigit() for character in match.group()) >= 6:
            yield _span(match)
    for match in numbers(_SERIAL_PART, text):
        yield Span(*match.span("serial"), Kind.CPR, Certainty.IDENTIFIER)
    for pattern in (_FULL_YEAR, _SHAPE, _HIDDEN_SERIAL, _DATE_PART):
        yield from map(_span, numbers(pattern, text))


def is_cpr(number: str) -> bool:
    """Whether ten digits begin with a day (or replacement day) and a month."""
    day, month = int(number[:2]), int(number[2:4])
    return (1 <= day <= 31 or 61 <= day <= 91) and 1 <= month <= 12


def _is_dates(written: str) -> bool:
    """`01.03.24-30.04` is a period, `01.03.2024 12` a date with what follows it."""
    return bool(_DATES.match(written))


_DATES = re.compile(
    r"\d\d\.\d\d\.\d\d ?- ?\d\d\.\d\d$"
    r"|\d\d([.\-/])\d\d\1(?:19|20)\d\d\b"
    r"|\d\d\.\d\d\.\d\d [012]\d\.[0-5]\d$"
)


def _span(match: re.Match[str]) -> Span:
    return Span(match.start(), match.end(), Kind.CPR, Certainty.IDENTIFIER)
