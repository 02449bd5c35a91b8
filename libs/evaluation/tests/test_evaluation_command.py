"""The command `sidemand-eval`: figures under fixed names, and one sentence where there are none."""

import json
import shutil
from pathlib import Path

import pytest
from sidemand.evaluation.answers import AnswerFigures
from sidemand.evaluation.cases import CaseFigures
from sidemand.evaluation.command import app
from sidemand.evaluation.redaction import RedactionFigures
from sidemand.evaluation.retrieval import RetrievalFigures
from typer.testing import CliRunner, Result

SAMPLES = Path(__file__).parents[3] / "samples"
SENTENCES = (
    {
        "source": "Fristen er 10 hverdage.",
        "sentence": "Fristen er 10 hverdage.",
        "label": "supported",
        "kind": "verbatim",
    },
    {
        "source": "Fristen er 10 hverdage.",
        "sentence": "Fristen er 12 hverdage.",
        "label": "contradicted",
        "kind": "number",
    },
)


def told(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def lines(path: Path, *each: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in each), "utf-8")
    return path


def test_the_names_of_the_figures_are_those_that_are_compared_over_time() -> None:
    assert list(RedactionFigures.__annotations__) == [
        "entity_recall", "person_recall", "special_recall", "cpr_leaks", "clean_documents",
        "precision", "masked_ordinary_share", "kb_per_second", "types",
    ]  # fmt: skip
    assert list(RetrievalFigures.__annotations__) == [
        "hit_at_1", "recall_at_10", "ndcg_at_10", "mrr_at_10", "bm25_ndcg_at_10",
        "unanswerable_refused", "answerable_refused", "p95_ms", "kinds",
    ]  # fmt: skip
    assert list(AnswerFigures.__annotations__) == [
        "answered", "unanswerable_abstained", "quotes_verbatim", "relevant_cited", "points_covered",
    ]  # fmt: skip


def test_figures_are_one_json_object_where_that_is_asked_for(tmp_path: Path) -> None:
    data = lines(tmp_path / "groundedness/dev.jsonl", *SENTENCES)
    expected = {"supported_kept": 1.0, "wrong_caught": 1.0, "caught": {"number": 1.0}}
    for named in (tmp_path, data):
        assert json.loads(told("groundedness", named, "--json").stdout) == expected
    assert "wrong_caught: 1.000" in told("groundedness", tmp_path).stdout


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("redaction", "pii/dev.jsonl"),
        ("retrieval", "retrieval/municipal_dev.jsonl"),
        ("groundedness", "groundedness/dev.jsonl"),
        ("answers", "guidance"),
        ("cases", "guidance"),
        ("calibrate", "retrieval/train/unanswerable.jsonl"),
    ],
)
def test_a_folder_without_the_data_is_told_what_is_missing(
    command: str, missing: str, tmp_path: Path
) -> None:
    result = told(command, tmp_path)
    assert result.exit_code == 1
    assert f"{tmp_path} holds no {missing}" in result.stderr


def test_a_line_in_another_form_is_named_and_not_quoted(tmp_path: Path) -> None:
    secret = {"text": "Ring til Tove", "id": "t1"}
    result = told("redaction", lines(tmp_path / "dev.jsonl", secret))
    assert result.exit_code == 1
    assert "dev.jsonl, line 1, has no field 'spans'" in result.stderr
    assert "Tove" not in result.stderr


SAID = {
    "id": "t1",
    "text": "Ring til Tove på 740344-1237.",  # an impossible day
    "spans": [
        {"start": 9, "end": 13, "type": "PERSON", "entity": "e1"},
        {"start": 17, "end": 28, "type": "CPR", "entity": "e2"},
    ],
}


def peer(repository: Path, script: str) -> None:
    program = repository / "infra/peers/nabo"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_a_peer_is_measured_on_the_same_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = json.dumps({"seconds": 0.5, "found": [[[17, 28, "CPR"]]]})
    peer(tmp_path, f"grep -q 740344-1237 && echo '{found}'")
    data = lines(tmp_path / "dev.jsonl", SAID)
    figures = json.loads(told("redaction", data, "--against", "nabo", "--json").stdout)
    assert figures["types"] == {"PERSON": 1.0, "CPR": 1.0}
    assert figures["against"]["nabo"]["types"] == {"PERSON": 0.0, "CPR": 1.0}
    assert "against nabo types CPR: 1.000" in told("redaction", data, "--against", "nabo").stdout


def test_a_peer_that_is_not_there_or_fails_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = lines(tmp_path / "dev.jsonl", SAID)
    result = told("redaction", data, "--against", "nabo")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "There is no infra/peers/nabo" in result.stderr
    peer(tmp_path, "echo 'no such package' >&2; exit 3")
    result = told("redaction", data, "--against", "nabo")
    assert result.exit_code == 1
    assert "infra/peers/nabo ended with 3: no such package" in result.stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = told("groundedness", tmp_path / "nothing.jsonl")
    assert result.exit_code == 1
    assert "nothing.jsonl is not there" in result.stderr


@pytest.mark.slow
def test_sample_cases_go_through_the_services_as_they_are(tmp_path: Path) -> None:
    for name in ("tenants.yaml", "legal-basis.yaml"):
        shutil.copy(SAMPLES / name, tmp_path / name)
    for kept in ("guidance/partshoering.md", "cases/ps-01-mere-tid-til-hoering.yaml"):
        (tmp_path / kept).parent.mkdir()
        shutil.copy(SAMPLES / kept, tmp_path / kept)
    answers = json.loads(told("answers", tmp_path, "--json").stdout)
    assert answers["answered"] == answers["quotes_verbatim"] == 1.0
    cases = json.loads(told("cases", tmp_path, "--json").stdout)
    assert list(cases) == list(CaseFigures.__annotations__)
    assert (cases["cases"], cases["hit_at_8"]) == (1, 1.0)
