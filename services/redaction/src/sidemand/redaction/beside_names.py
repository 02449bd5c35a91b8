"""What means somebody only because a name stands right before it.

Ages, dates of birth, the last four digits, initials, the rest of a name.

`Danylo (11)`, `Mateusz Lis, 41`, `Vigga på 3 1/2`, `Ubah på tretten står`, `Aksel er 91`,
`Lan Mikkelsen (1237)`, `Otto (30.9.19)`, `Ragna Lind (RLI)`, `mette b`; behind an age its rest:
`5 år` `og 8 måneder`, `sønner på 11` `og 13`.
Left alone: `Lan Mikkelsen, 4796 Storådal` (a postcode), `Lan Mikkelsen (2024)` (a year),
`Lan Mikkelsen, 3 børn`, `Lan Mikkelsen på 2. sal`, `Ragna Lind (KL)`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from sidemand.redaction.recognisers.age import AGE, NUMBER
from sidemand.redaction.recognisers.initials import NOBODY
from sidemand.redaction.spans import Certainty, Kind, Span

_SERIAL: Final = re.compile(
    r"(?:'?s)?(?:,? ?\(|, ?| ?- ?| )(?:cpr[.:]? ?|\.\.\.|-)?(?!(?:19|20)\d\d(?!-))(?P<value>\d{4})"
    r"(?=[).,;:\n]|$| [a-zæøå(])(?!,\d| kr)"
)
_AGE: Final = re.compile(
    rf"(?:,? \(|, | på | ?\| (?:snart )?"
    rf"|,?(?: som| der| og)? (?:kun |lige )?(?:er|var|fylder|fyldte|bliver|blev|turns)"
    rf" (?:nu |altså |kun |stadig |snart |fyldt )?)"
    rf"(?P<value>{AGE})(?=[).,;:\n]|$| ?[|–-]| (?:og|men|i|har|der|som|den|til|på|in)\b)"
)
_AGE_OF_A_SUBJECT: Final = re.compile(
    rf" på (?P<value>{AGE})(?= (?:er|var|bor|går|står|sidder|ligger|fik|kom|kan|skal|vil|blev)\b)"
)
_BORN: Final = re.compile(
    r",? \((?:f\. ?)?(?P<value>\d{1,2}[./\-]\d{1,2}[./\- ]{1,2}(?:19|20)?\d\d)(?=\))"
)
_INITIALS: Final = re.compile(r",? \((?P<value>[A-ZÆØÅ]{2,4}|[a-zæøå]{2,4})(?=[),])")
_SMALL_INITIAL: Final = re.compile(r" (?P<value>[a-hj-np-zæø])(?=[ .,:;)?!\n]|$)")
_NEXT_NAME: Final = re.compile(
    r" (?!(?:I|De|Du|Vi|Jeg|Han|Hun|Det|Den|Der|Dem|Deres|Jer|Man|Og|Tlf|Født|Cpr|Kl)\b)"
    r"(?P<value>[A-ZÆØÅ][a-zæøåéü]{2,})(?=[ .,;)\n]|$)"
)
_WRITTEN_AS_A_NAME: Final = re.compile(r"(?<!\w)[A-ZÆØÅ][a-zæøåéü]+\Z")
_MORE_OF_AN_AGE: Final = re.compile(
    rf"(?P<value> (?:(?:og )?et )?halvt| og {NUMBER} (?:mdr\.?|måneder|mdn|uger))(?!\w)"
    rf"| og (?P<another>{NUMBER})(?=[.,;:)\n]|$| år\b)"
)


def find(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """What belongs to the persons and ages among `spans` of `text`, right behind them."""
    for span in spans:
        if span.kind is Kind.PERSON:
            yield from _beside_person(text, span)
        elif span.kind is Kind.AGE:
            match = _MORE_OF_AN_AGE.match(text, span.end)
            if match:
                yield Span(*match.span(match.lastgroup or 0), Kind.AGE, Certainty.IDENTIFIER)


_PATTERNS: Final = (
    (_SERIAL, Kind.CPR),
    (_AGE, Kind.AGE),
    (_AGE_OF_A_SUBJECT, Kind.AGE),
    (_BORN, Kind.BIRTH_DATE),
)


def _beside_person(text: str, span: Span) -> Iterator[Span]:
    for pattern, kind in _PATTERNS:
        match = pattern.match(text, span.end)
        if match:
            yield Span(*match.span("value"), kind, Certainty.IDENTIFIER)
    initials = _INITIALS.match(text, span.end)
    if initials and _stands_for(initials["value"].lower(), text[span.start : span.end].lower()):
        yield Span(*initials.span("value"), Kind.PERSON, Certainty.IDENTIFIER)
    next_name = _NEXT_NAME.match(text, span.end)
    if next_name and _WRITTEN_AS_A_NAME.search(text, span.start, span.end):
        yield Span(*next_name.span("value"), Kind.PERSON, Certainty.NAME)
    if text[span.start].islower():
        initial = _SMALL_INITIAL.match(text, span.end)
        if initial:
            yield Span(*initial.span("value"), Kind.PERSON, Certainty.NAME)


def _stands_for(initials: str, name: str) -> bool:
    """Whether the letters of `initials` stand in `name` in this order, and begin it."""
    if initials in NOBODY or initials[0] != name[0]:
        return False
    letters = iter(name)
    return all(letter in letters for letter in initials)
