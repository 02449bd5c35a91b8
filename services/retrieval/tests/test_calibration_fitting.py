"""Fitting weights to questions with known answers."""

import numpy as np
from sidemand.retrieval.analysed import FloatArray
from sidemand.retrieval.calibration import Answerability
from sidemand.retrieval.fitting import Judged, fit_answerability, fit_weights, logistic


def questions(count: int = 60) -> list[Judged]:
    """The third score tells the one relevant hit, the others are noise."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(count):
        scores = rng.normal(size=(20, 4)).astype(np.float32)
        is_relevant = np.arange(20) == 7
        scores[is_relevant, 2] += 3
        made.append(Judged(scores, is_relevant))
    return made


def test_the_score_that_tells_relevance_weighs_most() -> None:
    weights = fit_weights(questions())
    assert weights.meaning > 5 * max(weights.words, weights.words_of_part, weights.meaning_of_part)


def test_certainty_is_the_share_of_relevance() -> None:
    judged = questions()
    weights = fit_weights(judged)
    vector = [weights.words, weights.words_of_part, weights.meaning, weights.meaning_of_part]
    odds = np.concatenate([each.scores for each in judged]) @ np.array(vector) + weights.intercept
    assert abs(float((1 / (1 + np.exp(-odds))).mean()) - 1 / 20) < 0.005


def test_a_score_that_misleads_weighs_nothing() -> None:
    judged = questions()
    for each in judged:
        each.scores[each.is_relevant, 0] -= 3
    assert fit_weights(judged).words == 0


def documents(mean: float, count: int, seed: int) -> FloatArray:
    """Scores of which only the first tells answered documents from others."""
    rng = np.random.default_rng(seed)
    middle, spread = [mean, 5.0, 3.0, 0.8, 0.3], [1.0, 2.0, 0.5, 0.1, 0.2]
    return rng.normal(middle, spread, size=(count, 5)).astype(np.float32)


def weights_of(fitted: Answerability) -> list[float]:
    return [fitted.first, fitted.agreement, fitted.length, fitted.covered, fitted.lacking]


def test_answered_and_unanswered_documents_count_the_same() -> None:
    fitted = fit_answerability([documents(1, 900, 1)], [documents(-1, 90, 2)], 0.05)
    between = np.array([0.0, 5.0, 3.0, 0.8, 0.3]) @ weights_of(fitted)
    assert abs(between + fitted.intercept) < 0.8
    assert fitted.first > 2 * abs(fitted.agreement)


def test_no_kind_of_question_is_refused_more_often_than_allowed() -> None:
    easy, hard = documents(4, 800, 3), documents(0, 80, 4)
    fitted = fit_answerability([easy, hard], [documents(-2, 200, 5)], 0.05)
    weights = np.array(weights_of(fitted))
    refused = [
        float((1 / (1 + np.exp(-(kind @ weights + fitted.intercept))) < fitted.threshold).mean())
        for kind in (easy, hard)
    ]
    assert refused[0] < 0.01
    assert 0.03 < refused[1] <= 0.05


def test_a_logistic_regression_finds_the_odds_that_made_the_data() -> None:
    rng = np.random.default_rng(2)
    scores = rng.normal(size=(20_000, 2)).astype(np.float32)
    odds = scores @ np.array([1.5, -0.5]) + 0.7
    is_true = rng.random(20_000) < 1 / (1 + np.exp(-odds))
    assert np.allclose(logistic(scores, is_true), [1.5, -0.5, 0.7], atol=0.1)
