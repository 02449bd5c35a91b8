"""The figures for the proof count what it keeps and what it catches."""

import json
import os
from pathlib import Path

import pytest
from sidemand.evaluation.data import DataError
from sidemand.evaluation.groundedness import JudgedSentence, measure, read_sentences

SOURCE = "Kommunen skal træffe afgørelse inden 14 dage efter modtagelsen af ansøgningen."
RIGHT = JudgedSentence(
    SOURCE, "Kommunen skal afgøre ansøgningen inden 14 dage.", True, "paraphrase"
)
WRONG = JudgedSentence(SOURCE, "Kommunen skal afgøre ansøgningen inden 30 dage.", False, "number")
STRANGE = JudgedSentence(SOURCE, "Naboen betaler hegnet i skel mod vejen.", False, "extra")
SHARED = Path(os.environ.get("SIDEMAND_SHARED", Path(__file__).parents[4] / "shared"))


def test_right_sentences_are_kept_and_wrong_ones_caught_by_kind() -> None:
    assert measure([RIGHT, WRONG, STRANGE]) == {
        "supported_kept": 1.0,
        "wrong_caught": 1.0,
        "caught": {"extra": 1.0, "number": 1.0},
    }


def test_a_wrong_sentence_that_passes_lowers_the_figure() -> None:
    passing = JudgedSentence(SOURCE, RIGHT.sentence, False, "actor")
    assert measure([RIGHT, WRONG, passing])["wrong_caught"] == 0.5


def test_figures_of_one_class_alone_are_refused() -> None:
    with pytest.raises(DataError, match="supported sentences and wrong ones"):
        measure([RIGHT])


def test_sentences_are_read_from_lines_of_json(tmp_path: Path) -> None:
    line = {"source": SOURCE, "sentence": "x", "label": "contradicted", "kind": "negation"}
    (tmp_path / "dev.jsonl").write_text(json.dumps(line) + "\n\n", "utf-8")
    assert read_sentences(tmp_path / "dev.jsonl") == [
        JudgedSentence(SOURCE, "x", False, "negation")
    ]


def test_the_proof_keeps_most_right_sentences_and_catches_seven_of_ten_wrong_ones() -> None:
    path = SHARED / "data" / "groundedness" / "dev.jsonl"
    if not path.exists():
        pytest.skip(f"needs {path.name} below SIDEMAND_SHARED; the other tests use invented ones")
    figures = measure(read_sentences(path))
    assert figures["supported_kept"] >= 0.88
    assert figures["wrong_caught"] >= 0.7
