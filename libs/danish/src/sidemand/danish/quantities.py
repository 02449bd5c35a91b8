"""Numbers, amounts, periods and dates that a Danish text states."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sidemand.danish.spans import Span

_ONES = {"nul": 0, "en": 1, "én": 1, "et": 1, "ét": 1, "to": 2, "tre": 3, "fire": 4, "fem": 5}
_ONES |= {"seks": 6, "syv": 7, "otte": 8, "ni": 9}
_TEENS = {"ti": 10, "elleve": 11, "tolv": 12, "tretten": 13, "fjorten": 14, "femten": 15}
_TEENS |= {"seksten": 16, "sytten": 17, "atten": 18, "nitten": 19}
_TENS = {"tyve": 20, "tredive": 30, "fyrre": 40, "halvtreds": 50, "tres": 60, "halvfjerds": 70}
_TENS |= {"firs": 80, "halvfems": 90}
_JOINED = {
    f"{one}og{ten}": ones + tens
    for one, ones in _ONES.items()
    if ones
    for ten, tens in _TENS.items()
}
_HUNDREDS = {"hundrede": 100, "tusind": 1000, "tusinde": 1000}
_HALVES = {"halv": "0.5", "halvt": "0.5", "halvanden": "1.5", "halvandet": "1.5"}
_WHOLES = _ONES | _TEENS | _TENS | _JOINED | _HUNDREDS
_NUMBER_WORDS = {word: Decimal(value) for word, value in (_WHOLES | _HALVES).items()}
_ARTICLES = frozenset({"en", "én", "et", "ét"})  # "et barn" states no number, "et år" does

# Each unit with what it is counted in, and how many of those it has.
_UNITS = (
    (r"arbejdsdag(?:e|es)?|hverdag(?:e|es)?|bankdage?", "arbejdsdag", 1),
    (r"døgn", "time", 24),
    (r"dag(?:e|es|en|s)?", "dag", 1),
    (r"uge(?:r|rs|n|s)?", "dag", 7),
    (r"(?:måned(?:er|ers|en|s)?|mdr\.?|md\.)", "måned", 1),
    (r"kvartal(?:er|et)?", "måned", 3),
    (r"år(?:s|et|ets|ige|ig)?", "måned", 12),
    (r"time(?:r|rs|n|s)?", "time", 1),
    (r"minut(?:ter|ters|tet)?|min\.", "minut", 1),
    (r"mio\.?\s*(?:kr\.?|kroner)|millioner?\s+kroner", "krone", 1_000_000),
    (r"(?:kr\.?|kroner|krone|dkk)", "krone", 1),
    (r"(?:pct\.?|procent|%)", "procent", 1),
    (r"(?:m2|m²|kvadratmeter)", "kvadratmeter", 1),
    (r"(?:km|kilometer)", "meter", 1000),
    (r"(?:m|meter)", "meter", 1),
    (r"gang(?:e|en)?", "gang", 1),
)
_UNIT = re.compile(
    r"[\s-]*(?:" + "|".join(f"(?P<u{i}>{form})" for i, (form, _, _) in enumerate(_UNITS))
    + r")(?![^\W_])", re.IGNORECASE,
)  # fmt: skip
_NUMBER = re.compile(
    r"(?<![\w.,/])(?P<digits>\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d*½|\d+(?:,\d+)?)(?![\d/])"
    rf"|(?<!\w)(?P<word>{'|'.join(sorted(_NUMBER_WORDS, key=len, reverse=True))})(?!\w)",
    re.IGNORECASE,
)
# Numbers that count provisions and items, not things.
_NUMBERING = re.compile(
    r"(?<!\w)(?:stk|nr|pkt|kap|kapitel|litra|artikel|art|bilag|§)\.?\s*\d+(?:\s*(?:-|–|og|eller|,)\s*\d+)*"
    r"|(?<!\w)\d+(?:\.?\s*[-–]\s*\d+)?\.\s*(?:pkt|led)\b|(?<![\w,.])\d{1,2}\)",
    re.IGNORECASE,
)
_MONTHS = "jan feb mar apr maj jun jul aug sep okt nov dec".split()
_DATE = re.compile(
    r"(?<![\d.,])(?P<day>\d{1,2})\.?\s*(?P<month>" + "|".join(_MONTHS) + r")[a-zæøå]*"
    r"(?:\.?\s+(?P<year>\d{4}))?(?!\w)"
    r"|(?<![\d.,])(?P<day2>\d{1,2})[./-](?P<month2>\d{1,2})[./-](?P<year2>\d{4}|\d{2})(?!\d)"
    r"|(?<!\d)(?P<year3>\d{4})-(?P<month3>\d{2})-(?P<day3>\d{2})(?!\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written and what it counts; `unit` is None where none is known.

    `factor` leads to the unit in which quantities are compared: "2 uger" are 2 times 7 days.
    """

    value: Decimal
    unit: str | None = None
    factor: int = 1

    def carried_by(self, other: "Quantity") -> bool:
        """Whether a text that states `other` states this: "14 dage" carries "to uger".

        A number without a known unit carries the same number with any, and the other way.
        """
        if self.unit is None or other.unit is None:
            return self.value == other.value
        return (self.value * self.factor, self.unit) == (other.value * other.factor, other.unit)


@dataclass(frozen=True, slots=True)
class Day:
    """A date; the year is None where the text leaves it out."""

    day: int
    month: int
    year: int | None = None

    def carried_by(self, other: "Day") -> bool:
        """Whether a text that states `other` states this as well."""
        same_day = (self.day, self.month) == (other.day, other.month)
        return same_day and self.year in {None, other.year}


def find_days(text: str) -> Iterator[tuple[Day, Span]]:
    """The dates in `text`: "1. juli 2025", "01.07.2025", "2025-07-01", "den 1. juli"."""
    for match in _DATE.finditer(text):
        day = int(match["day"] or match["day2"] or match["day3"])
        year = match["year"] or match["year2"] or match["year3"]
        month = (
            _MONTHS.index(match["month"].lower()[:3]) + 1
            if match["month"]
            else int(match["month2"] or match["month3"])
        )
        if 1 <= day <= 31 and 1 <= month <= 12:
            full = None if year is None else int(year) + (2000 if len(year) == 2 else 0)
            yield Day(day, month, full), Span(*match.span())


def find_quantities(text: str) -> Iterator[tuple[Quantity, Span]]:
    """The numbers in `text`, in digits or words, that belong to no date and no reference."""
    hidden = [span for _, span in find_days(text)]
    hidden += [Span(*match.span()) for match in _NUMBERING.finditer(text)]
    for match in _NUMBER.finditer(text):
        if any(span.start <= match.start() < span.end for span in hidden):
            continue
        unit = _UNIT.match(text, match.end())
        if (match["word"] or "").lower() in _ARTICLES and unit is None:
            continue
        yield _quantity(_value(match), unit), Span(match.start(), (unit or match).end())


def _value(match: re.Match[str]) -> Decimal:
    if match["digits"]:
        return Decimal(match["digits"].replace(".", "").replace(",", ".").replace("½", ".5"))
    return _NUMBER_WORDS[match["word"].lower()]


def _quantity(value: Decimal, unit: re.Match[str] | None) -> Quantity:
    if unit is None:
        return Quantity(value)
    _, counted_in, factor = _UNITS[int(str(unit.lastgroup)[1:])]
    return Quantity(value, counted_in, factor)
