"""The contrastive loss: each query shall be nearest to its own passage among those of the batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sidemand.embedding.training.encoder import Floats, StaticEncoder, Words, unit

SHARPNESS = np.float32(20)
"""What the cosine is multiplied by before the softmax: the inverse temperature."""
_EXCLUDED = np.float32(-1e9)


@dataclass(frozen=True, slots=True)
class Contrast:
    """Queries and passages of one step: query i belongs to passage i, all others are wrong.

    `excluded` (queries × passages) marks what is not wrong either, such as a second right answer.
    """

    queries: Sequence[Words]
    passages: Sequence[Words]
    excluded: NDArray[np.bool_] | None = None


def train_on(encoder: StaticEncoder, contrast: Contrast) -> float:
    """One step on `contrast`; its mean cross-entropy before the step."""
    count = len(contrast.queries)
    batch = encoder.batch([*contrast.queries, *contrast.passages])
    sums = encoder.sums(batch)
    sides = {"query": slice(0, count), "passage": slice(count, None)}
    turned = {side: sums[part] @ encoder.turns[side].T for side, part in sides.items()}
    queries, query_lengths = unit(turned["query"])
    passages, passage_lengths = unit(turned["passage"])
    shares = _softmax(queries @ passages.T * SHARPNESS, contrast.excluded)
    own = np.arange(count)
    loss = float(-np.log(shares[own, own] + 1e-9).mean())
    shares[own, own] -= 1
    shares *= SHARPNESS / count
    gradients = {
        "query": _through_scaling(shares @ passages, queries, query_lengths),
        "passage": _through_scaling(shares.T @ queries, passages, passage_lengths),
    }
    encoder.step(batch, sums, {side: (sides[side], gradients[side]) for side in sides})
    return loss


def _softmax(scores: Floats, excluded: NDArray[np.bool_] | None) -> Floats:
    if excluded is not None:
        scores = np.where(excluded, _EXCLUDED, scores)
    powers = np.exp(scores - scores.max(1, keepdims=True))
    shares: Floats = powers / powers.sum(1, keepdims=True)
    return shares


def _through_scaling(gradient: Floats, units: Floats, lengths: Floats) -> Floats:
    """The gradient before the scaling to unit length: what points along the vector is lost."""
    along = (units * gradient).sum(1, keepdims=True)
    result: Floats = (gradient - units * along) / lengths
    return result
