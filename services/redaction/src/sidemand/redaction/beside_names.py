"""What means somebody only because a name stands right before it: an age, the last four digits.

`Danylo (11)`, `Mateusz Lis, 41`, `Vigga på 3 1/2`, `Aksel er 91`, `Lan Mikkelsen (1237)`.
Left alone: `Lan Mikkelsen, 4796 Storådal` (a postcode), `Lan Mikkelsen (2024)` (a year),
`Lan Mikkelsen, 3 børn`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from sidemand.redaction.recognisers.age import AGE
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


def find(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Ages and halves of CPR numbers right behind the persons among `spans` of `text`."""
    for span in spans:
        if span.kind is not Kind.PERSON:
            continue
        for pattern, kind in ((_SERIAL, Kind.CPR), (_AGE, Kind.AGE)):
            match = pattern.match(text, span.end)
            if match:
                yield Span(*match.span("value"), kind, Certainty.IDENTIFIER)
