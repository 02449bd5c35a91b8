"""Names that are told by the words before them: a title, a relation, "called".

Found: `er vant til at blive kaldt Lokomotivet`, `(kaldes Teo)`, `alle kalder Basse`,
`hun kaldte hende "Dilly"`, `ham de kalder tyren`, `min bror kalder ham broen`,
`Fru KIRKE`, `hr. Guld`, `barnet River`, `min nabo Torv`.
Left alone: `kaldte mig en løgner`, `loven kaldes Barnets Lov`, `kalder sig bibeltro`,
`kalder hende dum`, `hr. formand`, `moren Hun` (a full stop is missing).
"""

import re
from collections.abc import Iterator

from sidemand.redaction.recognisers.cues import Cue
from sidemand.redaction.spans import Certainty, Kind, Span

_NAME = r"[\"“”'»]?(?P<name>[A-ZÆØÅ][a-zæøåéü]{1,20}(?: [A-ZÆØÅ][a-zæøåéü]{1,20})?)(?!\w)"
_CALLED = re.compile(rf"(?:kald(?:er|te) (?:ham|hende|sig|mig|dig)|kaldt|kaldes) {_NAME}")
_BEFORE = re.compile(r"(?:bliver?|blev|\(|hjemme|også) ?$")
_OTHERS_CALL = re.compile(rf"kalder {_NAME}")
_OTHERS = re.compile(r"(?:alle|ham,? de|naboerne|vennerne|kollegerne|kammeraterne) $")
_THING_WITH_THE = re.compile(
    r"kalder(?: ham| hende)? (?P<name>[a-zæøå]{3,14}(?:en|et))(?=[.,;:!?\n]|$)"
)
"""An ordinary thing as a name, small: "they call him the bull"."""
_HIM = re.compile(r"\bham,? de $")
_NO_NAME = (
    r"(?!(?:Formand|Borgmester|Minister|Direktør|Hun|Han|Vi|Jeg|De|Du|Det|Den|Der|Hvis|Når|Som|At"
    r"|Og|I|Men|Så|Mor|Far|Tlf|Cpr|CPR|CVR|NN|Født|Navn)\b)"
)
_WITH_A_TITLE = re.compile(
    rf"(?:[Hh]r|[Hh]err|[Ff]ru|[Ff]rk)\.? {_NO_NAME}"
    r"(?P<name>[A-ZÆØÅ](?:[a-zæøåéü]{1,20}|[A-ZÆØÅ]{1,20}))(?!\w)"
)
_RELATIVE = (
    "barnet|drengen|pigen|sønnen|datteren|babyen|tvillingerne|ægtefællen|samleveren|kæresten"
)
_RELATED = re.compile(
    rf"(?:(?:{_RELATIVE})|(?:[Mm]in|[Dd]in|[Hh]ans|[Hh]endes) (?:søn|datter|søster|bror|kone|mand"
    r"|kæreste|samlever|nabo|veninde|ven|kollega|onkel|moster|faster))"
    rf" {_NO_NAME}(?P<name>[A-ZÆØÅ][a-zæøåéü]{{2,20}})(?!\w)"
)
_TITLE = Cue("hr$|herr$|fru$|frk$")
_RELATION = Cue(rf"(?:{_RELATIVE}|[md]in|hans|hendes)$")
_CALL = Cue("kald(?:er|te|t|es)$")


def find(text: str) -> Iterator[Span]:
    """Every name in the normalised `text` that such words tell."""
    for cue, pattern in ((_TITLE, _WITH_A_TITLE), (_RELATION, _RELATED)):
        for named in cue.matches(pattern, text):
            yield Span(*named.span("name"), Kind.PERSON, Certainty.NAME)
    for place in _CALL.places(text):
        match = _called(text, place)
        if match:
            yield Span(*match.span("name"), Kind.PERSON, Certainty.IDENTIFIER)


def _called(text: str, place: int) -> re.Match[str] | None:
    before = text[max(0, place - 14) : place]
    if text.startswith(("kaldt", "kaldes"), place) and not text.startswith("kaldte", place):
        return _CALLED.match(text, place) if _BEFORE.search(before) else None
    called = _CALLED.match(text, place)
    if called is None and _OTHERS.search(before):
        called = _OTHERS_CALL.match(text, place)
    if called is None and (_HIM.search(before) or text.startswith("kalder ham ", place)):
        called = _THING_WITH_THE.match(text, place)
    return called
