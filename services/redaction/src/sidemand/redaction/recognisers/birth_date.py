"""Dates of birth: a date beside a word that says so. Dates of other events stay.

Found: `født 14/2-2016`, `f. 8/8 1946`, `Fødselsdato: 7. november 1986`, `f.d. 1991-09-17`,
`date of birth 11 May 2018`, `født den 3. januar 2021`, `fødselsdag 30/11`, `(f. 1. nov. '14)`.
Left alone: `mødet den 3. januar 2021`, `jf. 2. pkt.`, `født på Storådal Sygehus`.
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.digits import DIGIT
from sidemand.redaction.spans import Certainty, Kind, Span

_D = DIGIT
_MONTH = (
    r"(?:jan(?:uar|uary)?|feb(?:ruar|ruary)?|mar(?:ts|ch)?|apr(?:il|iI)?|ma[jy]|jun[ie]?|ju[l1][iy]?"
    r"|aug(?:ust)?|sept?(?:ember)?|o[kc]t(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = rf"(?:{_D}{{4}}|'?{_D}{{2}})"
_DATE = (
    rf"(?:{_D}{{4}}-{_D}{{2}}-{_D}{{2}}"
    rf"|{_D}{{1,2}}\.? ?(?:i )?{_MONTH}(?: {_YEAR})?"
    rf"|{_D}{{1,2}} ?[./\- ] ?{_D}{{1,2}}(?: ?[./\- ] ?-? ?{_YEAR})?|{_D}{{6}}|{_D}{{8}})"
)
_LABEL = (
    r"(?:fødselsdato(?:en|er)?|fødselsdag(?:en)?|fødedato|fødedag|født|date of birth|born|f\.d"
    r"|(?<![\w.])f\.|årgang)"
)
_LABELLED = re.compile(
    rf"(?<!\w){_LABEL}[.:]? {{0,2}}(?:er |som |var |den |d\. ?|om sommeren, den |dag den ){{0,2}}"
    rf"(?P<date>{_DATE})(?!\w)(?![.,/\-]\d)",
    re.IGNORECASE,
)
_YEAR_ONLY = re.compile(
    r"(?<!\w)(?:født i|født|årgang|fødselsår:?|f\.) ?(?P<date>(?:19|20)\d\d)(?!\w)", re.IGNORECASE
)


def find(text: str) -> Iterator[Span]:
    """Every date of birth in the normalised `text`."""
    for pattern in (_LABELLED, _YEAR_ONLY):
        for match in pattern.finditer(text):
            yield Span(*match.span("date"), Kind.BIRTH_DATE, Certainty.IDENTIFIER)
