"""Bank accounts: registration number with account, IBAN, card numbers.

Source: Finans Danmark (registration number of 4 digits, account of up to 10); ISO 13616 for
IBAN. The check digits of an IBAN are not asked for: a mistyped one is somebody's as well.

Found: `9124 konto 0007713380`, `7458-0001902216`, `12 34 kto 00 12 34 56`,
`reg. 5501 0000 441 927`, `DK50 7703 0001 9942 17`,
`SE45 5000 0000 0583 9825 7467`, `4571 1020 3388 4406`.
Left alone: `2024-2025`, `1204-7731` (a form), `4500 kr.`, EAN numbers of offices (13 digits).
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.cues import Cue
from sidemand.redaction.recognisers.digits import (
    CLOSE,
    DIGIT,
    counts_something,
    first,
    mostly_digits,
    numbers,
)
from sidemand.redaction.spans import Certainty, Kind, Span

_D = DIGIT
_LETTER, _SIGN = r"\w", r"[\w\-.,]"
_WITH_WORD = re.compile(
    first(_D, _LETTER)
    + rf"(?: ?{_D}){{3}}(?:[ .,/\-]{{0,3}}| og )\n?(?:bank)?(?:konto|kto)\.?(?:nr\.?|nummer)?"
    rf"[ :.\-]{{0,3}}\n?(?:{_D}[ .\-]?){{5,12}}{_D}(?!\w)",
    re.IGNORECASE,
)
_BARE = re.compile(first(_D, _SIGN) + rf"{_D}{{3}} ?[ \-] ?{_D}(?:[ .]?{_D}){{6,9}}(?![\w\-])")
_LABELLED = re.compile(
    r"\b(?:(?:bank|løn|pensions?|nem)?konto(?:nr|nummer)?|kto)[.:]{0,2} {0,2}(?:nr[.:]{0,2} ?)?"
    r"(?:er )?"
    rf"({_D}(?:[ .\-]{{0,3}}{_D}){{6,15}})(?!\w)",
    re.IGNORECASE,
)
_LABEL = Cue("(?:bank|løn|pensions?|nem)?konto|kto")
_IBAN = re.compile(
    first("[A-Z]", "[A-Za-z0-9]") + r"[A-Z]\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)"
)
_CARD = re.compile(first("[3-6]", _SIGN) + rf"{_D}{{3}}(?:[ \-]?{_D}{{4}}){{3}}(?![\w\-])")


def find(text: str) -> Iterator[Span]:
    """Every bank account in the normalised `text`."""
    for pattern, least in ((_WITH_WORD, 5), (_BARE, 6), (_IBAN, 4), (_CARD, 8)):
        for match in numbers(pattern, text, least=least, reach=CLOSE):
            if not counts_something(text, *match.span()):
                yield Span(match.start(), match.end(), Kind.ACCOUNT, Certainty.IDENTIFIER)
    for match in _LABEL.matches(_LABELLED, text):
        if mostly_digits(match.group()):
            yield Span(match.start(1), match.end(1), Kind.ACCOUNT, Certainty.IDENTIFIER)
