"""Training learns from the difference, never from a source that it is asked about."""

import json

import numpy as np
import pytest
from sidemand.generation.support.check import judged, read_weights
from sidemand.generation.support.features import measured
from sidemand.generation.training.__main__ import trained
from sidemand.generation.training.examples import FILES, Examples, examples
from sidemand.generation.training.folds import KEPT, threshold, unseen_scores
from sidemand.generation.training.regression import fit

WHO = "kommunen regionen skolen lægen ministeren".split()
WHAT = (
    ("behandle ansøgningen", "sagen"),
    ("undersøge boligen", "lejemålet"),
    ("rådgive eleven", "familien"),
    ("betale udgiften", "regningen"),
    ("indkalde borgeren", "parten"),
)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    folder = tmp_path_factory.mktemp("data")
    (folder / "groundedness").mkdir()
    for file in FILES:
        lines = [json.dumps(line) for who in WHO for what in WHAT for line in _lines(who, what)]
        (folder / "groundedness" / file).write_text("\n".join(lines), "utf-8")
    return examples(folder)


def _lines(who: str, what: tuple[str, str]) -> list[dict[str, str]]:
    does, other = what
    source = f"{who.capitalize()} skal {does} hurtigst muligt efter mødet."
    right = f"Efter mødet skal {who} hurtigst muligt {does}."
    wrong = f"Efter mødet skal naboen gratis fælde træet og rydde {other}."
    return [
        {"source": source, "sentence": right, "label": "supported", "kind": "paraphrase"},
        {"source": source, "sentence": wrong, "label": "unsupported", "kind": "extra"},
    ]


def test_what_was_learnt_tells_right_from_wrong(read: Examples) -> None:
    weights = read_weights(json.dumps(trained(read)))
    source = "Politiet skal afhente hunden hurtigst muligt efter mødet."
    right = judged(measured("Efter mødet skal politiet afhente hunden.", [source]), weights)
    wrong = judged(measured("Efter mødet skal naboen rydde sneen.", [source]), weights)
    assert right.score > wrong.score


def test_the_same_data_give_the_same_weights(read: Examples) -> None:
    assert trained(read) == trained(read)


def test_a_sentence_is_scored_without_its_source(read: Examples) -> None:
    scores = unseen_scores(read)
    known = fit(read.features, read.is_supported, read.importance).score(read.features)
    assert scores.shape == (4, len(read.source))
    assert not np.allclose(scores[0], known)
    assert len(set(read.source)) == len(WHO) * len(WHAT)


def test_the_threshold_keeps_the_share_that_was_chosen(read: Examples) -> None:
    scores = unseen_scores(read)
    supported = scores[:, read.is_supported & (read.file == "train.jsonl")]
    assert (supported >= threshold(read, scores)).mean() >= KEPT


def test_the_ridge_leaves_what_tells_nothing_without_weight() -> None:
    truth = np.array([True, False] * 20)
    features = np.column_stack([truth, np.ones(40)]).astype(float)
    learnt = fit(features, truth, np.ones(40))
    assert learnt.weights[0] > 0
    assert learnt.weights[1] == 0
