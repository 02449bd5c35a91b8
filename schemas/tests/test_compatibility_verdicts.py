"""The command says for every topic what became of its schema."""

import copy
import json
import subprocess
from pathlib import Path

import pytest
from sidemand.schemas.compatibility import (
    SchemasNotFoundError,
    Verdict,
    __main__,
    read_folder,
    read_git,
    verdicts,
)
from sidemand.schemas.compatibility.verdicts import FOLDER, next_version
from sidemand.schemas.json_schema import JsonSchema, all_schemas

TOPIC = "casework.case.erased.v1"


def test_an_untouched_contract_is_unchanged(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["--against", str(old)]) == 0
    assert set(capsys.readouterr().out.splitlines()) == {
        f"{name}: unchanged" for name in all_schemas()
    }


def test_a_removed_field_needs_the_next_version(
    old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _rewrite(old, lambda schema: schema["properties"].update(colour={"type": "string"}))

    assert __main__.main(["--against", str(old)]) == __main__.BREAKING

    told = capsys.readouterr().out
    assert f"{TOPIC}: needs casework.case.erased.v2\n  breaking colour: field removed\n" in told


def test_an_added_field_is_allowed(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _rewrite(old, lambda schema: schema["properties"].pop("reason"))

    assert __main__.main(["--against", str(old)]) == 0

    told = capsys.readouterr().out
    assert f"{TOPIC}: allowed\n  allowed  reason: field added\n" in told


def test_a_new_topic_is_new_and_a_missing_one_is_gone() -> None:
    schema: JsonSchema = {"type": "object"}
    added, gone = verdicts({"a.b.gone.v1": schema}, {"a.b.added.v1": schema})
    assert added == Verdict("a.b.added.v1", is_new=True)
    assert added.allowed
    assert gone == Verdict("a.b.gone.v1", is_gone=True)
    assert not gone.allowed


def test_the_next_version_counts_on() -> None:
    assert next_version("casework.case.erased.v1") == "casework.case.erased.v2"
    assert next_version("casework.case.erased.v9") == "casework.case.erased.v10"


def test_a_committed_contract_is_read_from_git(repository: Path) -> None:
    committed = read_git(repository, "HEAD")
    _rewrite(repository / FOLDER, lambda schema: schema["properties"].clear())

    assert committed == all_schemas()
    assert read_git(repository, "HEAD") == committed
    assert read_folder(repository / FOLDER) != committed


def test_a_commit_without_schemas_is_said_so(repository: Path) -> None:
    _git(repository, "rm", "-q", "-r", FOLDER)
    _git(repository, "commit", "-q", "-m", "Remove")
    with pytest.raises(SchemasNotFoundError, match="there are no schemas"):
        read_git(repository, "HEAD")


def test_what_is_neither_folder_nor_commit_ends_with_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert __main__.main(["--against", "no-such-thing"]) == __main__.NOTHING_TO_COMPARE
    assert "no-such-thing is neither a folder nor" in capsys.readouterr().err


def test_an_empty_folder_ends_with_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert __main__.main(["--against", str(tmp_path)]) == __main__.NOTHING_TO_COMPARE
    assert len(capsys.readouterr().err.splitlines()) == 1


def _rewrite(folder: Path, change: object) -> None:
    assert callable(change)
    file = folder / f"{TOPIC}.json"
    schema = json.loads(file.read_text())
    change(schema)
    file.write_text(json.dumps(schema))


def _write(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in copy.deepcopy(all_schemas()).items():
        (folder / f"{name}.json").write_text(json.dumps(schema))
    return folder


def _git(repository: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    subprocess.run(["git", "-C", repository, *identity, *arguments], check=True)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return _write(tmp_path)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    _git(tmp_path, "init", "-q")
    _write(tmp_path / FOLDER)
    _git(tmp_path, "add", FOLDER)
    _git(tmp_path, "commit", "-q", "-m", "Promise")
    return tmp_path
