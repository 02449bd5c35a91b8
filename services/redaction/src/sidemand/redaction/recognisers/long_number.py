"""Long numbers that no other recogniser knows: masked first, judged never.

A mistyped CPR number, a foreign identity number or an invoice number may lead to a person, so
seven digits or more are masked whatever they are, unless they count money or a measure.

Found: `81022907718`, `9104773`, `4500217788`, `865114030927743`, `118 407 3302`.
Left alone: `1.250.000 kr.`, `12.345.678`, `2024`, `EAN 5798004412006` (an office).
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.digits import (
    CLOSE,
    DIGIT,
    counts_something,
    first,
    near_digits,
    numbers,
)
from sidemand.redaction.spans import Certainty, Kind, Span

_D = DIGIT
_RUN = re.compile(first(r"\d", r"[\d.,]", "EAN ", r"EAN-nr\. ") + rf"{_D}{{5,28}}\d(?![.,]?\d)")
_GROUPS = re.compile(first(r"\d", r"[\w.,\-/]") + r"\d{1,4}(?:[ \-]\d{2,5}){2,5}(?![\w.,\-/])")
_DATES_OR_YEARS = re.compile(
    r"\d\d?[ \-]\d\d?[ \-](?:19|20)\d\d$|(?:19|20)\d\d[ \-](?:\d\d[ \-]\d\d|(?:19|20)\d\d)$"
)


def find(text: str) -> Iterator[Span]:
    """Every long number in the normalised `text`."""
    for match in numbers(_RUN, text, least=4, reach=CLOSE):
        if not counts_something(text, *match.span()):
            yield Span(match.start(), match.end(), Kind.NUMBER, Certainty.IDENTIFIER)
    for match in near_digits(_GROUPS, text, least=8, reach=CLOSE):
        count = sum(c.isdigit() for c in match.group())
        if (
            count >= 8
            and not _DATES_OR_YEARS.match(match.group())
            and not counts_something(text, *match.span())
        ):
            yield Span(match.start(), match.end(), Kind.NUMBER, Certainty.IDENTIFIER)
