"""The vault in a database: SQLite or PostgreSQL by SQLAlchemy."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from sidemand.bus.errors import Transient
from sidemand.redaction.adapters.migrations import migrate
from sidemand.redaction.adapters.tables import aliases, case_keys, erased_cases, values
from sidemand.redaction.ports import CaseForgotten, KeyProvider, Vault
from sidemand.redaction.sealing import CaseKey, forgotten_name, new_key
from sidemand.redaction.spans import Entity, Kind
from sidemand.redaction.tokens import Token, parse_token
from sidemand.schemas.identity import CaseRef
from sidemand.storage import outage_raises
from sidemand.storage.sql import open_engine
from sqlalchemy import ColumnElement, Table, and_, delete, event, insert, select, text, update
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

_ATTEMPTS: Final = 40


class SqlVault(Vault):
    """Keeps tokens and sealed values in a database, one transaction a call.

    Calls for one case run one after another, also between processes: PostgreSQL by an advisory
    lock, SQLite by its write lock.
    """

    def __init__(self, engine: AsyncEngine, keys: KeyProvider) -> None:
        self._engine = engine
        self._keys = keys
        if engine.dialect.name == "sqlite":
            _overwrite_what_is_deleted(engine)

    @classmethod
    def at(cls, url: str, keys: KeyProvider) -> "SqlVault":
        """A vault at a database URL. Raises `AddressRefused`; connects at `start`."""
        return cls(open_engine(url), keys)

    async def start(self) -> None:
        """Bring the tables to the newest form."""
        with outage_raises(Transient("vault")):
            await migrate(self._engine)

    async def stop(self) -> None:
        """Close the connections."""
        await self._engine.dispose()

    async def tokens(self, case: CaseRef, entities: Collection[Entity]) -> Mapping[Entity, Token]:
        """One token an entity; entities of one key share it. Raises `CaseForgotten`."""
        async with self._locked(case) as connection:
            key = await self._key(connection, case)
            shelf = _Shelf(connection, case, key)
            await shelf.read()
            # In one order whatever the text's: the same entities always get the same tokens.
            ordered = sorted(entities, key=lambda e: (e.kind, e.key, not e.protected))
            await shelf.look_up_taken(ordered)
            tokens = {entity: await shelf.token(entity) for entity in ordered}
            await shelf.write()
            return tokens

    async def values(self, case: CaseRef, tokens: Collection[Token]) -> Mapping[Token, str]:
        """What `tokens` stand for; unknown ones are left out. Raises `CaseForgotten`."""
        wanted = values.c.token.in_([str(token) for token in tokens])
        return await self._open(case, wanted)

    async def names(self, case: CaseRef) -> Sequence[str]:
        """The persons whom the vault knows in this case. Raises `CaseForgotten`."""
        return [*(await self._open(case, values.c.token.contains(f"{Kind.PERSON}_"))).values()]

    async def _open(self, case: CaseRef, which: ColumnElement[bool]) -> dict[Token, str]:
        async with self._locked(case) as connection:
            rows = await connection.execute(
                select(values.c.token, values.c.sealed).where(_of(values, case), which)
            )
            sealed = {parse_token(row.token): row.sealed for row in rows}
            if not sealed and await self._is_erased(connection, case):
                raise CaseForgotten
            key = await self._key(connection, case) if sealed else None
        if key is None:
            return {}
        return {t: key.open_value(t, value) for t, value in sealed.items() if t is not None}

    async def erase(self, case: CaseRef) -> int:
        """Delete key, values and lookups, and remember the hash of the case."""
        async with self._locked(case) as connection:
            await connection.execute(delete(aliases).where(_of(aliases, case)))
            gone = await connection.execute(delete(values).where(_of(values, case)))
            await connection.execute(delete(case_keys).where(_of(case_keys, case)))
            if not await self._is_erased(connection, case):
                await connection.execute(
                    insert(erased_cases).values(
                        name=forgotten_name(case), erased_at=datetime.now(UTC)
                    )
                )
        await self._empty_write_ahead_log()
        return int(gone.rowcount)

    @asynccontextmanager
    async def _locked(self, case: CaseRef) -> AsyncIterator[AsyncConnection]:
        """A transaction that no other call for this case runs beside."""
        with outage_raises(Transient("vault")):
            async with self._engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    lock = int.from_bytes(
                        sha256(case.key.encode()).digest()[:8], "big", signed=True
                    )
                    statement = text("SELECT pg_advisory_xact_lock(:lock)")
                    await connection.execute(statement, {"lock": lock})
                yield connection

    async def _key(self, connection: AsyncConnection, case: CaseRef) -> CaseKey:
        """The case's key, made where there is none. Raises `CaseForgotten` for an erased case."""
        wrapped = await connection.scalar(select(case_keys.c.wrapped).where(_of(case_keys, case)))
        if wrapped is not None:
            return CaseKey(case, await self._keys.unwrap(case.tenant, wrapped))
        if await self._is_erased(connection, case):
            raise CaseForgotten
        key = new_key()
        wrapped = await self._keys.wrap(case.tenant, key)
        await connection.execute(
            insert(case_keys).values(tenant=case.tenant, case_id=case.case_id, wrapped=wrapped)
        )
        return CaseKey(case, key)

    async def _is_erased(self, connection: AsyncConnection, case: CaseRef) -> bool:
        name = erased_cases.c.name
        return bool(await connection.scalar(select(name).where(name == forgotten_name(case))))

    async def _empty_write_ahead_log(self) -> None:
        """SQLite's log would keep the deleted pages until it is written over."""
        if self._engine.dialect.name == "sqlite":
            async with self._engine.connect() as connection:
                raw = await connection.get_raw_connection()
                driver = raw.driver_connection
                if driver is not None:
                    await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class _Shelf:
    """What the vault holds of one case, within a transaction: read at once, written at once."""

    def __init__(self, connection: AsyncConnection, case: CaseRef, key: CaseKey) -> None:
        self._connection = connection
        self._case = case
        self._key = key
        self._own: dict[bytes, Token] = {}
        self._other: dict[bytes, set[Token]] = {}
        self._taken: set[Token] = set()
        self._unwritten: dict[Table, list[dict[str, object]]] = {values: [], aliases: []}

    async def read(self) -> None:
        """Read which form leads to which token."""
        for lookup, token in await self._rows(values):
            self._own[lookup] = token
        for lookup, token in await self._rows(aliases):
            self._other.setdefault(lookup, set()).add(token)

    async def look_up_taken(self, entities: Sequence[Entity]) -> None:
        """Ask once which of the first choices for new tokens are another's already."""
        first = {self._key.token(entity.kind, entity.key, 0) for entity in entities}
        own = set(self._own.values())
        named = values.c.token.in_([str(token) for token in first - own])
        rows = await self._connection.execute(select(values.c.token).where(named))
        parsed = (parse_token(row.token) for row in rows)
        self._taken = own | {token for token in parsed if token is not None}

    async def write(self) -> None:
        """Write what is new, in two statements at most."""
        for table, rows in self._unwritten.items():
            if rows:
                await self._connection.execute(insert(table), rows)
                rows.clear()

    async def token(self, entity: Entity) -> Token:
        """The token of `entity`, known or new, with its other forms kept."""
        lookup = self._key.lookup(entity.kind, entity.key)
        token = self._known(lookup) or await self._new(lookup, entity)
        self._keep_aliases(token, entity)
        if entity.protected:
            await self._protect(entity)
        return token

    def _known(self, lookup: bytes) -> Token | None:
        if lookup in self._own:
            return self._own[lookup]
        other = self._other.get(lookup, set())
        return next(iter(other)) if len(other) == 1 else None

    async def _new(self, lookup: bytes, entity: Entity) -> Token:
        token = await self._free_token(entity)
        self._own[lookup] = token
        self._taken.add(token)
        sealed = self._key.seal_value(token, entity.value)
        self._add(values, token=str(token), lookup=lookup, sealed=sealed)
        return token

    async def _free_token(self, entity: Entity) -> Token:
        """The first token that no case has."""
        first = self._key.token(entity.kind, entity.key, 0)
        if first not in self._taken:
            return first
        for attempt in range(1, _ATTEMPTS):
            token = self._key.token(entity.kind, entity.key, attempt)
            taken = select(values.c.token).where(values.c.token == str(token))
            if token not in self._taken and await self._connection.scalar(taken) is None:
                return token
        raise Transient("vault: no free token")

    def _keep_aliases(self, token: Token, entity: Entity) -> None:
        for alias in entity.aliases:
            lookup = self._key.lookup(entity.kind, alias)
            tokens = self._other.setdefault(lookup, set())
            if token not in tokens:
                tokens.add(token)
                self._add(aliases, token=str(token), lookup=lookup)

    async def _protect(self, entity: Entity) -> None:
        """A value that became protected is overwritten in every form that was kept of it."""
        forms = [self._key.lookup(entity.kind, form) for form in (entity.key, *entity.aliases)]
        same = {self._own[lookup] for lookup in forms if lookup in self._own}
        # Street and number come first; the street alone is the neighbours' too.
        for lookup in forms[:2]:
            same |= self._other.get(lookup, set())
        await self.write()
        for token in same:
            where = and_(_of(values, self._case), values.c.token == str(token))
            sealed = self._key.seal_value(token, entity.value)
            await self._connection.execute(update(values).where(where).values(sealed=sealed))

    async def _rows(self, table: Table) -> list[tuple[bytes, Token]]:
        statement = select(table.c.lookup, table.c.token).where(_of(table, self._case))
        rows = await self._connection.execute(statement)
        parsed = [(row.lookup, parse_token(row.token)) for row in rows]
        return [(lookup, token) for lookup, token in parsed if token is not None]

    def _add(self, table: Table, **columns: object) -> None:
        case = {"tenant": self._case.tenant, "case_id": self._case.case_id}
        self._unwritten[table].append({**case, **columns})


def _of(table: Table, case: CaseRef) -> ColumnElement[bool]:
    """The rows of `table` that belong to `case`."""
    return and_(table.c.tenant == case.tenant, table.c.case_id == case.case_id)


def _overwrite_what_is_deleted(engine: AsyncEngine) -> None:
    """SQLite leaves deleted rows readable in the file unless told otherwise."""

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()
