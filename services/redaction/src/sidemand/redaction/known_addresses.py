"""Addresses that a case knows, in a text that comes without parties: a caseworker's comment.

Protected addresses are not kept, so nobody can look for them in a text. What can be asked is
whether words of the text are one: the vault compares keyed hashes.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

from sidemand.redaction.entities import comparable, street_keys
from sidemand.redaction.spans import Entity, Kind, Mention

_WORD: Final = re.compile(r"[^\W\d_][\w.'’-]*")
_NUMBER: Final = re.compile(r" (?:nr\.? ?)?\d{1,3}(?P<letter> ?[A-Za-z])?(?!\w)")
_MOST_WORDS: Final = 3
"""Of a street's name."""
_SHORTEST: Final = 4


def candidates(text: str) -> list[Mention]:
    """Every stretch of `text` that may be a street, or one with its number."""
    words = list(_WORD.finditer(text))
    found: list[Mention] = []
    for first, word in enumerate(words):
        end = word.start()
        for following in words[first : first + _MOST_WORDS]:
            if text[end : following.start()] not in ("", " "):
                break
            end = following.end()
            found += _endings(text, word.start(), end)
    return found


def beside(
    mentions: Sequence[Mention], possible: Sequence[Mention], known: Collection[Entity]
) -> list[Mention]:
    """The `possible` ones that are known, and what is left of `mentions` beside them; in order."""
    sure: list[Mention] = []
    addresses = [each for each in possible if each.entity in known]
    for each in sorted(addresses, key=lambda m: (m.start - m.end, m.start)):
        if all(each.end <= other.start or other.end <= each.start for other in sure):
            sure.append(each)
    rest = [piece for mention in mentions for piece in _outside(mention, sure)]
    return sorted([*sure, *rest], key=lambda mention: mention.start)


def _outside(mention: Mention, sure: Sequence[Mention]) -> list[Mention]:
    """`mention` without what the `sure` ones cover of it."""
    pieces = [mention]
    for each in sure:
        pieces = [
            replace(piece, start=start, end=end)
            for piece in pieces
            for start, end in (
                (piece.start, min(piece.end, each.start)),
                (max(piece.start, each.end), piece.end),
            )
            if start < end
        ]
    return pieces


def _endings(text: str, start: int, end: int) -> Iterator[Mention]:
    """With the number behind it, with and without its letter; alone where it has a capital."""
    number = _NUMBER.match(text, end)
    if number:
        yield from _mention(text, start, number.end())
        if number["letter"]:
            yield from _mention(text, start, number.start("letter"))
    if text[start].isupper():
        yield from _mention(text, start, end)
        if text[start:end].endswith("s"):
            yield from _mention(text, start, end - 1)


def _mention(text: str, start: int, end: int) -> Iterator[Mention]:
    written = text[start:end]
    if len(written) >= _SHORTEST:
        key = comparable(Kind.ADDRESS, written)
        yield Mention(start, end, Entity(Kind.ADDRESS, key, written, street_keys(written)))
