"""Digits as they come out of scanners: the letters O, o, I and l stand for 0 and 1."""

import re
from collections.abc import Iterator
from functools import lru_cache

DIGIT = r"[0-9OoIl]"
"""One digit, or a letter that a scanner takes for one."""


def first(character: str, *behind: str) -> str:
    """`character` where none of `behind` stands before it; all are patterns of a fixed length.

    What must not stand before comes second: a pattern that begins with a set of characters is
    looked for several times as fast as one that begins with a condition.
    """
    return character + "".join(f"(?<!{before}{character})" for before in behind)


_AS_READ = str.maketrans("OoIl", "0011")


def digits(text: str) -> str:
    """The bare digits of `text`; misread letters count."""
    return "".join(c for c in text.translate(_AS_READ) if "0" <= c <= "9")


def mostly_digits(text: str, share: float = 0.5) -> bool:
    """Whether at least `share` of the digits are real ones: "solOlIl" is a word."""
    real = sum("0" <= c <= "9" for c in text)
    return real > 0 and real >= share * len(digits(text))


def numbers(
    pattern: re.Pattern[str], text: str, *, least: int = 1, reach: int = 70
) -> Iterator[re.Match[str]]:
    """The matches of `pattern` that are made of real digits for the most part."""
    found = near_digits(pattern, text, least=least, reach=reach)
    return (match for match in found if mostly_digits(match.group()))


def near_digits(
    pattern: re.Pattern[str], text: str, *, least: int = 1, reach: int = 70
) -> Iterator[re.Match[str]]:
    """The matches of `pattern` where at least so many digits stand, less than `reach` away."""
    for start, end, count in _around_digits(text, reach):
        if count >= least:
            yield from pattern.finditer(text, start, end)


def from_every_start(
    pattern: re.Pattern[str], text: str, *, least: int = 1, reach: int = 70
) -> Iterator[re.Match[str]]:
    """Like `near_digits`, but a match may begin within another: one that is none hides nothing."""
    for start, end, count in _around_digits(text, reach):
        at = start
        while count >= least and (match := pattern.search(text, at, end)):
            yield match
            at = match.start() + 1


def is_near_digits(text: str, place: int, *, reach: int = 70) -> bool:
    """Whether a digit stands less than `reach` characters from `place`."""
    return bool(_RUN_OF_DIGITS.search(text, max(0, place - reach), place + reach))


@lru_cache(maxsize=4)
def _around_digits(text: str, reach: int) -> tuple[tuple[int, int, int], ...]:
    """The stretches of `text` where a number can stand, and how many digits each holds.

    Most prose is never looked at. Every recogniser asks for the same text, one after the other:
    the last answers are kept.
    """
    stretches: list[tuple[int, int, int]] = []
    for run in _RUN_OF_DIGITS.finditer(text):
        start, end, count = max(0, run.start() - reach), run.end() + reach, run.end() - run.start()
        if stretches and start <= stretches[-1][1]:
            start, _, before = stretches.pop()
            count += before
        stretches.append((start, end, count))
    return tuple(stretches)


CLOSE = 16
"""Characters between two digits of a number, or a digit and the letters read for digits, halved."""
_RUN_OF_DIGITS = re.compile(r"[0-9]+")


def counts_something(text: str, start: int, end: int) -> bool:
    """Whether the number from `start` to `end` is money or a measure, or names a thing.

    Only the word right beside the number counts, and never for a CPR number.
    """
    before = text[max(0, start - 40) : start]
    return bool(
        _UNIT_AFTER.match(text, end)
        or _CURRENCY_BEFORE.search(before[-9:])
        or _THING_BEFORE.search(before)
    )


def numbers_an_item(text: str, start: int, end: int) -> bool:
    """Whether the number from `start` to `end` counts items within a sentence: `bil, 2) bolig`."""
    if not (text.startswith(")", end) and text.startswith(", ", start - 2)):
        return False
    before = text[max(0, start - 90) : start]
    return before.rfind("(") <= before.rfind(")")


_UNIT_AFTER = re.compile(
    r"(?:,\d{1,2}|,-)? ?(?:kr\b|kroner\b|dkk\b|euro?\b|€|%|pct\b|procent\b|mio\b|mia\b|m2\b|m²"
    r"|kvm\b|kvadratmeter\b|borgere\b|personer\b|timer\b|km\b|kg\b)",
    re.IGNORECASE,
)
_CURRENCY_BEFORE = re.compile(r"(?:\bkr\.?|\bkroner|\bDKK|€|\bbeløb:?) ?$", re.IGNORECASE)
_THING_BEFORE = re.compile(
    r"\b(?:faktura|ordre|\w*billet|varenummer|vare|version|build|issn|isbn|ean|licens|batch|rekvisition|rekv|fejlkode"
    r"|bestillingskode|kreditor|skabelon|overslag|printer|hjælpemiddel|inc|ticket)(?:[.\-]?s?(?:nr|nummer))?"
    r"(?:[.:]{0,2} ?(?:nr\.? ?)?(?:\| ?|0x)?|, (?:fx|f\.eks\.|for eksempel) )$",
    re.IGNORECASE,
)
