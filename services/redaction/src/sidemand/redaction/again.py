"""What was found once is found everywhere: names, initials, organisations and streets again."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from sidemand.redaction.names import PARTICLES, forms, words_of
from sidemand.redaction.reading import read
from sidemand.redaction.recognisers.initials import NOBODY
from sidemand.redaction.spans import Certainty, Kind, Span
from sidemand.redaction.word_classes import WordClasses

_FIRST_OF_LINE = re.compile(r"\n([^\W\d_]{2,20})")
_LAST_OF_LINE = re.compile(r"(?<!\w)([^\W\d_]{1,20})-?\Z")
_BEFORE_A_NAME = re.compile(r"(?<!\w)(?:fru|frk|hr|dr|til|med|hos|og|mod|ham) \Z")
_STREET = re.compile(r"(?P<street>[A-ZÆØÅ][^\d,\n(]{4,40}?),? (?:nr\.? ?)?\d")
_SHORT_NAME: Final = 5
"""Characters of a name that may be a word, too."""
_BEGINS_A_WORD = re.compile(r"(?<!\w)")
_GENITIVE = re.compile(r"s?(?!\w)")
_NUMBER_BEHIND = re.compile(r"(?:s|,? (?:nr\.? ?)?\d{1,3}(?: ?[A-Ha-h])?)?(?!\w)")


def found_again(text: str, spans: Sequence[Span], classes: WordClasses) -> Iterator[Span]:
    """Every other place in `text` where something stands that one of `spans` covers elsewhere."""
    return chain(
        _names_again(text, spans, classes),
        _initials_again(text, spans),
        _organisations_again(text, spans),
        _streets_again(text, spans),
    )


def _names_again(text: str, spans: Iterable[Span], classes: WordClasses) -> Iterator[Span]:
    """Every other place where a part of a name that was found stands, first name alone or last.

    An ordinary word ("Sommer") counts only where it is written like a name: with a capital, and
    not because a sentence begins, unless the text never writes it small.
    """
    persons = [span for span in spans if span.kind is Kind.PERSON]
    parts = {
        form
        for span in persons
        for word in words_of(text[span.start : span.end])
        for form in forms(word.text)
        if len(form) > 2 and form not in PARTICLES
    }
    if not parts:
        return
    small = _parts_written_small(text, persons)
    reading = read(text)
    different = set(reading.words)
    named = {word for word in different if not parts.isdisjoint(forms(word))}
    for start, word in reading.places(named):
        never_small = word.lower() not in different
        written_as_name = word[0].isupper() and (never_small or not _begins_sentence(text, start))
        if (
            written_as_name
            or not classes.is_ordinary(word.lower())
            or (word in small and _BEFORE_A_NAME.search(text, max(0, start - 8), start))
        ):
            yield Span(start, start + len(word), Kind.PERSON, Certainty.NAME)
    for start, end, word in _broken_words(text):
        if not parts.isdisjoint(forms(word)):
            yield Span(start, end, Kind.PERSON, Certainty.NAME)


def _parts_written_small(text: str, persons: Iterable[Span]) -> set[str]:
    """Where a text writes a name small once ("sander vest"), it does so again ("til vest")."""
    written = (word.text for s in persons for word in words_of(text[s.start : s.end]))
    return {form for word in written if word.islower() for form in (word, f"{word}s")}


def _broken_words(text: str) -> Iterator[tuple[int, int, str]]:
    """The words at the end of a line, each with the one that begins the next, as one word."""
    end = 0
    for first in _FIRST_OF_LINE.finditer(text):
        last = _LAST_OF_LINE.search(text, max(end, first.start() - 21), first.start())
        if last:
            end = first.end()
            yield last.start(), end, last[1] + first[1]


def _initials_again(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """The initials of those who were found with their full names, and initials that were found."""
    written = [text[s.start : s.end] for s in spans if s.kind is Kind.PERSON]
    initials = {"".join(word.text[0] for word in words_of(name)).upper() for name in written}
    initials |= {name for name in written if name.isupper() or len(name) < 4}
    telling = {i for i in initials if 1 < len(i) < 5 and i.lower() not in NOBODY}
    for start, letters in read(text).places(telling):
        # Two small letters are a word too, but not where a sentence begins with them.
        begins = letters.islower() and _begins_sentence(text, start)
        certainty = Certainty.IDENTIFIER if begins else Certainty.NAME
        yield Span(start, start + len(letters), Kind.PERSON, certainty)


def _begins_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 3) : start].rstrip(" ")
    return not before or before[-1] in ".!?:\n-*>"


def _organisations_again(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Every other place where the full name of an organisation that was found stands."""
    names = {text[s.start : s.end] for s in spans if s.kind is Kind.ORGANISATION}
    for name in names:
        if len(name) > _SHORT_NAME:
            yield from _again(text, name, _GENITIVE, Kind.ORGANISATION)


def _streets_again(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Every other place where the street of an address that was found stands, with its number."""
    written = {text[s.start : s.end] for s in spans if s.kind is Kind.ADDRESS}
    matches = filter(None, map(_STREET.match, written))
    for street in {match["street"] for match in matches}:
        if len(street) > _SHORT_NAME:
            yield from _again(text, street, _NUMBER_BEHIND, Kind.ADDRESS)


def _again(text: str, name: str, ending: re.Pattern[str], kind: Kind) -> Iterator[Span]:
    """Every place where `name` stands with an `ending`, and not within a word."""
    start = text.find(name)
    while start >= 0:
        end = ending.match(text, start + len(name)) if _BEGINS_A_WORD.match(text, start) else None
        if end:
            yield Span(start, end.end(), kind, Certainty.NAME)
        start = text.find(name, start + 1)
