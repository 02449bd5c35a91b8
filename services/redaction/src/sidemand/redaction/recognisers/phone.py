"""Phone numbers: Danish ones in all groupings, and international ones with their country code.

Source: the Danish numbering plan (Digitaliseringsstyrelsen): eight digits, no area codes, the
first from 2 to 9; ITU E.164 for numbers that begin with `+` or `00`.

Found: `20551378`, `20 55 13 78`, `20.55.13.78`, `2055-1378`, `2 0 5 5 1 3 7 8`, `52 618 077`,
`+45 4088 1302`, `(+45) 60 17 24 59`, `0045 21667730`, `+380 67 55 01 283`, `2O 4l 77 36`.
Left alone: `25.04.2014`, `2024-2025`, `kl. 20.15-21.30`, `52.618.077 kr.`, `kr. 20 551 378`.
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.digits import CLOSE, DIGIT, counts_something, first, numbers
from sidemand.redaction.spans import Certainty, Kind, Span

_D = DIGIT
_SEP = r"[ .\-]"
_DANISH = re.compile(
    first("[2-9]", r"[\w/,]", r"[\d§][.\-]") + rf"(?:{_SEP}{{0,3}}(?:{_D}{_SEP}{{0,3}}){{6}}{_D})"
    r"(?![\w/])(?![.,\-]\d)(?! ?[.\-] ?\d)"
)
_INTERNATIONAL = re.compile(
    rf"(?<![\w+])\(?(?:\+|00 ?)\(?[1-9]\d{{0,2}}\)?(?:{_SEP}{{0,3}}\(?{_D}\)?){{6,12}}"
    r"(?!\d|(?<=[OoIl])\w)"
)
_PERIOD_OF_YEARS = re.compile(r"(?:19|20)\d\d ?[- ] ?(?:19|20)\d\d$")
_OPENING_HOURS = re.compile(r"[012]?\d\.[0-5]\d ?- ?[012]?\d\.[0-5]\d$")
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+$")
_DATE = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d$|[0-3]?\d[.\-] ?[01]?\d[.\-] ?(?:19|20)\d\d$")
_TWO_DATES = re.compile(r"[0-3]?\d\.[01]?\d\.? ?- ?[0-3]?\d\.[01]?\d\.?$")


def find(text: str) -> Iterator[Span]:
    """Every phone number in the normalised `text`."""
    for match in numbers(_INTERNATIONAL, text, least=4, reach=CLOSE):
        yield Span(match.start(), match.end(), Kind.PHONE, Certainty.IDENTIFIER)
    for match in numbers(_DANISH, text, least=4, reach=CLOSE):
        if not _is_something_else(match.group()) and not counts_something(text, *match.span()):
            yield Span(match.start(), match.end(), Kind.PHONE, Certainty.IDENTIFIER)


def _is_something_else(written: str) -> bool:
    patterns = (_PERIOD_OF_YEARS, _OPENING_HOURS, _THOUSANDS, _DATE, _TWO_DATES)
    return any(pattern.match(written) for pattern in patterns)
