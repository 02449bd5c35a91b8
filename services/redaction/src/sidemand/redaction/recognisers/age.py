"""Exact ages of persons: together with a place and a sex they lead to one.

Source: the ways in which municipal notes give an age. An age limit, a duration and an age group
stay: they are what the law and the case are about.

Found: `jeg er selv 79 år`, `den 19-årige bror`, `datter Liv, 16 år`, `Hun blev otteoghalvfjerds`,
`en kvinde på 58`, `dreng på 3 år`, `Elliot (8 mdr.)`, `hun er 5 år og 8 måneder`, `alder: 41`,
`Nu er jeg seksten og`, `tristan 3 et halvt`, `De fylder 6 på lørdag`,
`Hvor gammel er han?` with the answer on the next line.
Left alone: `børn under 18 år`, `de 18-årige`, `i 24 år`, `mellem 70 og 85 år`, `højst 10 år`,
`fire et halvt ton`, `er 34 år` behind a thing, `hun er 2 ud af 3 dage`, `han er 8 timer hjemme`.
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.cues import Cue
from sidemand.redaction.recognisers.digits import numbers_an_item
from sidemand.redaction.spans import Certainty, Kind, Span

_ONES = "et|en|to|tre|fire|fem|seks|syv|otte|ni"
_WORD = (
    "(?:halvandet|ti|elleve|tolv|tretten|fjorten|femten|seksten|sytten|atten|nitten"
    f"|(?:(?:{_ONES})(?:og| og ))?(?:tyve|tredi?ve|fyrre|halvtreds|tres|halvfjerds|firs|halvfems)"
    f"|{_ONES}|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
)
_NUMBER = rf"(?:(?:[1-9][0-9lIO]?[0-9]?|[lI]\d)(?:[,.]5| ?1/2|½)?|{_WORD})(?: (?:og )?et halvt)?"
_SPAN_OF_TIME = r"(?:år|aar|mdr\.?|måned(?:er)?|mdn|uger|years)"
_IN_FULL = (
    rf"{_NUMBER}(?:-|\s)?{_SPAN_OF_TIME}(?: (?:og )?{_NUMBER} {_SPAN_OF_TIME})?"
    r"(?: gammel| gl\.| old)?"
)
NUMBER = _NUMBER
AGE = (
    rf"(?:{_IN_FULL}|{_NUMBER})(?![\w%])"
    r"(?! ?[/:,.]\d|\. ?(?:(?:klasse|sal|etage|semester)\b|[A-Za-z]\b))"
)
"""An age in digits or words, with or without "år"."""

_SOMEBODY = (
    r"(?:(?<!til )jeg|he|she|han|hun|hen|du|vi|(?<!når )(?<!hvor )(?<!før )(?<!hvis )barnet|drengen"
    r"|pigen|sønnen|datteren|manden|konen|kvinden|mor|far|patienten|tvillingerne|farmor|mormor"
    r"|farfar|morfar|lillebror|storebror|lillesøster|storesøster)"
)
_RELATIVE = (
    r"(?:mand|kvinde|dreng|pige|søn|sønnen|datter|datteren|barn|baby|kone|hustru|ægtefælle|bror|broren"
    r"|søster|søsteren|mor|moren|far|faren|moster|faster|onkel|kusine|fætter|plejesøn|p1ejesøn"
    r"|plejedatter|stedsøn|steddatter|tvillinger|borger|patient|klient|elev|nabo|ven|veninde)"
)
_SAYS = r"(?:er|var|bliver|blev|fylder|fyldte|er fyldt|er blevet|turns|is|was)"
_RATHER = (
    r"(?:rundt|selv|altså|nu|lige|lige fyldt|snart|stadig|kun|jo|allerede|knap|næsten|rundt),? "
)
_NO_MORE = (
    r"(?=[.,;:!?)\n]|$| (?:og|men|i (?:dag|går|år|morgen|for|efter|somm|vint|\w+dags)"
    r"|på|den|til|da|når|så|der|har|med)\b)"
)
_SAID = re.compile(
    rf"(?<!\w){_SOMEBODY} {_SAYS} (?:{_RATHER}){{0,2}}"
    rf"(?P<age>{_IN_FULL}(?!\w)|{_NUMBER}(?!\w)(?! ?[/:]\d|[,.]\d){_NO_MORE})",
    re.IGNORECASE,
)
_TURNED_ROUND = re.compile(
    rf"(?<=er )(?:jeg|han|hun) (?:nu |lige )?(?P<age>{_IN_FULL}(?!\w)|(?:\d\d|{_WORD})(?!\w)"
    rf"(?=[.,;!?)\n]|$| og\b))",
    re.IGNORECASE,
)
_OF_A_RELATIVE = re.compile(
    rf"(?<!\w){_RELATIVE}(?: på |, | \(|: )"
    rf"(?P<age>{_IN_FULL}(?!\w)|{_NUMBER}(?!\w)(?!\)? ?[/:]\d|[,.]\d)"
    r"(?=[.,;:!?)\n]|$| (?:og|men|der|som|med|i)\b))",
    re.IGNORECASE,
)
_YEARS_OLD = re.compile(
    rf"(?<![\w\-])(?P<age>(?:\d{{1,3}}|{_WORD})[ \-]?(?:års?|måneders?|ugers) ?gam(?:mel|le)"
    rf"|(?:\d{{1,3}}|{_WORD})-?årige?)(?!\w)"
    r"(?! (?:periode|ordning|aftale|kandidat|uddannels|handlings|forsøg|plan|bevilling|overgang))",
    re.IGNORECASE,
)
_YEARS_AND_MONTHS = re.compile(
    r"(?:(?<= nu )|(?<= er )|(?<=omkring )|(?<=knap )|(?<=næsten )|(?<=\w, )|(?<=\())"
    rf"(?P<age>{_NUMBER} år og {_NUMBER} (?:mdr\.?|måneder))(?!\w)"
)
_MONTHS = Cue("mdr$|måneder$")
_OLD = Cue(".*(?:årig|gammel|gamle)")
_SUBJECTS = Cue(
    "jeg|she|he|ha?n$|hun|hen$|du$|vi$|barnet|drengen|pigen|sønnen|datteren|manden|konen|kvinden"
    "|(?:far|mor)(?:far|mor)?$|patienten|tvillingerne|lille|store"
)
_RELATIVES = Cue(
    "mand|kvinde|dreng|pige|søn|datter|barn|baby|kone|hustru|ægtefælle|bror|søster|mor|far|moster"
    "|faster|onkel|kusine|fætter|p[l1]eje|sted|tvilling|borger|patient|klient|elev|nabo|ven"
)
_LABELS = Cue("alder|sit$")
_COMMA = re.compile(r"(?:, | \()(?=[0-9lIO]|[a-zæøå]{2})")
_OF_A_GROUP = re.compile(
    r"\b(?:de|for|og|unge|alle|til|fyldte|(?:de|\w+ne|som|der) er|over|under|end|mellem) $",
    re.IGNORECASE,
)
_BEHIND_A_COMMA = re.compile(rf"(?P<age>{_IN_FULL})(?=[,.;:)\n]|$| [a-zæøå])")
_CAPITAL_BEFORE = re.compile(r"(?<!\w)[A-ZÆØÅ][a-zæøåéü]{1,20}\)?\Z")
_LABELLED = re.compile(
    rf"(?<!\w)alder(?:en)?(?: er)?:? (?P<age>{_IN_FULL}|\d{{1,3}})(?![\w\-]|,\d)", re.IGNORECASE
)
_AND_A_HALF = re.compile(
    rf"(?<![\w,.])(?P<age>(?:\d{{1,2}}|{_WORD}) (?:og )?et halvt)(?!\w)"
    r"(?! (?:års?|aar|md|måned|uge|døgn|dag|time|minut|kg|kilo|ton|meter|km|procent|hundrede|tusind"
    r"|stykke|rugbrød|liter))",
    re.IGNORECASE,
)
"""Two and a half of something that is not named: of years."""
_ON_A_DAY = re.compile(
    rf"(?<!\w)fylder (?P<age>\d{{1,3}}|{_WORD}) (?:på \w+dag|den \d|i (?:morgen|dag|overmorgen))",
    re.IGNORECASE,
)
_ASKED = re.compile(
    rf"[Hh]vor gam(?:mel|le)[^?\n]{{0,30}}\?[^\n]{{0,10}}\n{{1,2}}(?:[^\n:]{{1,14}}: ?)?"
    rf"(?i:(?:(?:han|hun|de|jeg) )?(?:er )?(?P<age>{_IN_FULL}|\d{{1,3}}|{_WORD}))(?=[.,;!\n]|$)"
)
"""The answer of somebody else, a line farther down."""
_HOW = Cue("hvor$")
_HALF = Cue("halvt$")
_TURNS = Cue("fylder$")
_YEAR_OF_LIFE = re.compile(r"\bsit (?P<age>\d{1,3}\. år)\b")


def find(text: str) -> Iterator[Span]:
    """Every exact age of somebody in the normalised `text`."""
    for match in _matches(text):
        start, end = match.span("age")
        of_a_group = _OF_A_GROUP.search(text, max(0, start - 24), start)
        if not of_a_group and not numbers_an_item(text, start, end):
            yield Span(start, end, Kind.AGE, Certainty.IDENTIFIER)


def _matches(text: str) -> Iterator[re.Match[str]]:
    yield from _SUBJECTS.matches(_SAID, text)
    yield from _SUBJECTS.matches(_TURNED_ROUND, text)
    yield from _RELATIVES.matches(_OF_A_RELATIVE, text)
    for pattern in (_LABELLED, _YEAR_OF_LIFE):
        yield from _LABELS.matches(pattern, text)
    yield from _HOW.matches(_ASKED, text)
    yield from _TURNS.matches(_ON_A_DAY, text)
    for half in _HALF.places(text):
        found = _AND_A_HALF.search(text, max(0, half - 24), half + 20)
        if found:
            yield found
    for comma in _COMMA.finditer(text):
        match = _BEHIND_A_COMMA.match(text, comma.end(), comma.end() + 50)
        if match and _CAPITAL_BEFORE.search(text, max(0, comma.start() - 21), comma.start()):
            yield match
    # The last word is rare, and what it belongs to can begin anywhere: so from behind.
    for old in _OLD.places(text):
        found = _YEARS_OLD.search(text, max(0, old - 40), old + 40)
        if found and old < found.end():
            yield found
    for months in _MONTHS.places(text):
        found = _YEARS_AND_MONTHS.search(text, max(0, months - 40), months + 10)
        if found:
            yield found
