"""CVR and SE numbers of companies, and P-numbers of their production units.

Source: Erhvervsstyrelsen. CVR: eight digits, weights 2 7 6 5 4 3 2 1, sum divisible by 11.
A P-number has ten digits and no check digit that is published. A one-man company's number is
its owner's personal data.

Found: `CVR 31 77 05 18`, `cvr-nr. 40219937`, `DK41077238`, `SE-nr. 11 80 42 95`, `18.30.77.42`
behind the word, `P-nr. 1024881906`, `produktionsenhed 1.027.446.190`; eight bare digits that
begin with 1, which no phone number does, if the checksum holds.
Left alone: `12.345.678 kr.`, eight digits without the word (they are found as a phone number).
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.cues import Cue
from sidemand.redaction.recognisers.digits import (
    CLOSE,
    DIGIT,
    counts_something,
    digits,
    first,
    mostly_digits,
    numbers,
)
from sidemand.redaction.spans import Certainty, Kind, Span

_D = DIGIT
_LABEL = r"(?:cvr|se|vat|moms)(?:[\-/ ]?(?:cvr|se))?[\-. ]{0,2}(?:nr|nummer|no)?[.:]{0,2}"
_CVR = re.compile(
    rf"(?<![^\W_]){_LABEL}[ ,(\n]{{0,3}}(?P<number>(?:DK[ \-]?)?{_D}(?:[ .\-]?{_D}){{7}})(?!\d)",
    re.IGNORECASE,
)
_COMPANY = Cue("(?:cvr|se|vat|moms)")
_WITH_COUNTRY = re.compile("(?P<number>" + first("D", r"\w") + rf"K[ \-]?{_D}{{8}})(?!\w)")
_P_NUMBER = re.compile(
    r"(?<![^\W_])(?:p-?(?:nr|nummer)|produktionsenhed(?:en)?(?:snummer|snr)?|p-enhed)"
    r"[.:]{0,2} {0,2}"
    rf"(?P<number>{_D}(?:[ .]?{_D}){{9}})(?!\d)",
    re.IGNORECASE,
)
_UNIT = Cue("p$|pnr|pnummer|produktionsenhed")
_BARE = re.compile("(?P<number>" + first("1", r"[\w.,\-/]") + r"\d(?: ?\d\d){3})(?![\w\-/])(?!,\d)")
_WEIGHTS = (2, 7, 6, 5, 4, 3, 2, 1)


def find(text: str) -> Iterator[Span]:
    """Every number of a company in the normalised `text`."""
    labelled = ((_COMPANY, _CVR, Kind.CVR), (_UNIT, _P_NUMBER, Kind.PRODUCTION_UNIT))
    for cue, pattern, kind in labelled:
        for match in cue.matches(pattern, text):
            if mostly_digits(match.group()):
                yield Span(*match.span("number"), kind, Certainty.IDENTIFIER)
    for match in numbers(_WITH_COUNTRY, text, least=4, reach=CLOSE):
        yield Span(*match.span("number"), Kind.CVR, Certainty.IDENTIFIER)
    for match in numbers(_BARE, text, least=8, reach=CLOSE):
        if is_cvr(digits(match.group())) and not counts_something(text, *match.span()):
            yield Span(*match.span("number"), Kind.CVR, Certainty.IDENTIFIER)


def is_cvr(number: str) -> bool:
    """Whether eight digits have a valid check digit."""
    return sum(int(d) * w for d, w in zip(number, _WEIGHTS, strict=True)) % 11 == 0
