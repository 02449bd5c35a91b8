"""What the vault holds of one case, and which token an entity gets. No I/O: rows in, rows out."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from sidemand.bus.errors import Transient
from sidemand.redaction.entities import PROTECTED_ADDRESS
from sidemand.redaction.sealing import CaseKey
from sidemand.redaction.spans import Entity, Kind
from sidemand.redaction.tokens import Token

_ATTEMPTS: Final = 40

Taken = Callable[[Collection[Token]], Collection[Token]]
"""Says which of some tokens stand for something already, in whatever case."""


@dataclass(slots=True)
class Rows:
    """Rows of one case. Lookups are keyed hashes of compared forms."""

    values: dict[Token, tuple[bytes, bytes]] = field(default_factory=dict)
    """The lookup of the fullest form, and the sealed value; what is only read has none."""
    aliases: set[tuple[bytes, Token]] = field(default_factory=set)
    """Lookups of further forms."""
    protected: set[bytes] = field(default_factory=set)
    """Lookups of forms of protected addresses."""


class Shelf:
    """The entities of one case, while a call to the vault lasts."""

    def __init__(self, key: CaseKey, kept: Rows, taken: Taken) -> None:
        self._key = key
        self._own = {lookup: token for token, (lookup, _) in kept.values.items()}
        self._other: dict[bytes, set[Token]] = {}
        for lookup, token in kept.aliases:
            self._other.setdefault(lookup, set()).add(token)
        self._protected = set(kept.protected)
        self._ask_which_are_taken = taken
        self._taken: set[Token] = set()
        self._keys: dict[Token, str] = {}
        """Whose tokens were asked for in this call."""
        self.added = Rows()
        """To be written anew."""
        self.changed: dict[Token, tuple[bytes, bytes]] = {}
        """Values to be written over."""

    def place(self, entities: Collection[Entity]) -> dict[Entity, Token]:
        """A token for each; entities of one key share it. Raises `Transient`."""
        # In one order whatever the text's, so that the same entities always get the same tokens:
        # longer names first, since a shorter one may mean the same person.
        ordered = sorted(
            entities, key=lambda e: (e.kind, -len(e.aliases), e.key, not e.protected, e.value)
        )
        first = {self._key.token(entity.kind, entity.key, 0) for entity in ordered}
        own = set(self._own.values())
        self._taken = own | set(self._ask_which_are_taken(first - own))
        self._grow(ordered)
        return {entity: self._placed(entity) for entity in ordered}

    def knows(self, entities: Collection[Entity]) -> set[Entity]:
        """Those that a form of was kept of, protected or not."""
        kept = self._own.keys() | self._other.keys() | self._protected
        return {e for e in entities if self._key.lookup(e.kind, e.key) in kept}

    def _placed(self, entity: Entity) -> Token:
        lookup = self._key.lookup(entity.kind, entity.key)
        token = self._known(lookup)
        if token is None or self._is_somebody_else(token, entity):
            token = self._new(lookup, entity)
        self._keys[token] = entity.key
        self._keep_aliases(token, self._lookups(entity)[1:])
        if entity.protected:
            self._protect(entity)
        return token

    def _is_somebody_else(self, token: Token, entity: Entity) -> bool:
        """Two persons whom one document tells apart stay two, however alike their names are."""
        return entity.kind is Kind.PERSON and self._keys.get(token, entity.key) != entity.key

    def _known(self, lookup: bytes) -> Token | None:
        if lookup in self._own:
            return self._own[lookup]
        other = self._other.get(lookup, set())
        return next(iter(other)) if len(other) == 1 else None

    def _new(self, lookup: bytes, entity: Entity) -> Token:
        token = self._free_token(entity)
        self._own[lookup] = token
        self._taken.add(token)
        value = PROTECTED_ADDRESS if self._is_protected(entity) else entity.value
        self.added.values[token] = lookup, self._key.seal_value(token, value)
        return token

    def _free_token(self, entity: Entity) -> Token:
        """The first token that no case has."""
        for attempt in range(_ATTEMPTS):
            token = self._key.token(entity.kind, entity.key, attempt)
            asked = attempt == 0 or not self._ask_which_are_taken([token])
            if token not in self._taken and asked:
                return token
        raise Transient("vault: no free token")

    def _keep_aliases(self, token: Token, lookups: Iterable[bytes]) -> None:
        for lookup in lookups:
            tokens = self._other.setdefault(lookup, set())
            if token not in tokens:
                tokens.add(token)
                self.added.aliases.add((lookup, token))

    def _lookups(self, entity: Entity) -> list[bytes]:
        """Of the fullest form, then of the others."""
        return [self._key.lookup(entity.kind, form) for form in (entity.key, *entity.aliases)]

    def _grow(self, entities: Collection[Entity]) -> None:
        """Give persons who were known by a shorter name their fuller one."""
        meant: dict[Token, set[str]] = {}
        fuller: dict[Token, Entity] = {}
        named = {self._lookups(entity)[0] for entity in entities}
        for entity in entities:
            lookups = self._lookups(entity)
            if entity.kind is Kind.PERSON and self._known(lookups[0]) is None:
                for token in self._shorter(entity, set(lookups)):
                    meant.setdefault(token, set()).add(entity.key)
                    fuller[token] = entity
        for token, keys in meant.items():
            if len(keys) == 1 and self._forms_of(token).isdisjoint(named):
                self._rename(token, fuller[token])

    def _shorter(self, entity: Entity, lookups: set[bytes]) -> list[Token]:
        """The person known by first name and another part, where that can mean nobody else.

        A surname never leads to a fuller name: it may be anybody's. Nor does a name of which more
        is known already: "Anne Hansen" who was "Anne Marie Hansen" since is not "Anne Lise Hansen".
        """
        first_name = entity.key.partition(" ")[0]
        named = [form for form in entity.aliases if form.startswith(f"{first_name} ")]
        parts = [self._key.lookup(entity.kind, form) for form in named]
        fitting = {
            self._own[lookup]
            for lookup in parts
            if lookup in self._own
            and self._other.get(lookup, set()) <= {self._own[lookup]}
            and self._forms_of(self._own[lookup]) <= lookups
        }
        return list(fitting) if len(fitting) == 1 else []

    def _forms_of(self, token: Token) -> set[bytes]:
        own = {lookup for lookup, owner in self._own.items() if owner == token}
        return own | {lookup for lookup, owners in self._other.items() if token in owners}

    def _rename(self, token: Token, entity: Entity) -> None:
        shorter = next(lookup for lookup, owner in self._own.items() if owner == token)
        del self._own[shorter]
        self._own[self._key.lookup(entity.kind, entity.key)] = token
        self._keep_aliases(token, [shorter])
        self._write_over(token, entity.value)

    def _is_protected(self, entity: Entity) -> bool:
        """Whether it is a protected address, or a further way of writing one.

        Street with number counts; the street alone only where nothing else is written.
        """
        if entity.kind is not Kind.ADDRESS:
            return entity.protected
        return entity.protected or not self._protected.isdisjoint(self._lookups(entity)[:2])

    def _protect(self, entity: Entity) -> None:
        """A value that became protected is overwritten in every form that was kept of it."""
        lookups = self._lookups(entity)
        self.added.protected |= set(lookups) - self._protected
        self._protected |= set(lookups)
        same = {self._own[lookup] for lookup in lookups if lookup in self._own}
        # Street and number come first; the street alone is the neighbours' too.
        for lookup in lookups[:2]:
            same |= self._other.get(lookup, set())
        for token in same:
            self._write_over(token, PROTECTED_ADDRESS)

    def _write_over(self, token: Token, value: str) -> None:
        lookup = next(lookup for lookup, owner in self._own.items() if owner == token)
        rows = self.added.values if token in self.added.values else self.changed
        rows[token] = lookup, self._key.seal_value(token, value)
