"""User names and handles, which often hold a name and a year of birth.

Source: what MitID, UNI-login and social networks allow: letters, digits, dot, dash, underscore.

Found: `boskov_81`, `siva_th1977`, `@oksana_h_haslev`, `jam4l.ost`, `arne.vrist49`, `selm1774`,
`tn.bro.97`.
Left alone: `covid19`, `e-mail`, `kl14`, `uge12`, `b12`, `f.eks`, `a_1` (a formula),
`bruger_4`, `gæst24`, `lyd_0411.mp3`.
"""

import re
from collections.abc import Iterator

from sidemand.redaction.spans import Certainty, Kind, Span

_HANDLE = re.compile(r"(?<![\w@.\-/])@[\w.\-]{3,30}(?<![.\-])")
_UNDERSCORED = re.compile(r"(?<![\w@.\-/])[^\W\d_][a-zæøå.\d]*_[\w.]{1,24}(?<!\.)(?![\w@\-/])")
_NUMBERED = re.compile(
    r"(?<![\w@.\-/])(?!covid|kapitel|bilag)[a-zæøå]{4,20}(?:[.\-][a-zæøå]{1,20})?\d{2,8}(?![\w@/]|-\d|[.,]\d)"
)
_BEHIND_DOTS = re.compile(
    r"(?<![\w@.\-/])[a-zæøå]{1,12}[.\-][a-zæøå]{2,20}[.\-]\d{2,4}(?![\w@/]|-\d|[.,]\d)"
)
_OF_NOBODY = re.compile(
    r"(?:bruger|borger|gæst|user|guest|admin|test|lyd|img|dsc|mov|vid|video|billede|foto|bilag|scan"
    r"|fil|dok|skærmbillede|optagelse|slide|side|version|tabel|figur|skema|lokale|team|gruppe|hold)"
    r"[_\d.\-]*(?:pdf|docx?|xlsx?|jpe?g|png|mp[34]|wav|csv|txt|heic|zip|msg|tiff?)?$",
    re.IGNORECASE,
)
_DIGIT_BEHIND_A_LETTER = re.compile(r"\d(?<=[a-zæøå]\d)")
_DIGIT_BEHIND_A_DOT = re.compile(r"\d(?<=[a-zæøå][.\-]\d)")
_MIXED = re.compile(r"(?<![\w@.\-/])[a-zæøå]{2,12}\d[a-zæøå]{1,12}\.[a-zæøå]{2,20}(?![\w@\-/])")


def find(text: str) -> Iterator[Span]:
    """Every user name in the normalised `text`."""
    patterns = [_NUMBERED, _MIXED] if _DIGIT_BEHIND_A_LETTER.search(text) else []
    if _DIGIT_BEHIND_A_DOT.search(text):
        patterns.append(_BEHIND_DOTS)
    if "_" in text:
        patterns.append(_UNDERSCORED)
    if "@" in text:
        patterns.append(_HANDLE)
    for pattern in patterns:
        for match in pattern.finditer(text):
            if _OF_NOBODY.match(match.group()):
                continue
            yield Span(match.start(), match.end(), Kind.USER_NAME, Certainty.IDENTIFIER)
