"""From spans to entities: which mentions mean the same person, number or place."""

import re
from collections.abc import Iterable, Sequence

from sidemand.redaction.names import fold, name_parts, words_of
from sidemand.redaction.parties import KnownParties, split_party_name
from sidemand.redaction.persons import Person, gather
from sidemand.redaction.recognisers.digits import digits
from sidemand.redaction.spans import Entity, Kind, Mention, Span
from sidemand.schemas.raw import Party

PROTECTED_ADDRESS = "[beskyttet adresse]"
"""Stands in every output where a protected address would."""

_NUMBERS = frozenset(
    {Kind.CPR, Kind.CVR, Kind.PRODUCTION_UNIT, Kind.PHONE, Kind.ACCOUNT, Kind.NUMBER}
)
_STREET_AND_NUMBER = re.compile(
    r"(?P<street>[^\d,\n]{3,}?),? (?:nr\.? ?)?(?P<number>\d+ ?[a-zæøå]?)\b"
)
_LINE_END = re.compile(r"\s*\n\s*")


def mentions(text: str, spans: Sequence[Span], parties: KnownParties) -> list[Mention]:
    """Each of `spans` of the normalised `text` with the entity that it means."""
    people = gather(
        [text[s.start : s.end] for s in spans if s.kind is Kind.PERSON], parties.persons
    )
    places = _Addresses(
        parties.addresses, [text[s.start : s.end] for s in spans if s.kind is Kind.ADDRESS]
    )
    persons = {
        written: (person.entity(), _is_genitive(written, person))
        for written, person in people.items()
    }
    return [_mention(text[s.start : s.end], s, persons, places) for s in spans]


def _mention(
    written: str, span: Span, persons: dict[str, tuple[Entity, bool]], places: "_Addresses"
) -> Mention:
    if span.kind is Kind.PERSON:
        return Mention(span.start, span.end, *persons[written])
    if span.kind is Kind.ADDRESS:
        return Mention(span.start, span.end, places.entity(written))
    return Mention(span.start, span.end, identifier(span.kind, written))


def _is_genitive(written: str, person: Person) -> bool:
    if not written.endswith(("s", "S", "'")):
        return False
    last = [fold(word.text) for word in words_of(written)][-1]
    return last not in person.parts and last != person.initials


def identifier(kind: Kind, written: str) -> Entity:
    """The number or organisation that `written` is; another way of writing it is equal."""
    return Entity(kind, comparable(kind, written), _LINE_END.sub(" ", written))


def comparable(kind: Kind, written: str) -> str:
    """The form in which two ways of writing the same value are equal."""
    if kind in _NUMBERS:
        number = digits(written)
        if kind is Kind.PHONE and len(number) > 8:
            number = re.sub(r"^(?:00)?45(?=\d{8}$)", "", number)
        return number or fold(written)
    return "".join(filter(str.isalnum, fold(written)))


class _Addresses:
    """The addresses of a text: "Fasanhaven 9" is the only longer address that begins so."""

    def __init__(self, known: Sequence[tuple[str, bool]], found: Iterable[str]) -> None:
        self._entities: dict[str, Entity] = {}
        self._by_alias: dict[str, set[Entity]] = {}
        for address, protected in known:
            self._add(address, protected=protected)
        for address in sorted(set(found), key=lambda a: (-len(a), a)):
            if self._match(address) is None:
                self._add(address, protected=False)

    def entity(self, written: str) -> Entity:
        """The address that `written` means."""
        found = self._match(written)
        if found is None:
            raise LookupError("an address that was not among those found")
        return found

    def _match(self, written: str) -> Entity | None:
        key = comparable(Kind.ADDRESS, written)
        if key in self._entities:
            return self._entities[key]
        forms = {key, key.removesuffix("s"), *street_keys(written)[:1]}
        fitting = {entity for form in forms for entity in self._by_alias.get(form, ())}
        protected = [entity for entity in fitting if entity.protected]
        if protected:
            return protected[0]
        return fitting.pop() if len(fitting) == 1 else None

    def _add(self, address: str, *, protected: bool) -> None:
        key = comparable(Kind.ADDRESS, address)
        value = PROTECTED_ADDRESS if protected else _LINE_END.sub(", ", address)
        entity = Entity(Kind.ADDRESS, key, value, street_keys(address), protected)
        self._entities[key] = entity
        for alias in entity.aliases:
            self._by_alias.setdefault(alias, set()).add(entity)


def street_keys(address: str) -> tuple[str, ...]:
    """Compared forms of street with number, and of the street alone, where there is a number."""
    match = _STREET_AND_NUMBER.match(address.lower())
    if match is None:
        return ()
    return tuple(comparable(Kind.ADDRESS, part) for part in (match.group(), match["street"]))


def party_entity(party: Party) -> Entity:
    """What stands for a party: the person, or the organisation where no person is named."""
    organisation, person = split_party_name(party.name)
    if person and name_parts(person):
        return Person.named(person).entity()
    return identifier(Kind.ORGANISATION, organisation or party.name)
