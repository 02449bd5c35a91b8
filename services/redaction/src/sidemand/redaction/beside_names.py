"""What means somebody only because a name, an age or an address stands right before it.

Ages, dates of birth, the last four digits, initials, house numbers, the rest of what is found.
Before a name its other half or what is shortened of it: `Hans-` `Kristian`, `Sø. Å.` `Tang`.

`Danylo (11)`, `Mateusz Lis, 41`, `Vigga på 3 1/2`, `Ubah på tretten står`, `Aksel er 91`,
`Lan Mikkelsen (1237)`, `Otto (30.9.19)`, `Ragna Lind (RLI)`, `mette b`, `ritva` `tornbjergsen`,
`fru Tang i nr. 6`; behind an age its rest: `5 år` `og 8 måneder`, `sønner på 11` `og 13`; behind an
address in small letters the town: `vestergade tre` `i hammel`.
Left alone: `Lan Mikkelsen, 4796 Storådal` (a postcode), `Lan Mikkelsen (2024)` (a year),
`Lan Mikkelsen, 3 børn`, `Lan Mikkelsen på 2. sal`, `Ragna Lind (KL)`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from sidemand.redaction.recognisers.age import AGE, NUMBER
from sidemand.redaction.recognisers.initials import NOBODY
from sidemand.redaction.spans import Certainty, Kind, Span
from sidemand.redaction.word_classes import WordClasses
from sidemand.redaction.word_clusters import UNKNOWN

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
_SHORTENED: Final = re.compile(
    r"(?<![\w.])(?:(?!(?:Kl|Nr|St|Jf|Ca|Fr|Hr|Dr|Ja|Jo|Nu|Ok|Så|Ny|To)\.)"
    r"[A-ZÆØÅ][a-zæøå]?\. ){1,3}\Z"
)
"""Parts of a name that are shortened before the rest of it: "Sø. Å." """
_HYPHEN_BEFORE: Final = re.compile(r"(?<![\w\-])[A-ZÆØÅ][a-zæøåéü]+-\Z")
_HYPHEN_BEHIND: Final = re.compile(r"-(?P<value>[A-ZÆØÅ][a-zæøåéü]+)(?![\w\-])")
_WRITTEN_AS_A_NAME: Final = re.compile(r"(?<!\w)[A-ZÆØÅ][a-zæøåéü]+\Z")
_NEXT_SMALL: Final = re.compile(r" (?P<value>[^\W\d_]{3,})(?=[ .,:;)?!\n]|$)")
_HOUSE_OF_SOMEBODY: Final = re.compile(
    r" i (?P<value>(?:nr\.?|nummer) ?\d{1,3}(?: ?[A-Ha-h])?)(?![\w%]|[.,]\d)"
)
_SMALL_TOWN: Final = re.compile(r" (?:i )?(?P<value>[a-zæøå]{4,20})(?=[ .,:;)?!\n]|$)")
_MORE_OF_AN_AGE: Final = re.compile(
    rf"(?P<value> (?:(?:og )?et )?halvt| og {NUMBER} (?:mdr\.?|måneder|mdn|uger))(?!\w)"
    rf"| og (?P<another>{NUMBER})(?=[.,;:)\n]|$| år\b)"
)


def find(text: str, spans: Iterable[Span], classes: WordClasses) -> Iterator[Span]:
    """What belongs to the persons, ages and addresses among `spans` of `text`, behind them."""
    for span in spans:
        small = text[span.start : span.end].islower()
        if span.kind is Kind.PERSON:
            yield from _beside_person(text, span)
            yield from _more_of_a_name(text, span)
            if small:
                yield from _more_of_a_small_name(text, span, classes)
        elif span.kind is Kind.ADDRESS:
            town = _SMALL_TOWN.match(text, span.end) if small else None
            if town and _is_town(town["value"], classes):
                yield Span(span.end, town.end(), Kind.ADDRESS, Certainty.IDENTIFIER)
        elif span.kind is Kind.AGE:
            match = _MORE_OF_AN_AGE.match(text, span.end)
            if match:
                yield Span(*match.span(match.lastgroup or 0), Kind.AGE, Certainty.IDENTIFIER)


_LIKE_NO_NAME: Final = -6.0
"""Score of a word that looks neither like a first nor like a last name."""

_PATTERNS: Final = (
    (_SERIAL, Kind.CPR),
    (_AGE, Kind.AGE),
    (_AGE_OF_A_SUBJECT, Kind.AGE),
    (_BORN, Kind.BIRTH_DATE),
    (_HOUSE_OF_SOMEBODY, Kind.ADDRESS),
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


def _more_of_a_name(text: str, span: Span) -> Iterator[Span]:
    """What is shortened before a name, and the other half of one with a hyphen."""
    shortened = _SHORTENED.search(text, max(0, span.start - 16), span.start)
    if shortened and text[span.start : span.end].istitle():
        yield Span(*shortened.span(), Kind.PERSON, Certainty.NAME)
    before = _HYPHEN_BEFORE.search(text, max(0, span.start - 24), span.start)
    behind = _HYPHEN_BEHIND.match(text, span.end)
    for match, half in ((before, 0), (behind, "value")):
        if match:
            yield Span(*match.span(half), Kind.PERSON, Certainty.NAME)


def _more_of_a_small_name(text: str, span: Span, classes: WordClasses) -> Iterator[Span]:
    """The words behind a small-written name that no text uses for anything else."""
    end = span.end
    while (match := _NEXT_SMALL.match(text, end)) and match["value"].islower():
        word = match["value"]
        names_nobody = max(classes.scores(word)[:2]) < _LIKE_NO_NAME
        if names_nobody or classes.is_ordinary(word) or classes.clusters.of(word) != UNKNOWN:
            return
        end = match.end()
        yield Span(*match.span("value"), Kind.PERSON, Certainty.NAME)


def _is_town(word: str, classes: WordClasses) -> bool:
    _, _, place, ordinary = classes.scores(word)
    return place > max(2, ordinary) and classes.clusters.of(word) == UNKNOWN


def _stands_for(initials: str, name: str) -> bool:
    """Whether the letters of `initials` stand in `name` in this order, and begin it."""
    if initials in NOBODY or initials[0] != name[0]:
        return False
    letters = iter(name)
    return all(letter in letters for letter in initials)
