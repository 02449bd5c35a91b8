"""Looks for personal data behind the gate, as somebody who distrusts the redaction would.

The marks are what the case systems themselves say of their parties. Numbers are searched in any
grouping, names as whole words in the text that comes from a case: knowledge that Sidemand quotes
may hold the same word as a name (Skov, Holm) and means no person.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sidemand.client import CaseEvent, Party

_SEPARATORS = re.compile(r"[\s.\-–]")
_SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Marks:
    """What must not be seen behind the gate."""

    numbers: frozenset[str]
    """CPR and telephone numbers, digits only."""
    addresses: frozenset[str]
    """E-mail addresses, lower case."""
    names: frozenset[str]
    """Full names and each part of them."""

    @classmethod
    def of(cls, event: CaseEvent) -> "Marks":
        """Take the marks of all parties of a case event."""
        parties = event.parties
        return cls(
            numbers=frozenset(_digits(each) for party in parties for each in _numbers(party)),
            addresses=frozenset(party.email.lower() for party in parties if party.email),
            names=frozenset(name for party in parties for name in _names(party.name)),
        )

    def found_in(self, texts: Iterable[str]) -> set[str]:
        """Say which kinds of mark stand in `texts`; the marks themselves are not repeated."""
        found: set[str] = set()
        for text in texts:
            digits = _SEPARATORS.sub("", text)
            if any(number in digits for number in self.numbers):
                found.add("number")
            if any(address in text.lower() for address in self.addresses):
                found.add("e-mail")
            if any(re.search(rf"\b{re.escape(name)}s?\b", text) for name in self.names):
                found.add("name")
        return found


def _numbers(party: Party) -> Iterator[str]:
    yield from (number for number in (party.cpr, party.phone) if number)


def _digits(number: str) -> str:
    return "".join(character for character in number if character.isdigit())


def _names(full: str) -> Iterator[str]:
    yield full
    parts = (part for part in full.split() if len(part) >= _SHORTEST_NAME)
    yield from (part for part in parts if part[0].isupper())  # not "ved" of "Tandlæge ved …"
