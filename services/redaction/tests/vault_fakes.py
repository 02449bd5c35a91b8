"""A vault without a database, for tests; it passes the same suite as the real one."""

import uuid
from collections.abc import Collection, Mapping, Sequence

from sidemand.redaction.ports import CaseForgotten, Vault
from sidemand.redaction.sealing import CaseKey, new_key
from sidemand.redaction.spans import Entity, Kind
from sidemand.redaction.tokens import Token
from sidemand.schemas.identity import CaseRef

A_CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=1))
ANOTHER_CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=2))


class InMemoryVault(Vault):
    """Values in dictionaries, unencrypted."""

    def __init__(self) -> None:
        self._keys: dict[str, CaseKey] = {}
        self._values: dict[str, dict[Token, Entity]] = {}
        self._aliases: dict[tuple[str, Kind, str], set[Token]] = {}
        self._erased: set[str] = set()

    async def tokens(self, case: CaseRef, entities: Collection[Entity]) -> Mapping[Entity, Token]:
        self._refuse_erased(case)
        key = self._keys.setdefault(case.key, CaseKey(case, new_key()))
        ordered = sorted(entities, key=lambda e: (e.kind, e.key, not e.protected))
        return {entity: self._token(case, key, entity) for entity in ordered}

    async def values(self, case: CaseRef, tokens: Collection[Token]) -> Mapping[Token, str]:
        self._refuse_erased(case)
        known = self._values.get(case.key, {})
        return {token: known[token].value for token in tokens if token in known}

    async def names(self, case: CaseRef) -> Sequence[str]:
        self._refuse_erased(case)
        known = self._values.get(case.key, {})
        return [entity.value for entity in known.values() if entity.kind is Kind.PERSON]

    async def erase(self, case: CaseRef) -> int:
        self._erased.add(case.key)
        self._keys.pop(case.key, None)
        return len(self._values.pop(case.key, {}))

    def _refuse_erased(self, case: CaseRef) -> None:
        if case.key in self._erased:
            raise CaseForgotten

    def _token(self, case: CaseRef, key: CaseKey, entity: Entity) -> Token:
        known = self._values.setdefault(case.key, {})
        own = {t for t, e in known.items() if (e.kind, e.key) == (entity.kind, entity.key)}
        found = own or self._aliases.get((case.key, entity.kind, entity.key), set())
        token = found.copy().pop() if len(found) == 1 else key.token(entity.kind, entity.key, 0)
        known.setdefault(token, entity)
        for alias in entity.aliases:
            self._aliases.setdefault((case.key, entity.kind, alias), set()).add(token)
        if entity.protected:
            self._protect(case, entity)
        return token

    def _protect(self, case: CaseRef, entity: Entity) -> None:
        known = self._values[case.key]
        near = {
            token
            for alias in entity.aliases[:1]
            for token in self._aliases.get((case.key, entity.kind, alias), set())
        }
        for token, other in known.items():
            if other.kind is entity.kind and (
                other.key in (entity.key, *entity.aliases) or token in near
            ):
                known[token] = Entity(other.kind, other.key, entity.value, other.aliases, True)
