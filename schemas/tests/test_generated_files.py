"""The generated files are what the registry says."""

import json
import shutil
from pathlib import Path

import pytest
from sidemand.schemas import generate
from sidemand.schemas.generation.files import SCHEMAS, generated_files
from sidemand.schemas.generation.repository import find_repository
from sidemand.schemas.topics import ALL

REPOSITORY = find_repository()


def test_no_committed_file_is_stale() -> None:
    assert generated_files(REPOSITORY).stale == [], f"run {generate.COMMAND}"


def test_check_succeeds_where_nothing_is_stale(checkout: Path) -> None:
    assert generate.main(["--check"]) == 0


def test_check_names_each_stale_file(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / "docs/events.md").write_text("edited by hand")
    (checkout / "infra/kafka/topics.tsv").unlink()

    assert generate.main(["--check"]) == generate.STALE

    told = capsys.readouterr().err
    assert "docs/events.md is stale" in told
    assert "infra/kafka/topics.tsv is stale" in told
    assert told.count("is stale") == 2
    assert generate.COMMAND in told


def test_writing_twice_changes_nothing(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / "docs/events.md").unlink()
    assert generate.main([]) == 0
    first = capsys.readouterr().out
    written = (checkout / "docs/events.md").read_bytes()

    assert generate.main([]) == 0

    assert first == "wrote docs/events.md\n"
    assert capsys.readouterr().out == ""
    assert (checkout / "docs/events.md").read_bytes() == written


def test_no_generated_file_says_where_it_was_made(checkout: Path) -> None:
    for path, text in generated_files(checkout).texts.items():
        assert str(checkout) not in text, path
        assert str(REPOSITORY) not in text, path


def test_every_generated_file_says_from_what_and_by_which_command() -> None:
    for path, text in generated_files(REPOSITORY).texts.items():
        assert "schemas/src/sidemand/schemas/topics.py" in text, path
        assert generate.COMMAND in text, path


def test_a_breaking_change_is_not_written(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    promised = _promise_another_field(checkout)

    assert generate.main([]) == generate.BREAKING

    told = capsys.readouterr().err
    assert "casework.case.erased.v1: needs casework.case.erased.v2" in told
    assert "breaking case_colour: field removed" in told
    assert json.loads(promised.read_text())["properties"]["case_colour"]


def test_a_breaking_change_is_written_where_it_is_accepted(checkout: Path) -> None:
    promised = _promise_another_field(checkout)

    assert generate.main(["--accept-breaking"]) == 0

    assert "case_colour" not in promised.read_text()


def test_the_schema_of_a_topic_that_is_gone_is_kept_until_that_is_accepted(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = checkout / SCHEMAS / "casework.thing.forgotten.v1.json"
    shutil.copy(checkout / SCHEMAS / f"{ALL[0].name}.json", gone)

    assert generate.main([]) == generate.BREAKING
    assert "casework.thing.forgotten.v1: gone" in capsys.readouterr().err
    assert gone.exists()

    assert generate.main(["--accept-breaking"]) == 0
    assert not gone.exists()


def test_manifests_are_printed_for_any_tenants(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--manifests", "andeby", "faelles"]) == 0

    told = capsys.readouterr().out
    assert "name: andeby.casework.event.published.v1\n" in told
    assert "name: faelles.knowledge.document.published.v1\n" in told
    assert "storaadal" not in told


def _promise_another_field(checkout: Path) -> Path:
    file = checkout / SCHEMAS / "casework.case.erased.v1.json"
    schema = json.loads(file.read_text())
    schema["properties"]["case_colour"] = {"type": "string"}
    file.write_text(json.dumps(schema))
    return file


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what generation reads and writes, with everything up to date."""
    shutil.copytree(REPOSITORY / "schemas/examples", tmp_path / "schemas/examples")
    monkeypatch.setattr(generate, "find_repository", lambda: tmp_path)
    generated_files(tmp_path).write()
    return tmp_path
