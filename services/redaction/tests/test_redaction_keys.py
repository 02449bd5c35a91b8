"""Where the tenants' keys come from, and how one is replaced."""

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import SecretStr
from sidemand.redaction.adapters.environment_keys import EnvironmentKeys, KeySettingUnusable
from sidemand.redaction.adapters.file_keys import FileKeys, KeyFileUnusable
from sidemand.redaction.adapters.sql import SqlVault
from sidemand.redaction.keys import main, retire, rotate
from sidemand.redaction.persons import Person
from sidemand.redaction.ports import KeyProvider, VaultSealed
from sidemand.redaction.settings import Settings

from .vault_fakes import A_CASE, ANOTHER_CASE

LAN = Person.named("Lan Nguyen Mikkelsen").entity()
OLD, NEW = (b64encode(bytes([n]) * 32).decode() for n in (1, 2))


def in_environment(*keys: str) -> EnvironmentKeys:
    """Keys of `storaadal`, newest first."""
    return EnvironmentKeys(SecretStr(json.dumps({"storaadal": keys})))


@pytest.fixture(params=["file", "environment"])
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> KeyProvider:
    if request.param == "file":
        return FileKeys(tmp_path / "keys.json")
    return EnvironmentKeys(SecretStr(json.dumps({"storaadal": NEW, "vesterhede": OLD})))


async def test_a_case_key_comes_out_as_it_went_in(keys: KeyProvider) -> None:
    wrapped = await keys.wrap("storaadal", b"k" * 32)
    assert b"k" * 8 not in wrapped
    assert await keys.unwrap("storaadal", wrapped) == b"k" * 32


async def test_a_case_key_of_one_tenant_does_not_open_for_another(keys: KeyProvider) -> None:
    wrapped = await keys.wrap("storaadal", b"k" * 32)
    await keys.wrap("vesterhede", b"k" * 32)
    for read in (keys.unwrap, keys.rewrap):
        with pytest.raises(VaultSealed):
            await read("vesterhede", wrapped)


async def test_what_the_newest_key_wrapped_is_left_as_it_is(keys: KeyProvider) -> None:
    wrapped = await keys.wrap("storaadal", b"k" * 32)
    assert await keys.rewrap("storaadal", wrapped) == wrapped


async def test_an_older_key_opens_and_the_newest_wraps() -> None:
    wrapped = await in_environment(OLD).wrap("storaadal", b"k" * 32)
    both = in_environment(NEW, OLD)
    assert await both.unwrap("storaadal", wrapped) == b"k" * 32
    anew = await both.rewrap("storaadal", wrapped)
    assert await in_environment(NEW).unwrap("storaadal", anew) == b"k" * 32
    with pytest.raises(VaultSealed):
        await in_environment(NEW).unwrap("storaadal", wrapped)


async def test_a_tenant_without_a_key_in_the_environment_is_not_served() -> None:
    with pytest.raises(VaultSealed):
        await in_environment(NEW).wrap("vesterhede", b"k" * 32)


@pytest.mark.parametrize("text", ["hemmelig", "[]", '{"storaadal": []}', '{"storaadal": "AAAA"}'])
def test_keys_in_the_environment_that_cannot_be_used_are_refused_unseen(text: str) -> None:
    with pytest.raises(KeySettingUnusable, match="32 random bytes") as refused:
        EnvironmentKeys(SecretStr(text))
    assert text not in str(refused.value)


async def test_a_running_service_takes_up_a_key_that_was_added(tmp_path: Path) -> None:
    running = FileKeys(tmp_path / "keys.json")
    before = await running.wrap("storaadal", b"k" * 32)
    FileKeys(tmp_path / "keys.json").add("storaadal")
    after = await running.wrap("storaadal", b"k" * 32)
    FileKeys(tmp_path / "keys.json").retire("storaadal")
    assert await running.unwrap("storaadal", after) == b"k" * 32
    with pytest.raises(VaultSealed):
        await running.unwrap("storaadal", before)


def settings_in(folder: Path, url: str = "") -> Settings:
    url = url or f"sqlite+aiosqlite:///{folder}/vault.db"
    return Settings(database=url, key_file=folder / "keys.json")


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_old_cases_turn_back_after_a_rotation_and_need_no_old_key(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = ""
    if kind == "postgres":
        server = request.getfixturevalue("postgres")
        url = server.create_database().replace("postgresql://", "postgresql+asyncpg://")
    settings = settings_in(tmp_path, url)
    serving = SqlVault.at(settings.database, FileKeys(settings.key_file))
    await serving.start()
    token = (await serving.tokens(A_CASE, [LAN]))[LAN]
    old_keys = settings.key_file.read_text()
    assert "1 case keys of storaadal" in await rotate(settings, "storaadal")
    # The service goes on meanwhile: a new case, and the old one.
    there = (await serving.tokens(ANOTHER_CASE, [LAN]))[LAN]
    assert await serving.values(A_CASE, [token]) == {token: LAN.value}
    assert "0 more case keys" in await retire(settings, "storaadal")
    assert not set(json.loads(old_keys)["storaadal"]) & set(newest(settings)["storaadal"])
    assert await serving.values(A_CASE, [token]) == {token: LAN.value}
    assert await serving.values(ANOTHER_CASE, [there]) == {there: LAN.value}
    await serving.stop()
    settings.key_file.write_text(old_keys)
    with_old_keys = SqlVault.at(settings.database, FileKeys(settings.key_file))
    with pytest.raises(VaultSealed):
        await with_old_keys.values(A_CASE, [token])
    await with_old_keys.stop()


def newest(settings: Settings) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = json.loads(settings.key_file.read_text())
    return found


async def test_a_rotation_leaves_an_erased_case_erased(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    vault = SqlVault.at(settings.database, FileKeys(settings.key_file))
    await vault.start()
    await vault.tokens(A_CASE, [LAN])
    await vault.erase(A_CASE)
    assert "0 case keys" in await rotate(settings, "storaadal")
    await vault.stop()


async def test_no_key_is_retired_while_a_case_key_opens_with_none(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    vault = SqlVault.at(settings.database, FileKeys(settings.key_file))
    await vault.start()
    await vault.tokens(A_CASE, [LAN])
    await vault.stop()
    settings.key_file.write_text(json.dumps({"storaadal": [NEW, OLD]}))
    with pytest.raises(VaultSealed):
        await retire(settings, "storaadal")
    assert newest(settings)["storaadal"] == [NEW, OLD]


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "REDACTION_DATABASE": f"sqlite+aiosqlite:///{tmp_path}/vault.db",
        "REDACTION_KEY_FILE": f"{tmp_path}/keys.json",
    }
    for command, said in (("rotate", "under its newest key"), ("retire", "are gone from")):
        done = subprocess.run(
            [sys.executable, "-m", "sidemand.redaction.keys", command, "storaadal"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert said in done.stdout


def test_the_command_refuses_a_key_file_that_others_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "keys.json").write_text("{}")
    (tmp_path / "keys.json").chmod(0o644)
    monkeypatch.setenv("REDACTION_KEY_FILE", f"{tmp_path}/keys.json")
    assert main(["rotate", "storaadal"]) == 1
    assert "chmod 600" in capsys.readouterr().err


async def test_a_key_file_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.json"
    wrapped = await FileKeys(path).wrap("storaadal", b"k" * 32)
    assert path.stat().st_mode & 0o777 == 0o600
    assert await FileKeys(path).unwrap("storaadal", wrapped) == b"k" * 32


@pytest.mark.parametrize("content", ["", "[]", '{"storaadal": 1}', '{"storaadal": "AAAA"}'])
def test_a_damaged_key_file_is_refused_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileUnusable, match="backup"):
        FileKeys(path)
    assert path.read_text() == content


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text("{}")
    path.chmod(0o644)
    with pytest.raises(KeyFileUnusable, match="chmod 600"):
        FileKeys(path)
