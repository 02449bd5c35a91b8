"""Registration plates of Danish vehicles.

Source: bekendtgørelse om registrering af køretøjer: two letters, two and three digits; the
tax authority's groups are `AB 12 345`.

Found: `CX 40 913`, `AZ28617`, `AW41 907`, `KZ 2O 9l7`, small ones with a gap (`ap 90 225`,
`dx 31-775`); behind a word for a vehicle also `B 417 KXR`, `HH-AB 123`, `ef 77 18 1`.
Left alone: `LBK 433`, `på 10 000 kr.`, `BO 13.920 kr.` (what the citizen pays),
`af 12 345 borgere`, `EU 2016/679`, `nr 12 345`.
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.cues import Cue
from sidemand.redaction.recognisers.digits import CLOSE, DIGIT, counts_something, first, near_digits
from sidemand.redaction.spans import Certainty, Kind, Span

_D = DIGIT
_SIGN = r"[\w\-]"
_CAPITALS = re.compile(
    first("[A-ZÆØÅ]", _SIGN) + rf"[A-ZÆØÅ][ \-]?{_D}{{2}}[ .\-]?{_D}{{3}}(?![\w\-])"
)
_LOWER = re.compile(first("[a-z]", _SIGN) + r"[a-z](?: ?\d{2}[ \-]\d{3}| \d{5})(?![\w\-]|[.,]\d)")
_ABROAD = re.compile(
    first("[A-ZÆØÅ]", _SIGN)
    + r"[A-ZÆØÅ]{0,2}(?:[ \-]?\d{1,5}[ \-]?[A-Z]{0,3}|-[A-Z]{1,2} ?\d{1,4})(?![\w\-])"
)
_APART = re.compile(
    first("[A-Za-z]", _SIGN) + r" ?[A-Za-z](?:[ .\-]{0,2}\d){4,5}(?![\w\-]|[.,]\d| ?\d)"
)
_MAKES = (
    "opel|skoda|toyota|bmw|audi|vw|volvo|mercedes|ford|kia|peugeot|citroën|fiat|mazda|hyundai"
    "|renault"
)
_OF_A_VEHICLE = re.compile(
    r"\b(?:(?:vare|last|camping|person|trække|træk)?(?:vogn|bil)(?:en|er|erne|s|ens)?"
    r"|(?:nummer)?plade(?:n|r|rne|nummer)?|køretøj(?:et)?|trailer(?:en)?|knallert(?:en)?|bus(?:sen)?"
    rf"|motorcykel|mc|taxa(?:en)?|reg\.? ?nr|{_MAKES})\b[^\n.!?;]{{0,30}}\Z",
    re.IGNORECASE,
)
_VEHICLE = Cue(
    "(?:vare|last|camping|person|træk|trække)?(?:vogn|bil)|(?:nummer)?plade|køretøj|trailer|knallert"
    f"|bus|motorcykel|mc$|taxa|reg$|{_MAKES}"
)
_MAKE_OR_YEAR = re.compile(r"(?:VW|BMW|KIA|MG|SUV)\b|.*(?<!\d)(?:19|20)\d\d$")
_WORDS = frozenset(
    "ad af at bl ca da de du ej en er et fx få gå ha he ho hr ih ii in ja jo kl km kr le li lo mm "
    "nr nu ny og om op os pr på så se sg sk st så ti to ud ve vi".split()
)


def find(text: str) -> Iterator[Span]:
    """Every plate in the normalised `text`."""
    for match in near_digits(_CAPITALS, text, least=3, reach=CLOSE):
        amount = "." in match.group() and counts_something(text, *match.span())
        if sum(c.isdigit() for c in match.group()) >= 3 and not amount:
            yield _span(match)
    for match in near_digits(_LOWER, text, least=5, reach=CLOSE):
        if match.group()[:2] not in _WORDS and not counts_something(text, *match.span()):
            yield _span(match)
    if _VEHICLE.places(text):
        yield from _told(text)


def _told(text: str) -> Iterator[Span]:
    """Plates of other countries, and spread ones, behind a word for a vehicle."""
    for pattern, least in ((_ABROAD, 2), (_APART, 4)):
        for match in near_digits(pattern, text, least=least, reach=CLOSE):
            written = match.group()
            signs = sum(c.isalnum() for c in written)
            if signs < 5 or written[:2] in _WORDS or _MAKE_OR_YEAR.match(written):
                continue
            if _OF_A_VEHICLE.search(text, max(0, match.start() - 48), match.start()):
                yield _span(match)


def _span(match: re.Match[str]) -> Span:
    return Span(match.start(), match.end(), Kind.PLATE, Certainty.IDENTIFIER)
