"""`make demo` as a person runs it: the command, its story and its report."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def standalone(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sidemand.standalone", *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    report = tmp_path_factory.mktemp("demo") / "report.json"
    done = standalone("demo", "--report", str(report))
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(report.read_text())


def test_every_event_is_answered_or_refused(demo: tuple[str, dict[str, Any]]) -> None:
    said, report = demo
    # 40 samples, the same again, a conflict, and the cases of the new version and the deletion.
    assert report["events"] == 44
    # Three without legal basis, the conflict, and the poisoned message.
    assert report["refused"] == 5
    assert report["conflicts"] == 1
    assert report["dead_letters"] == 1
    assert "intet svar" not in said


def test_every_quote_is_verbatim_and_no_party_stands_behind_the_gate(
    demo: tuple[str, dict[str, Any]],
) -> None:
    _, report = demo
    assert report["quotes"] > 0
    assert report["quotes_verbatim"] == report["quotes"]
    assert report["statements"] > 0
    assert report["personal_data_behind_gate"] == 0


def test_more_than_half_of_what_the_samples_expect_is_met(
    demo: tuple[str, dict[str, Any]],
) -> None:
    _, report = demo
    assert report["expectations"]["met"] > report["expectations"]["total"] / 2


def test_knowledge_that_changes_changes_suggestions(demo: tuple[str, dict[str, Any]]) -> None:
    said, report = demo
    assert report["updated"] > 0
    assert report["withdrawn"] > 0
    assert "Den gentagne hændelse tæller én gang." in said
    assert report["documents"] == 54


def test_a_caseworker_sees_what_came_in_what_the_gate_let_through_and_what_came_back(
    demo: tuple[str, dict[str, Any]],
) -> None:
    said, _ = demo
    assert "Ind · storaadal · postsag · Lån af bålhytten" in said
    assert "Bag porten · Lån af bålhytten" in said
    assert "⟦PERSON_" in said
    assert "Storådal – Lån af bålhytten i Elmeskoven" in " ".join(said.replace("│", " ").split())
    for service in ("ingestion", "redaction", "retrieval"):
        assert f"{service}: glemt" in said


def test_a_file_that_is_not_there_is_one_sentence_and_exit_code_one() -> None:
    done = standalone("demo", "--knowledge", "findes-ikke.jsonl.gz")
    assert done.returncode == 1
    assert done.stderr.strip() == "sidemand: findes-ikke.jsonl.gz does not exist: check the path."
