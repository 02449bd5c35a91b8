"""Finds personal data in a text: parties, identifiers, names, and names again.

Fails closed: what cannot be read with confidence raises `Unredactable` and goes no farther.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sidemand.redaction import beside_names
from sidemand.redaction.again import found_again
from sidemand.redaction.entities import mentions
from sidemand.redaction.guesses import all_confirmed, is_crumb
from sidemand.redaction.normalise import Normalised, normalise
from sidemand.redaction.parties import KnownParties
from sidemand.redaction.recognisers import find_identifiers
from sidemand.redaction.spans import Certainty, Kind, Mention, Span, resolve
from sidemand.redaction.special import SpecialCategories
from sidemand.redaction.tagger import Tagger, shipped_weights
from sidemand.schemas.raw import Party

MAX_CHARACTERS: Final = 2_000_000
"""Longer texts are not read."""

CAUTION: Final = 2.5
"""Taken from the tagger's score of "no name": rather one word too many than a name too few."""

_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
_FOREIGN_LETTER = re.compile("[^\\W\\d_\u0000-\u024f\u1e00-\u1eff\uff00-\uff5e]")
_NICKNAME_BETWEEN = re.compile(r" [\"'“”][^\"'“”\n]{2,16}[\"'“”] ")
_GAP_IN_ADDRESS = re.compile(r"[ ,.]{1,3}\n?|\n")


class Unredactable(Exception):
    """The text cannot be read safely. `code` says why, for programs: it holds no text."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Finder:
    """Finds personal data; may be shared between threads."""

    def __init__(
        self,
        tagger: Tagger | None = None,
        *,
        special: SpecialCategories | None = None,
        max_characters: int = MAX_CHARACTERS,
        caution: float = CAUTION,
    ) -> None:
        """Without a `tagger`, the shipped weights are used; special categories only if given."""
        self._special = special
        self._tagger = tagger or Tagger(*shipped_weights())
        self._max_characters = max_characters
        self._caution = caution

    def find(self, text: str, parties: Sequence[Party] = ()) -> list[Mention]:
        """Disjoint mentions in reading order; offsets are those of `text` as it came.

        Raises `Unredactable` with code `text_too_long`, `script_unknown`, `text_broken` or
        `recogniser_failed`.
        """
        self._check(text)
        normalised = normalise(text)
        try:
            found = self._mentions(normalised.text, parties)
        except Exception:  # noqa: BLE001 - whatever it was, nothing may pass
            # The cause is cut off: its message may hold a piece of the text.
            raise Unredactable("recogniser_failed") from None
        return [_moved_back(mention, normalised) for mention in found]

    def spans(self, text: str, known: KnownParties) -> list[Span]:
        """Disjoint spans of the normalised `text`."""
        found = [*known.find(text), *find_identifiers(text)]
        guesses = self._tagger.find(text, caution=self._caution)
        found += all_confirmed(text, guesses, self._tagger.classes)
        spans = _persons_first(text, resolve(found, text))
        beside = [*beside_names.find(text, spans, self._tagger.classes)]
        spans = resolve([*spans, *beside], text) if beside else spans
        whole = resolve([*spans, *found_again(text, spans, self._tagger.classes)], text)
        return _joined([span for span in whole if not is_crumb(text, span)], text)

    def _mentions(self, text: str, parties: Sequence[Party]) -> list[Mention]:
        known = KnownParties(parties, self._tagger.classes)
        spans = self.spans(text, known)
        if self._special is not None:
            spans = resolve([*spans, *self._special.find(text)], text)
        return mentions(text, spans, known)

    def _check(self, text: str) -> None:
        if len(text) > self._max_characters:
            raise Unredactable("text_too_long")
        if _HALF_A_CHARACTER.search(text):
            raise Unredactable("text_broken")
        if not _is_latin(text):
            raise Unredactable("script_unknown")


def _is_latin(text: str) -> bool:
    """Whether at least four in five letters are ones that the recognisers can read."""
    foreign = sum(1 for _ in _FOREIGN_LETTER.finditer(text))
    return not foreign or foreign * 5 <= sum(character.isalpha() for character in text)


def _persons_first(text: str, spans: Sequence[Span]) -> list[Span]:
    """A guessed organisation that is called like a person of the same text is that person."""
    persons = {text[span.start : span.end] for span in spans if span.kind is Kind.PERSON}
    return [
        span._replace(kind=Kind.PERSON)
        if span.kind is Kind.ORGANISATION and text[span.start : span.end] in persons
        else span
        for span in spans
    ]


def _joined(spans: Sequence[Span], text: str) -> list[Span]:
    """Neighbours that make one name or one address become one span."""
    joined: list[Span] = []
    for span in spans:
        before = joined[-1] if joined else None
        if before and before.kind is span.kind and _makes_one(before, span, text):
            certainty = max(before.certainty, span.certainty)
            joined[-1] = before._replace(end=span.end, certainty=certainty)
        else:
            joined.append(span)
    return joined


def _makes_one(before: Span, after: Span, text: str) -> bool:
    gap = text[before.end : after.start]
    if before.kind is Kind.PERSON:
        parties = before.certainty is after.certainty is Certainty.PARTY
        initial = gap == ". " and not text[before.end - 2 : before.end - 1].isalnum()
        one = gap in {" ", "-", ""} or initial or bool(_NICKNAME_BETWEEN.fullmatch(gap))
        return one and not parties
    return before.kind is Kind.ADDRESS and bool(_GAP_IN_ADDRESS.fullmatch(gap) or not gap)


def _moved_back(mention: Mention, normalised: Normalised) -> Mention:
    start, end = normalised.original(mention.start, mention.end)
    moved = (start, end) != (mention.start, mention.end)
    return replace(mention, start=start, end=end) if moved else mention
