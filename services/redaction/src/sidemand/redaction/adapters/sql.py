"""The vault in a database: SQLite or PostgreSQL."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Final, TypeVar

from sidemand.bus.errors import Transient
from sidemand.redaction.adapters.migrations import migrate
from sidemand.redaction.adapters.tables import (
    aliases,
    case_keys,
    erased_cases,
    protected_forms,
    values,
)
from sidemand.redaction.ports import CaseForgotten, KeyProvider, Vault
from sidemand.redaction.sealing import CaseKey, forgotten_name, new_key
from sidemand.redaction.shelf import Rows, Shelf
from sidemand.redaction.spans import Entity, Kind
from sidemand.redaction.tokens import Token, parse_token
from sidemand.schemas.identity import CaseRef
from sidemand.storage import outage_raises
from sidemand.storage.database import Database, open_database
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    select,
    text,
    update,
)

T = TypeVar("T")

_AT_ONCE: Final = 500
"""Case keys that are wrapped anew in one transaction."""


@dataclass(frozen=True, slots=True)
class _HeldKey:
    """A case's key, opened before a transaction begins: a key provider may be far away."""

    key: CaseKey
    unwritten: bytes | None = None
    """Its wrapped form, where the case has none yet."""


class SqlVault(Vault):
    """Keeps tokens and sealed values in a database.

    Calls for one case run one after another, also between processes: PostgreSQL by an advisory
    lock, SQLite by its write lock.
    """

    def __init__(self, database: Database, keys: KeyProvider) -> None:
        self._database = database
        self._keys = keys

    @classmethod
    def at(cls, url: str, keys: KeyProvider) -> "SqlVault":
        """A vault at a database URL. Raises `AddressRefused`; connects at `start`."""
        return cls(open_database(url), keys)

    async def start(self) -> None:
        """Bring the tables to the newest form."""
        with outage_raises(Transient("vault")):
            await migrate(self._database)

    async def stop(self) -> None:
        """Close the connections."""
        await self._database.close()

    async def tokens(self, case: CaseRef, entities: Collection[Entity]) -> Mapping[Entity, Token]:
        """One token an entity; entities of one key share it. Raises `CaseForgotten`."""
        tokens = None
        while tokens is None:
            held = await self._held(case)
            tokens = await self._transaction(case, partial(_place, case, held, entities))
        return tokens

    async def values(self, case: CaseRef, tokens: Collection[Token]) -> Mapping[Token, str]:
        """What `tokens` stand for; unknown ones are left out. Raises `CaseForgotten`."""
        wanted = values.c.token.in_([str(token) for token in tokens])
        return await self._open(case, wanted)

    async def names(self, case: CaseRef) -> Sequence[str]:
        """The persons whom the vault knows in this case. Raises `CaseForgotten`."""
        return [*(await self._open(case, values.c.token.contains(f"{Kind.PERSON}_"))).values()]

    async def known(self, case: CaseRef, entities: Collection[Entity]) -> Collection[Entity]:
        """Those of `entities` that came before in this case. Raises `CaseForgotten`."""
        kept = await self._transaction(case, partial(_kept, case))
        if not kept.values:
            return ()
        key = (await self._held(case)).key
        return Shelf(key, kept, taken=lambda _: ()).knows(entities)

    async def erase(self, case: CaseRef) -> int:
        """Delete key, values and lookups, and remember the hash of the case."""
        gone = await self._transaction(case, partial(_erase, case))
        with outage_raises(Transient("vault")):
            await self._database.overwrite_deleted()
        return gone

    async def rewrap(self, tenant: str) -> int:
        """Wrap the tenant's case keys with its newest key; says how many were under an older one.

        Values stay as they are. May run while the service does, and again.
        """
        count, last = 0, uuid.UUID(int=0)
        while True:
            with outage_raises(Transient("vault")):
                found = await self._database.transaction(partial(_wrapped_after, tenant, last))
            if not found:
                return count
            anew = {
                case_id: (old, new)
                for case_id, old in found.items()
                if (new := await self._keys.rewrap(tenant, old)) != old
            }
            with outage_raises(Transient("vault")):
                await self._database.transaction(partial(_write_wrapped, tenant, anew))
            count, last = count + len(anew), max(found)

    async def _open(self, case: CaseRef, which: ColumnElement[bool]) -> dict[Token, str]:
        sealed = await self._transaction(case, partial(_sealed, case, which))
        if not sealed:
            return {}
        key = (await self._held(case)).key
        return {token: key.open_value(token, value) for token, value in sealed.items()}

    async def _held(self, case: CaseRef) -> _HeldKey:
        """The case's key, or a new one where there is none. Raises `CaseForgotten`."""
        wrapped = await self._transaction(case, partial(_wrapped, case))
        if wrapped is not None:
            return _HeldKey(CaseKey(case, await self._keys.unwrap(case.tenant, wrapped)))
        key = new_key()
        return _HeldKey(CaseKey(case, key), await self._keys.wrap(case.tenant, key))

    async def _transaction(self, case: CaseRef, work: Callable[[Connection], T]) -> T:
        """A transaction that no other call for this case runs beside."""

        def alone(connection: Connection) -> T:
            if connection.dialect.name == "postgresql":
                lock = int.from_bytes(sha256(case.key.encode()).digest()[:8], "big", signed=True)
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
            return work(connection)

        with outage_raises(Transient("vault")):
            return await self._database.transaction(alone)


def _of(table: Table, case: CaseRef) -> ColumnElement[bool]:
    """The rows of `table` that belong to `case`."""
    return and_(table.c.tenant == case.tenant, table.c.case_id == case.case_id)


def _wrapped(case: CaseRef, connection: Connection) -> bytes | None:
    """The case's wrapped key; none where it was never seen. Raises `CaseForgotten`."""
    found = connection.scalar(select(case_keys.c.wrapped).where(_of(case_keys, case)))
    if found is None and _is_erased(case, connection):
        raise CaseForgotten
    return found


def _is_erased(case: CaseRef, connection: Connection) -> bool:
    name = erased_cases.c.name
    return bool(connection.scalar(select(name).where(name == forgotten_name(case))))


def _place(
    case: CaseRef, held: _HeldKey, entities: Collection[Entity], connection: Connection
) -> dict[Entity, Token] | None:
    """Tokens for `entities`; none where another call has made the case's key in the meantime.

    Raises `CaseForgotten` where it was erased in the meantime.
    """
    is_there = _wrapped(case, connection) is not None
    if is_there and held.unwritten:
        return None
    if not is_there:
        if held.unwritten is None:
            raise CaseForgotten
        row = {"tenant": case.tenant, "case_id": case.case_id, "wrapped": held.unwritten}
        connection.execute(insert(case_keys).values(row))
    shelf = Shelf(held.key, _kept(case, connection), partial(_taken, connection))
    tokens = shelf.place(entities)
    _write(case, shelf, connection)
    return tokens


def _kept(case: CaseRef, connection: Connection) -> Rows:
    def read(table: Table, *columns: str) -> Sequence[Sequence[object]]:
        chosen = [table.c[column] for column in columns]
        return connection.execute(select(*chosen).where(_of(table, case))).all()

    kept = Rows()
    for token, lookup in _tokens(read(values, "token", "lookup")):
        kept.values[token] = lookup, b""
    kept.aliases = {(lookup, token) for token, lookup in _tokens(read(aliases, "token", "lookup"))}
    forms = select(protected_forms.c.lookup).where(_of(protected_forms, case))
    kept.protected = set(connection.scalars(forms))
    return kept


def _tokens(rows: Sequence[Sequence[object]]) -> list[tuple[Token, bytes]]:
    """Rows of a token and bytes, parsed."""
    parsed = ((parse_token(str(token)), other) for token, other in rows)
    return [(token, other) for token, other in parsed if token and isinstance(other, bytes)]


def _taken(connection: Connection, tokens: Collection[Token]) -> set[Token]:
    if not tokens:
        return set()
    named = values.c.token.in_([str(token) for token in tokens])
    found = (parse_token(each) for each in connection.scalars(select(values.c.token).where(named)))
    return {token for token in found if token is not None}


def _write(case: CaseRef, shelf: Shelf, connection: Connection) -> None:
    """What is new and changed, in a statement for each table at most."""
    of_case = {"tenant": case.tenant, "case_id": case.case_id}
    added = shelf.added
    rows: dict[Table, list[dict[str, object]]] = {
        values: [
            {"token": str(token), "lookup": lookup, "sealed": sealed}
            for token, (lookup, sealed) in added.values.items()
        ],
        aliases: [{"lookup": lookup, "token": str(token)} for lookup, token in added.aliases],
        protected_forms: [{"lookup": lookup} for lookup in added.protected],
    }
    for table, new in rows.items():
        if new:
            connection.execute(insert(table), [of_case | row for row in new])
    if shelf.changed:
        where = and_(_of(values, case), values.c.token == bindparam("of_token"))
        statement = update(values).where(where)
        changed = [
            {"of_token": str(token), "lookup": lookup, "sealed": sealed}
            for token, (lookup, sealed) in shelf.changed.items()
        ]
        connection.execute(statement, changed)


def _sealed(
    case: CaseRef, which: ColumnElement[bool], connection: Connection
) -> dict[Token, bytes]:
    """Raises `CaseForgotten`."""
    chosen = select(values.c.token, values.c.sealed).where(_of(values, case), which)
    found = dict(_tokens(connection.execute(chosen).all()))
    if not found and _is_erased(case, connection):
        raise CaseForgotten
    return found


def _erase(case: CaseRef, connection: Connection) -> int:
    for table in (aliases, protected_forms):
        connection.execute(delete(table).where(_of(table, case)))
    gone = connection.execute(delete(values).where(_of(values, case)))
    connection.execute(delete(case_keys).where(_of(case_keys, case)))
    if not _is_erased(case, connection):
        row = {"name": forgotten_name(case), "erased_at": datetime.now(UTC)}
        connection.execute(insert(erased_cases).values(row))
    return gone.rowcount


def _wrapped_after(tenant: str, last: uuid.UUID, connection: Connection) -> dict[uuid.UUID, bytes]:
    """The next wrapped keys of a tenant, in the order of the cases' ids."""
    chosen = (
        select(case_keys.c.case_id, case_keys.c.wrapped)
        .where(case_keys.c.tenant == tenant, case_keys.c.case_id > last)
        .order_by(case_keys.c.case_id)
        .limit(_AT_ONCE)
    )
    return {row.case_id: row.wrapped for row in connection.execute(chosen)}


def _write_wrapped(
    tenant: str, anew: Mapping[uuid.UUID, tuple[bytes, bytes]], connection: Connection
) -> None:
    """Where the old form still stands: a case that was erased in the meantime stays erased."""
    for case_id, (old, new) in anew.items():
        where = and_(
            case_keys.c.tenant == tenant,
            case_keys.c.case_id == case_id,
            case_keys.c.wrapped == old,
        )
        connection.execute(update(case_keys).where(where).values(wrapped=new))
