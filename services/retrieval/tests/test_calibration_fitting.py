"""Fitting weights to questions with known answers."""

import numpy as np
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


def test_answered_and_unanswered_parts_count_the_same() -> None:
    rng = np.random.default_rng(1)
    answered = rng.normal([0.6, 0.5, 3], 0.1, size=(300, 3)).astype(np.float32)
    unanswered = rng.normal([0.4, 0.3, 3], 0.1, size=(30, 3)).astype(np.float32)
    fitted = fit_answerability(answered, unanswered)
    between = np.array([0.5, 0.4, 3.0]) @ [fitted.meaning, fitted.coverage, fitted.length]
    assert abs(between + fitted.intercept) < 0.6
    assert fitted.meaning > 0


def test_a_logistic_regression_finds_the_odds_that_made_the_data() -> None:
    rng = np.random.default_rng(2)
    scores = rng.normal(size=(20_000, 2)).astype(np.float32)
    odds = scores @ np.array([1.5, -0.5]) + 0.7
    is_true = rng.random(20_000) < 1 / (1 + np.exp(-odds))
    assert np.allclose(logistic(scores, is_true), [1.5, -0.5, 0.7], atol=0.1)
