"""Numbers of cases, journals and reports.

Source: KLE writes a case as subject-facet-serial-year; case systems use a year with a serial,
often behind some letters; the police writes district-type-serial-year.

Found: `27.36.04-P27-118-26`, `S2026-01946`, `24-118830`, `BYG-2024-00731`, `SUN-23/118840`,
`4100-73221-00094-24`, `SKS 61-118/2024`, `2014/0330-88`, `AS-24-60118`.
Left alone: `27.36.04` (a KLE subject), `§ 23-25`, `LBK nr. 433 af 2014`, `2024-2025`,
`2024-03-11`, `principmeddelelse 23-17`, `(EU) 2016/679`, `U.2019.1234 H`.
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.digits import CLOSE, DIGIT, counts_something, numbers
from sidemand.redaction.spans import Certainty, Kind, Span

_D = DIGIT
_FORMS = (
    # KLE: subject, facet, serial, year
    rf"{_D}{{2}}\.{_D}{{2}}\.{_D}{{2}}-[A-ZÆØÅ]{_D}{{2}}-{_D}{{1,6}}-{_D}{{2,4}}",
    # letters, year, serial: BYG-2024-00731, S2026-01946, SUN-23/118840, TM-2024-55120-8, ÆLD.22-190
    rf"[A-ZÆØÅ]{{1,6}}[ .\-/]?(?:20)?{_D}{{2}}[\-/]{_D}{{3,8}}(?:-{_D}{{1,4}})?",
    # letters, serial, year: HS 9/2024, KG-0419-24, ST-4471/24, PA-55107/24, SKS 61-118/2024
    rf"[A-ZÆØÅ]{{2,6}}[ \-](?:{_D}{{1,6}}-)?{_D}{{1,6}}(?:/(?:20)?{_D}{{2}}|-{_D}{{2}})",
    # letters and a long serial: MOM-7741203, PT-771904, NSK-2024-771903, D-0044817
    rf"[A-ZÆØÅ]{{1,6}}-(?:20{_D}{{2}}-)?{_D}{{5,10}}",
    # letters and two groups of digits: DT-0099-4417
    rf"[A-ZÆØÅ]{{2,6}}-{_D}{{3,6}}-{_D}{{3,6}}",
    # year and serial: 24-118830, 2024-003871, 2023-0914772
    rf"(?:20)?{_D}{{2}}-{_D}{{5,8}}",
    # groups of digits: 4100-73221-00094-24, 0230-55-18847, 553-0192-1, 2014/0330-88
    rf"{_D}{{3,4}}[\-/]{_D}{{2,6}}-{_D}{{2,6}}(?:-{_D}{{2}})?",
    rf"20{_D}{{2}}-{_D}{{4,8}}",
)
_NUMBER = re.compile(
    rf"(?<![\w\-./])(?:{'|'.join(_FORMS)})(?:-[A-ZÆØÅ]{{1,3}})?(?![\w\-/])(?!\.\d)"
)
_ORDINARY = re.compile(
    r"(?:19|20)\d\d-(?:19|20)\d\d$"  # a period of years
    r"|(?:19|20)\d\d-[01]\d-[0-3]\d$"  # a date
    r"|(?:EU|EF|EØF|FN|ISO|KOM|COM|CEN|DS|FOB|BT|KEN|SKM|TFA|UfR)\b"  # acts and standards
)


def find(text: str) -> Iterator[Span]:
    """Every case number in the normalised `text`."""
    for match in numbers(_NUMBER, text, least=2, reach=CLOSE):
        if not _ORDINARY.match(match.group()) and not counts_something(text, *match.span()):
            yield Span(match.start(), match.end(), Kind.CASE_NUMBER, Certainty.IDENTIFIER)
