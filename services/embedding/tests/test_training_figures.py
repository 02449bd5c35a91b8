"""Figures of single questions; needs the extra `training`."""

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs the extra `training`")

from sidemand.embedding.training.data import Provision, Query
from sidemand.embedding.training.evaluation import judge, judge_each, standard_error

PROVISIONS = tuple(Provision(("lov", str(number)), "Lov", "") for number in range(20))


def asked(*provisions: int) -> list[Query]:
    return [Query("", "citizen", (("lov", str(number)),)) for number in provisions]


def test_the_figures_are_the_means_of_each_querys() -> None:
    scores = np.random.default_rng(0).random((3, 20), np.float32)
    each = judge_each(scores, asked(0, 5, 9), PROVISIONS)
    figures = judge(scores, asked(0, 5, 9), PROVISIONS)
    assert each.shape == (3, 4)
    assert figures.ndcg_at_10 == pytest.approx(float(each[:, 3].mean()))


def test_the_standard_error_is_that_of_the_mean() -> None:
    figures = np.random.default_rng(0).random(200).astype(np.float32)
    usual = figures.std() / np.sqrt(200)
    assert standard_error(figures, asked(*range(200))) == pytest.approx(usual, rel=1e-3)


def test_a_question_asked_four_times_is_no_four_questions() -> None:
    figures = np.random.default_rng(0).random(50).astype(np.float32)
    once = standard_error(figures, asked(*range(50)))
    repeated = standard_error(np.tile(figures, 4), asked(*range(50)) * 4)
    assert repeated == pytest.approx(once, rel=1e-3)
