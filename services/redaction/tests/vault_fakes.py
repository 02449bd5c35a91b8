"""A vault without a database, for tests; it passes the same suite as the real one."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sidemand.redaction.ports import CaseForgotten, Vault
from sidemand.redaction.sealing import CaseKey, new_key
from sidemand.redaction.shelf import Rows, Shelf
from sidemand.redaction.spans import Entity, Kind
from sidemand.redaction.tokens import Token
from sidemand.schemas.identity import CaseRef

A_CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=1))
ANOTHER_CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=2))


@dataclass
class _Case:
    key: CaseKey
    rows: Rows = field(default_factory=Rows)


class InMemoryVault(Vault):
    """Rows in dictionaries, under keys that nothing wraps."""

    def __init__(self) -> None:
        self._cases: dict[str, _Case] = {}
        self._erased: set[str] = set()

    async def tokens(self, case: CaseRef, entities: Collection[Entity]) -> Mapping[Entity, Token]:
        self._refuse_erased(case)
        known = self._cases.setdefault(case.key, _Case(CaseKey(case, new_key())))
        shelf = Shelf(known.key, known.rows, self._taken)
        tokens = shelf.place(entities)
        known.rows.values |= shelf.added.values | shelf.changed
        known.rows.aliases |= shelf.added.aliases
        known.rows.protected |= shelf.added.protected
        return tokens

    async def values(self, case: CaseRef, tokens: Collection[Token]) -> Mapping[Token, str]:
        self._refuse_erased(case)
        if case.key not in self._cases:
            return {}
        known = self._cases[case.key]
        return {
            token: known.key.open_value(token, sealed)
            for token, (_, sealed) in known.rows.values.items()
            if token in tokens
        }

    async def names(self, case: CaseRef) -> Sequence[str]:
        self._refuse_erased(case)
        known = self._cases.get(case.key)
        persons = [t for t in known.rows.values if t.kind is Kind.PERSON] if known else []
        return list((await self.values(case, persons)).values())

    async def known(self, case: CaseRef, entities: Collection[Entity]) -> Collection[Entity]:
        self._refuse_erased(case)
        kept = self._cases.get(case.key)
        return Shelf(kept.key, kept.rows, self._taken).knows(entities) if kept else ()

    async def erase(self, case: CaseRef) -> int:
        self._erased.add(case.key)
        gone = self._cases.pop(case.key, None)
        return len(gone.rows.values) if gone else 0

    def _refuse_erased(self, case: CaseRef) -> None:
        if case.key in self._erased:
            raise CaseForgotten

    def _taken(self, tokens: Collection[Token]) -> set[Token]:
        return {t for known in self._cases.values() for t in known.rows.values if t in tokens}
