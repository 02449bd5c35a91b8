"""Columns of a table whose heading says what stands below: names, dates of birth, ages, numbers.

A line with two cells or more, one of them such a heading, begins a table; it ends where a line
has no such sign any more.

Found: below `Barn | Født | Plads`: `Elyas Rahimi | 14-11-2022 | hjemme`; below `Navn;Cpr;Tlf`:
`KROGH, TANJA;0101…;20…`.
Left alone: cells that are empty or say `-`, `ukendt`, `hjemme`; columns with other headings.
"""

import re
from collections.abc import Iterator

from sidemand.redaction.spans import Certainty, Kind, Span

_HEADINGS: tuple[tuple[Kind, str], ...] = (
    (
        Kind.PERSON,
        "(?:fulde )?navn(?:e|et)?|barn(?:et)?(?:s navn)?|elev(?:en)?|borger(?:en)?|forælder|mor|far"
        "|beboer|ansøger|deltager|pårørende|kontaktperson|medarbejder|sagsbehandler|fornavn"
        "|efternavn|patient|klient|modtager|kontohaver|lejer|ejer|værge|name",
    ),
    (
        Kind.BIRTH_DATE,
        r"født|fødselsdato|fødselsdag|fødselsår|f\.?-?dato|født dato|født d\.|f\.d\.",
    ),
    (Kind.AGE, "alder|år gammel|age"),
    (Kind.CPR, r"cpr(?:[.\-]? ?n(?:umme)?r\.?)?|personn(?:umme)?r\.?"),
    (Kind.PHONE, r"tlf\.?(?:nr\.?)?|telefon(?:nummer)?|mobil(?:nr\.?|nummer)?"),
    (Kind.ADDRESS, "adresse|bopæl|folkeregisteradresse|vej"),
    (Kind.ACCOUNT, r"konto(?:nr\.?|nummer)?"),
    (Kind.CASE_NUMBER, r"sag(?:snr\.?|snummer)?|journaln(?:umme)?r\.?"),
)
_SIGNS = "|;"
_LINE = re.compile(r"^[^\n|;]*[|;][^\n]*", re.MULTILINE)
_TELLS_NOTHING = re.compile(
    r"(?:[\W_]*|(?:ukendt|hjemme|ingen|nej|ja|samme|ditto|do|mangler|ikke oplyst|se ovenfor|i alt"
    r"|total|navn|andre)\.?)$",
    re.IGNORECASE,
)
_KINDS = [(kind, re.compile(rf"(?:{names})[.:]?$", re.IGNORECASE)) for kind, names in _HEADINGS]
_REMARK = re.compile(r"(?<=\w) \([a-zæøå ]+\)$")
"""Behind a name, without a capital: "(efternavn mangler)", "(tvillinger)"."""
_NEEDS_DIGIT = frozenset({Kind.CPR, Kind.PHONE, Kind.ACCOUNT, Kind.CASE_NUMBER})


def find(text: str) -> Iterator[Span]:
    """Every cell of a column that is named after personal data, in the normalised `text`."""
    if not any(sign in text for sign in _SIGNS):
        return
    columns: dict[int, Kind] = {}
    sign, end = "", -2
    for line in _LINE.finditer(text):
        if line.start() > end + 1 or sign not in line.group():
            columns = {}
        end = line.end()
        if columns:
            yield from _cells(line, sign, columns)
            continue
        sign = max(_SIGNS, key=line.group().count)
        columns = _headings(line.group(), sign)
        if len(columns) == 1 and len(_written(line.group(), sign)) == 2:
            # A heading with its value beside it: nothing is said about the lines below.
            yield from _cells(line, sign, {index + 1: kind for index, kind in columns.items()})
            columns = {}


def _headings(line: str, sign: str) -> dict[int, Kind]:
    """Which columns hold what; nothing where this is no line of headings."""
    cells = [cell.strip() for cell in line.split(sign)]
    kinds = {
        index: kind
        for index, cell in enumerate(cells)
        for kind, pattern in _KINDS
        if len(cell) < 30 and pattern.match(cell)
    }
    heads = len(_written(line, sign)) > 1 and not any(c.isdigit() for c in line)
    return kinds if heads or (len(kinds) == 1 and len(_written(line, sign)) == 2) else {}


def _written(line: str, sign: str) -> list[str]:
    return [cell for cell in map(str.strip, line.split(sign)) if cell]


def _cells(line: re.Match[str], sign: str, columns: dict[int, Kind]) -> Iterator[Span]:
    at = line.start()
    for index, cell in enumerate(line.group().split(sign)):
        written = cell.strip()
        kind = columns.get(index)
        if kind is Kind.PERSON:
            written = _REMARK.sub("", written)
        if kind and _may_be(kind, written):
            start = at + cell.index(written)
            yield Span(start, start + len(written), kind, Certainty.IDENTIFIER)
        at += len(cell) + 1


def _may_be(kind: Kind, written: str) -> bool:
    if any(pattern.match(written) for _, pattern in _KINDS):
        return False
    if len(written) > 60 or _TELLS_NOTHING.match(written):
        return False
    has_digit = any(c.isdigit() for c in written)
    if kind is Kind.PERSON:
        return not has_digit
    return has_digit or kind not in _NEEDS_DIGIT
