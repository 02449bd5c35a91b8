"""What an erased case leaves behind: database, backups, topics and what is restored of them."""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sidemand.redaction.adapters.file_keys import FileKeys
from sidemand.redaction.adapters.migrations import migrate
from sidemand.redaction.adapters.sql import SqlVault
from sidemand.redaction.entities import PROTECTED_ADDRESS
from sidemand.redaction.finding import Finder
from sidemand.redaction.handlers import erase_case, redact_feedback, restore_suggestion
from sidemand.redaction.keys import retire, rotate
from sidemand.redaction.persons import Person
from sidemand.redaction.ports import CaseForgotten, VaultSealed
from sidemand.redaction.settings import Settings
from sidemand.redaction.spans import Entity, Kind
from sidemand.schemas.casework import CaseErased
from sidemand.storage.database import open_database

from .redaction_events import NOW, drafted, feedback
from .vault_fakes import A_CASE

LAN = Person.named("Lan Nguyen Mikkelsen").entity()
HOME = Entity(Kind.ADDRESS, "fasanhaven9", "Fasanhaven 9", ("fasanhaven9", "fasanhaven"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    database = f"sqlite+aiosqlite:///{tmp_path}/vault.db"
    return Settings(database=database, key_file=tmp_path / "keys.json")


@pytest.fixture
async def vault(settings: Settings) -> AsyncIterator[SqlVault]:
    vault = SqlVault.at(settings.database, FileKeys(settings.key_file))
    await vault.start()
    yield vault
    await vault.stop()


def copied(database: Path, to: Path) -> Path:
    """A backup: the database with what lies beside it."""
    for path in database.parent.glob(f"{database.name}*"):
        shutil.copy(path, to.with_name(path.name.replace(database.name, to.name)))
    return to


def stored_bytes(database: Path) -> bytes:
    return b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))


async def test_tokens_that_topics_still_hold_give_nothing_back(vault: SqlVault) -> None:
    token = (await vault.tokens(A_CASE, [LAN]))[LAN]
    await erase_case(CaseErased(case=A_CASE, erased_at=NOW), vault)
    assert await restore_suggestion(drafted(f"Kære {token}"), vault) == ()
    assert await redact_feedback(feedback(f"Lan er {token}"), Finder(), vault) is None


async def test_rows_of_a_backup_are_dead_without_the_key_of_the_case(
    settings: Settings, tmp_path: Path
) -> None:
    vault = SqlVault.at(settings.database, FileKeys(settings.key_file))
    await vault.start()
    tokens = await vault.tokens(A_CASE, [LAN, HOME])
    backup = copied(tmp_path / "vault.db", tmp_path / "backup.db")
    await vault.erase(A_CASE)
    # Everything that the backup holds of the case, but its key, comes back.
    await vault.stop()
    with sqlite3.connect(backup) as rows, sqlite3.connect(tmp_path / "vault.db") as live:
        for table in ("vault_value", "vault_alias"):
            found = rows.execute(f"SELECT * FROM {table}").fetchall()
            marks = ", ".join("?" * len(found[0]))
            live.executemany(f"INSERT INTO {table} VALUES ({marks})", found)
    again = SqlVault.at(settings.database, FileKeys(settings.key_file))
    with pytest.raises(CaseForgotten):
        await again.values(A_CASE, tokens.values())
    with pytest.raises(CaseForgotten):
        await again.names(A_CASE)
    await again.stop()


async def test_a_whole_backup_is_dead_once_the_key_of_the_tenant_was_replaced(
    vault: SqlVault, settings: Settings, tmp_path: Path
) -> None:
    tokens = await vault.tokens(A_CASE, [LAN])
    backup = copied(tmp_path / "vault.db", tmp_path / "backup.db")
    await vault.erase(A_CASE)
    await rotate(settings, A_CASE.tenant)
    await retire(settings, A_CASE.tenant)
    restored = SqlVault.at(f"sqlite+aiosqlite:///{backup}", FileKeys(settings.key_file))
    with pytest.raises(VaultSealed):
        await restored.values(A_CASE, tokens.values())
    await restored.stop()


async def test_nothing_readable_stands_in_a_backup(vault: SqlVault, tmp_path: Path) -> None:
    await vault.tokens(A_CASE, [LAN, HOME])
    stored = stored_bytes(copied(tmp_path / "vault.db", tmp_path / "backup.db")).lower()
    for word in (b"mikkelsen", b"nguyen", b"fasanhaven"):
        assert word not in stored


async def test_a_vault_of_the_first_form_is_brought_to_the_newest(settings: Settings) -> None:
    database = open_database(settings.database)
    await migrate(database, "0001")
    await database.close()
    vault = SqlVault.at(settings.database, FileKeys(settings.key_file))
    await vault.start()
    await vault.start()
    protected = Entity(Kind.ADDRESS, HOME.key, PROTECTED_ADDRESS, HOME.aliases, protected=True)
    token = (await vault.tokens(A_CASE, [protected]))[protected]
    assert (await vault.values(A_CASE, [token]))[token] == PROTECTED_ADDRESS
    await vault.stop()
