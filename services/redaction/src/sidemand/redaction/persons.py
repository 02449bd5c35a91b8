"""Who is who: mentions of one person in a text are brought together.

A mention belongs to a person when every word of it is a part of the name or the initial of one.
Where that fits two persons, it belongs to neither: two people with one surname are never merged.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Final

from sidemand.redaction.names import PARTICLES, fold, forms, name_parts, words_of
from sidemand.redaction.spans import Entity, Kind

_MOST_PARTS: Final = 5
"""Of a name, from which shorter names are made."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person by the fullest form of the name."""

    name: str
    parts: tuple[str, ...]
    """Folded, in order."""

    @classmethod
    def named(cls, name: str) -> "Person":
        """The person who is called `name`."""
        return cls(name, name_parts(name) or (fold(name),))

    @property
    def initials(self) -> str:
        """Of all parts, in small letters."""
        return "".join(part[0] for part in self.parts)

    def entity(self) -> Entity:
        """What the vault keeps of this person. Every part is an alias, and every shorter name."""
        parts = self.parts[:_MOST_PARTS]
        shorter = (
            " ".join(some)
            for length in range(len(parts) - 1, 1, -1)
            for some in combinations(parts, length)
        )
        aliases = tuple(dict.fromkeys((*shorter, *self.parts))) if len(self.parts) > 1 else ()
        return Entity(Kind.PERSON, " ".join(self.parts), self.name, aliases)

    def is_meant_by(self, mention: str) -> bool:
        """Whether `mention` can be this person: parts, initials or both."""
        telling = _telling_words(mention)
        if len(telling) == 1 and telling[0].isupper() and fold(telling[0]) == self.initials:
            return True
        if telling and all(len(word) == 1 for word in telling):
            return "".join(map(fold, telling)) == self.initials
        return bool(telling) and all(self._has(word) for word in telling)

    def _has(self, word: str) -> bool:
        if len(word) == 1:
            return any(part[0] == fold(word) for part in self.parts)
        return any(form in self.parts for form in forms(word))


class People:
    """Persons by the parts and initials of their names: thousands are searched as fast as few."""

    def __init__(self, persons: Iterable[Person]) -> None:
        self._by_form: dict[str, list[Person]] = {}
        for person in persons:
            self.add(person)

    def add(self, person: Person) -> None:
        """Know `person` from now on; one with the same parts is known already."""
        if any(person.parts == other.parts for other in self._by_form.get(person.parts[0], ())):
            return
        for form in {*person.parts, person.initials}:
            self._by_form.setdefault(form, []).append(person)

    def meant_by(self, mention: str) -> Person | None:
        """The only one whom `mention` can mean; none where it fits nobody or several."""
        fitting = [person for person in self._candidates(mention) if person.is_meant_by(mention)]
        if len(fitting) > 1:
            exact = [person for person in fitting if len(person.parts) == _telling(mention)]
            fitting = exact or fitting
        return fitting[0] if len(fitting) == 1 else None

    def _candidates(self, mention: str) -> list[Person]:
        """Those who share the first full word, or the initials where there is none."""
        words = _telling_words(mention)
        full = next((word for word in words if len(word) > 1), None)
        keys = forms(full) if full else ("".join(map(fold, words)),)
        found = {id(p): p for key in keys for p in self._by_form.get(key, ())}
        return list(found.values())


def gather(mentions: Sequence[str], known: Sequence[Person]) -> dict[str, Person]:
    """The person whom each of `mentions` means; `known` ones first, then the fullest names."""
    people = People(known)
    written = set(mentions)
    meant: dict[str, Person] = {}
    for mention in sorted(written, key=lambda m: (-_telling(m), -len(m), m)):
        person = people.meant_by(mention)
        if person is None:
            person = Person.named(without_genitive(mention, written))
            people.add(person)
        meant[mention] = person
    return meant


def without_genitive(mention: str, mentions: Collection[str]) -> str:
    """`mention` without a genitive ending, where there is reason to take the s for one."""
    if mention.endswith("'s"):
        return mention[:-2]
    if mention.endswith("'"):
        return mention[:-1]
    if mention.endswith("s") and mention[:-1] in mentions:
        return mention[:-1]
    return mention


def _telling(mention: str) -> int:
    """How many words of `mention` are more than a particle or an initial."""
    return sum(len(word) > 1 for word in _telling_words(mention))


@lru_cache(maxsize=10_000)
def _telling_words(mention: str) -> tuple[str, ...]:
    """The words and initials of `mention` that are no particles."""
    return tuple(word.text for word in words_of(mention) if fold(word.text) not in PARTICLES)
