"""What a sentence asserts that its quotes must carry: numbers, dates, references, negations.

These checks compare words; they prove nothing, but what they report is nearly always wrong or
not in the quote. The word lists were chosen on `groundedness/train*.jsonl`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sidemand.danish.analysis import terms
from sidemand.danish.legal import FoundReference, find_references
from sidemand.danish.quantities import Day, Quantity, find_days, find_quantities
from sidemand.danish.sentences import sentences
from sidemand.danish.spans import Span

Modality = Literal["duty", "option", "advice"]
Kind = Literal["number", "date", "reference", "negation", "modality", "scope"]


def _any_of(*forms: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(forms)})\b", re.IGNORECASE)


_NEGATION = _any_of("ikke", "ingen", "intet", "aldrig", "hverken", "uden", "næppe", "ej")
# What a quote may say instead of "ikke", so that a negated sentence can rest on it.
_LIMITING = _any_of(
    *"""ikke ingen intet aldrig hverken uden næppe ej kun alene udelukkende medmindre uanset dog før
    først forud imod inden anden andre fri frit gratis nej særskilt umulig undtagen""".split(),
    r"selv om",
    r"(?:undlad|undtag|fritag|bortfald|ophør|nægt|afslå|afslag|forbud|forbyd|frabed|mangl|undgå)\w*",
    r"(?:udelad|udeluk|ophæv|afvis|fravig|mist|slip|slap|modsæt|tabt|stands|stop|begræns|slet)\w*",
    r"(?:for)?hindr\w*",
    r"u[a-zæøå]{5,}",  # ugyldig, uberettiget
)
_PROHIBITION = re.compile(r"\b(?:må|kan)\s+(?:\w+\s+)?ikke\b", re.IGNORECASE)
_PERMISSION = re.compile(r"\b(?:må|kan)\b", re.IGNORECASE)
_DUTY = _any_of("skal", r"\w*pligt", "pligten", r"forpligte\w*", r"obligatorisk\w*")
_DUTY_IN_QUOTE = _any_of(
    "skal", r"\w*pligt\w*", r"forpligte\w*", r"obligatorisk\w*", "påhviler", "kræver?s?",
    "sørger", r"betingelse\w*", r"nødvendig\w*", "påser", "altid",
)  # fmt: skip
_OPTION = _any_of("kan", "må", r"valgfri\w*", r"frivillig\w*", "behøver")
_ADVICE = _any_of("bør", "burde")
_ALWAYS = _any_of("altid", "alle", "enhver", "aldrig", "samtlige", "når som helst", "uanset")
_ALWAYS_IN_QUOTE = _any_of(
    "altid", "alle", "enhver", "ethvert", "aldrig", "samtlige", "når som helst", "uanset", "hver",
    "hvert", "alt", "ingen", "uden",
)  # fmt: skip
_ONLY = _any_of("kun", "alene", "udelukkende")
_ONLY_IN_QUOTE = _any_of(
    "kun", "alene", "udelukkende", "medmindre", "højst", "ikke", r"begrænse\w*", "forudsat",
    r"betingelse\w*", "uden", "eneste", "ingen",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text states that can be compared, each with where it stands."""

    quantities: tuple[tuple[Quantity, Span], ...]
    days: tuple[tuple[Day, Span], ...]
    references: tuple[FoundReference, ...]
    negations: tuple[Span, ...]
    modalities: frozenset[Modality]


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a statement says and its quotes do not carry."""

    kind: Kind
    words: str
    """The words of the statement (of the quote, where the statement left out a "not")."""


def facts(text: str) -> Facts:
    """The numbers, dates, references, negations and modalities of `text`."""
    modal: dict[Modality, re.Pattern[str]] = {"duty": _DUTY, "option": _OPTION, "advice": _ADVICE}
    return Facts(
        quantities=tuple(find_quantities(text)),
        days=tuple(find_days(text)),
        references=tuple(find_references(text)),
        negations=tuple(Span(*match.span()) for match in _NEGATION.finditer(text)),
        modalities=frozenset(name for name, words in modal.items() if words.search(text)),
    )


def missing(statement: str, quotes: Sequence[str]) -> list[Missing]:
    """What `statement` asserts and `quotes` do not carry; empty when nothing was found wrong.

    Numbers, dates and references may stand anywhere in the quotes; put the locator of a citation
    among them when the statement names it. Negation and modality are compared with the sentence
    of the quotes that has most words in common with the statement.
    """
    together = "\n".join(quotes)
    return [*_values_missing(statement, together), *_sense_missing(statement, together)]


def _values_missing(statement: str, quotes: str) -> Iterator[Missing]:
    """What the quotes say is only looked up where the statement says something of the kind."""
    if quantities := list(find_quantities(statement)):
        numbers = [other for other, _ in find_quantities(quotes)]
        for quantity, span in quantities:
            if not any(map(quantity.carried_by, numbers)):
                yield Missing("number", span.of(statement))
    if days := list(find_days(statement)):
        dates = [other for other, _ in find_days(quotes)]
        for day, span in days:
            if not any(map(day.carried_by, dates)):
                yield Missing("date", span.of(statement))
    if references := list(find_references(statement)):
        others = [other.reference for other in find_references(quotes)]
        for found in references:
            mine = found.reference
            if not any(mine.covers(other) or other.covers(mine) for other in others):
                yield Missing("reference", found.span.of(statement))


def _sense_missing(statement: str, quotes: str) -> Iterator[Missing]:
    negated, allowed = _NEGATION.search(statement), _PERMISSION.search(statement)
    duty = _DUTY.search(statement)
    if negated or allowed or duty:
        closest = _closest_sentence(statement, quotes)
        if negated and not _LIMITING.search(closest):
            yield Missing("negation", negated.group())
        forbidden = _PROHIBITION.search(closest)
        if forbidden and allowed and not _LIMITING.search(statement):
            yield Missing("negation", forbidden.group())
        optional = _OPTION.search(closest) and not _DUTY_IN_QUOTE.search(closest)
        if duty and optional and not _OPTION.search(statement):
            yield Missing("modality", duty.group())
    for claimed, carrying in ((_ALWAYS, _ALWAYS_IN_QUOTE), (_ONLY, _ONLY_IN_QUOTE)):
        scope = claimed.search(statement)
        if scope and not carrying.search(quotes):
            yield Missing("scope", scope.group())


def _closest_sentence(statement: str, quotes: str) -> str:
    """The sentence of `quotes` with most terms of `statement`; of two, the shorter one."""
    wanted = set(terms(statement))
    best, closest = (-1, 0), ""
    for span in sentences(quotes):
        sentence = span.of(quotes)
        score = (len(wanted.intersection(terms(sentence))), -len(sentence))
        if score > best:
            best, closest = score, sentence
    return closest
