"""Logistic regression with a ridge, by Newton's method."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from sidemand.generation.training.examples import Flags, Floats

RIDGE: Final = 30.0
_MOST_STEPS: Final = 50
_SMALL: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Regression:
    """Log-odds = bias + (features - mean) · weights."""

    bias: float
    mean: Floats
    weights: Floats

    def score(self, features: Floats) -> Floats:
        """The log-odds of every row."""
        scores: Floats = self.bias + (features - self.mean) @ self.weights
        return scores


def fit(features: Floats, truth: Flags, importance: Floats) -> Regression:
    """Fit on features that are scaled to one spread, so that the ridge weighs them alike."""
    mean, spread = features.mean(0), features.std(0)
    spread[spread < _SMALL] = 1.0
    scaled = np.column_stack([np.ones(len(features)), (features - mean) / spread])
    ridge = np.full(scaled.shape[1], RIDGE)
    ridge[0] = 0.0
    weights = np.zeros(scaled.shape[1])
    for _ in range(_MOST_STEPS):
        odds = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (importance * (odds - truth)) + ridge * weights
        curve = (scaled.T * (importance * odds * (1 - odds))) @ scaled + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < _SMALL:
            break
    return Regression(float(weights[0]), mean, weights[1:] / spread)
