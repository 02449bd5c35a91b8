"""The words by which a stretch fits what a caseworker asked for."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from sidemand.generation.quotables import Quotable
from sidemand.schemas.casework import SuggestionKind

_MEASURE: Final = re.compile(
    r"\d[\d.]*\s?(?:(?:arbejds|hver|kalender)?dage?\b|døgn|uger?\b|måneder?\b|år\b|timer?\b"
    r"|kr\b|pct\b|procent|%)",
    re.IGNORECASE,
)
_PROVISION: Final = re.compile(r"§")
_RULE: Final = re.compile(
    r"\b(?:skal|må|kan|kræver?|betingelse\w*|pligt\w*|ret til|frist\w*|højst|mindst|senest|tidligst"
    r"|undtag\w*|medmindre|kun|gælder|klage\w*|forudsætter|opfyldt|afgør\w*)\b",
    re.IGNORECASE,
)
_ACT: Final = re.compile(
    r"(?:^|[.:!?«] |\bog )(?:ring|spørg|skriv|send|tjek|undersøg|vurd[ée]r|sæt|beskriv|vedlæg"
    r"|indhent|find|giv|lav|læg|aftal|orient[ée]r|not[ée]r|partshør|hør|tal|bed|vent|afgør|overvej"
    r"|saml|vejled|henvis|kontakt|screen|kvitt[ée]r|registr[ée]r|træk|del|udbetal|begrund|afvis"
    r"|vis|se|brug|mind|tilbyd|husk|hold|start|begynd|regn|kontroll[ée]r|gem|medtag|udmål)\b",
    re.IGNORECASE,
)
_SOON: Final = re.compile(
    r"\b(?:straks|samme dag|inden|senest|dagen efter|næste hverdag|snarest|først)\b", re.IGNORECASE
)
_ASKED_FOR: Final = re.compile(
    r"oplys|dokument|bilag|vedlæg|kvittering|erklæring|budget|kontoudtog|attest|mangle|foreligge"
    r"|fuldmagt|samtykke|underskr|indhent|undersøg|beskriv|spørg|tjek|notat|overslag|udtalelse",
    re.IGNORECASE,
)
_TO_THE_CITIZEN: Final = re.compile(
    r"\b(?:du|dig|din|dit|dine|borger\w*|ansøger\w*|forældre\w*|klage\w*|frist\w*|ret til)\b|»",
    re.IGNORECASE,
)

_Weights = Mapping[re.Pattern[str], float]
_OF_EVERY_KIND: Final[_Weights] = {_MEASURE: 0.3, _PROVISION: 0.1}
_OF_KIND: Final[Mapping[SuggestionKind, _Weights]] = {
    "applicable_rules": {_PROVISION: 0.15, _RULE: 0.2},
    "answer": {_RULE: 0.2},
    "reply_draft": {_TO_THE_CITIZEN: 0.3},
    "next_steps": {_ACT: 0.3, _SOON: 0.2},
    "missing_information": {_ASKED_FOR: 0.5},
    "summary": {_RULE: 0.2},
}
_STEP: Final = 0.2


def fit(stretch: Quotable, kind: SuggestionKind) -> float:
    """How well the form of a stretch suits `kind`: 0 for no sign of it, about 1 for every sign."""
    signs = _signs(f"{stretch.lead_text} {stretch.text}", kind)
    return signs + (_STEP if kind == "next_steps" and stretch.form == "step" else 0.0)


@lru_cache(maxsize=1 << 14)
def _signs(words: str, kind: SuggestionKind) -> float:
    """Kept, for the same sources answer many cases."""
    weights = [*_OF_EVERY_KIND.items(), *_OF_KIND[kind].items()]
    return sum(weight for pattern, weight in weights if pattern.search(words))
