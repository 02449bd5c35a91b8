"""What kind of figure a Danish question asks for, and which kinds a text states.

A question on a price has no answer in a text without amounts, however alike their words are.
"""

import re
from typing import Final, Literal

from sidemand.danish.quantities import find_days, find_quantities
from sidemand.danish.sentences import sentences

Figure = Literal["amount", "period", "number", "contact"]
"""Money, a time or how often, any other count, and where somebody can be reached."""

_ASKS: Final = re.compile(r"\b(?:hvad|hvor|hvilke[nt]?)\b", re.IGNORECASE)
_AMOUNT: Final = re.compile(
    r"\bkoster?\b|\bpris(?:en|er|erne)?\b|takst(?:en|er|erne)?\b|gebyr(?:et|er)?\b"
    r"|\bsats(?:en|er|erne)?\b|beløb(?:et)?\b|kroner|hvor mange penge"
    r"|hvor meget .*(?:får|betale|udbetal|giver|tjene|støtte)",
    re.IGNORECASE,
)
_PERIOD: Final = re.compile(
    r"hvor (?:lang|længe|hurtig|ofte|tit|gammel)|hvad er fristen|hvilken frist"
    r"|hvor mange (?:(?:arbejds|hver)?dage|uger|måneder|år|timer|minutter)",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"hvor (?:mange|meget|stor|høj|lille)", re.IGNORECASE)
_CONTACT: Final = re.compile(
    r"telefon|\bnummeret\b|mailadresse|hvilken adresse|åbningstid|\bhjemmeside", re.IGNORECASE
)
_REACHED_AT: Final = re.compile(r"\d\d ?\d\d ?\d\d ?\d\d|@|\bwww\.|\.dk\b|\bkl\. ?\d")
_OF_TIME: Final = frozenset({"arbejdsdag", "dag", "måned", "time", "minut"})


def asked_for(text: str) -> frozenset[Figure]:
    """The figures that the questions in `text` ask for."""
    asked: set[Figure] = set()
    for span in sentences(text):
        sentence = span.of(text)
        if _ASKS.search(sentence):
            asked |= _asked_for(sentence)
    return frozenset(asked)


def stated_in(text: str) -> frozenset[Figure]:
    """The figures that `text` states; whatever is stated is a number too."""
    stated: set[Figure] = set()
    for quantity, _ in find_quantities(text):
        stated.add("number")
        if quantity.unit == "krone":
            stated.add("amount")
        elif quantity.unit in _OF_TIME:
            stated.add("period")
    if any(find_days(text)):
        stated.add("period")
    if _REACHED_AT.search(text):
        stated.add("contact")
    return frozenset(stated)


def _asked_for(question: str) -> set[Figure]:
    asked: set[Figure] = set()
    if _AMOUNT.search(question):
        asked.add("amount")
    elif _PERIOD.search(question):
        asked.add("period")
    elif _NUMBER.search(question):
        asked.add("number")
    if _CONTACT.search(question):
        asked.add("contact")
    return asked
