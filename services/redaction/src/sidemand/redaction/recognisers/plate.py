"""Registration plates of Danish vehicles.

Source: bekendtgørelse om registrering af køretøjer: two letters, two and three digits; the
tax authority's groups are `AB 12 345`.

Found: `CX 40 913`, `AZ28617`, `AW41 907`, `KZ 2O 9l7`, small ones with a gap (`ap 90 225`,
`dx 31-775`).
Left alone: `LBK 433`, `på 10 000 kr.`, `BO 13.920 kr.` (what the citizen pays),
`af 12 345 borgere`, `EU 2016/679`, `nr 12 345`.
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.digits import CLOSE, DIGIT, counts_something, first, near_digits
from sidemand.redaction.spans import Certainty, Kind, Span

_D = DIGIT
_SIGN = r"[\w\-]"
_CAPITALS = re.compile(
    first("[A-ZÆØÅ]", _SIGN) + rf"[A-ZÆØÅ][ \-]?{_D}{{2}}[ .\-]?{_D}{{3}}(?![\w\-])"
)
_LOWER = re.compile(first("[a-z]", _SIGN) + r"[a-z](?: ?\d{2}[ \-]\d{3}| \d{5})(?![\w\-]|[.,]\d)")
_WORDS = frozenset(
    "ad af at bl ca da de du ej en er et fx få gå ha he ho hr ih ii in ja jo kl km kr le li lo mm "
    "nr nu ny og om op os pr på så se sg sk st så ti to ud ve vi".split()
)


def find(text: str) -> Iterator[Span]:
    """Every plate in the normalised `text`."""
    for match in near_digits(_CAPITALS, text, least=3, reach=CLOSE):
        amount = "." in match.group() and counts_something(text, *match.span())
        if sum(c.isdigit() for c in match.group()) >= 3 and not amount:
            yield Span(match.start(), match.end(), Kind.PLATE, Certainty.IDENTIFIER)
    for match in near_digits(_LOWER, text, least=5, reach=CLOSE):
        if match.group()[:2] not in _WORDS and not counts_something(text, *match.span()):
            yield Span(match.start(), match.end(), Kind.PLATE, Certainty.IDENTIFIER)
