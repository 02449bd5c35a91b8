"""Layers that read words in their context, over the static encoder's words, in PyTorch.

For comparison only: what the package ships is trained in numpy and run by ONNX Runtime.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import torch
from sidemand.embedding.training.contrast import SHARPNESS, Contrast
from sidemand.embedding.training.encoder import Adam, Floats, StaticEncoder, Words
from torch import Tensor, nn
from torch.nn import functional

HEADS, FARTHEST = 4, 16
"""Heads of each layer, and words apart from which on all distances are alike."""
_AT_ONCE = 64
_TABLE_RATE, _TURN_RATE, _LAYER_RATE = 2e-3, 5e-4, 3e-4


class Layer(nn.Module):
    """Attention and a feed-forward network, both added to what they read; 0 at first."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(dimension) for _ in range(2))
        self.asked = nn.Linear(dimension, 3 * dimension)
        self.answered = nn.Linear(dimension, dimension)
        self.nearness = nn.Parameter(_where_heads_look_first())
        self.inner = nn.Linear(dimension, dimension)
        self.outer = nn.Linear(dimension, dimension)
        for last in (self.answered, self.outer):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, words: Tensor, is_word: Tensor) -> Tensor:
        """Texts × words × dimension; `is_word` (texts × words) is false where a text has ended."""
        places = torch.arange(words.shape[1])
        apart = (places - places[:, None]).clamp(-FARTHEST, FARTHEST) + FARTHEST
        ended = torch.where(is_word, 0.0, -1e9)[:, None, None, :]
        parts = self.asked(self.norms[0](words)).unflatten(-1, (3, HEADS, -1))
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        looked = functional.scaled_dot_product_attention(
            query, key, value, self.nearness[:, apart] + ended
        )
        words = words + self.answered(looked.transpose(1, 2).flatten(2))
        return words + self.outer(functional.gelu(self.inner(self.norms[1](words))))


class ContextualEncoder:
    """A `StaticEncoder` with `layers` between its words and their sum; with none it is the same."""

    def __init__(self, static: StaticEncoder, layers: int, seed: int) -> None:
        torch.manual_seed(seed)
        dimension = static.table.shape[1]
        self._static = static
        self._layers = nn.ModuleList(Layer(dimension) for _ in range(layers))
        self._learnt = {
            "table": (static.table, Adam.of(static.table, _TABLE_RATE)),
            "weights": (static.log_weights, Adam.of(static.log_weights, _TABLE_RATE)),
            **{side: (turn, Adam.of(turn, _TURN_RATE)) for side, turn in static.turns.items()},
        }
        trained = list(self._layers.parameters()) or [nn.Parameter(torch.zeros(1))]
        self._optimiser = torch.optim.AdamW(trained, _LAYER_RATE)

    def slow_down(self, factor: float) -> None:
        """Multiply every learning rate by `factor`."""
        for _, adam in self._learnt.values():
            adam.learning_rate *= factor
        for group in self._optimiser.param_groups:
            group["lr"] *= factor

    def encode(self, texts: Sequence[Words], side: str) -> Floats:
        """Unit vectors for `texts` as "query" or "passage"."""
        found = []
        with torch.no_grad():
            for start in range(0, len(texts), 512):
                read = _Reading(self, texts[start : start + 512])
                found.append(read.vectors(range(len(read.texts)), side).numpy())
        return np.concatenate(found)

    def train_on(self, contrast: Contrast) -> float:
        """One step: each query nearest to its own passage; the loss before it."""
        count = len(contrast.queries)
        read = _Reading(self, [*contrast.queries, *contrast.passages])
        queries = read.vectors(range(count), "query")
        passages = read.vectors(range(count, len(read.texts)), "passage")
        scores = queries @ passages.T * float(SHARPNESS)
        if contrast.excluded is not None:
            scores = scores.masked_fill(torch.from_numpy(contrast.excluded), -1e9)
        return self._step(read, functional.cross_entropy(scores, torch.arange(count)))

    def distil_on(self, texts: Sequence[Words], taught: Floats, side: str) -> float:
        """One step: the cosines of `texts` with each other shall be those of their teacher's
        vectors (unit length, texts × any dimension); the loss before it.
        """
        read = _Reading(self, texts)
        vectors = read.vectors(range(len(texts)), side)
        teacher = torch.from_numpy(taught)
        own = torch.eye(len(texts), dtype=torch.bool)
        wanted, found = (
            (each @ each.T * float(SHARPNESS)).masked_fill(own, -1e9) for each in (teacher, vectors)
        )
        loss = functional.kl_div(found.log_softmax(1), wanted.softmax(1), reduction="batchmean")
        return self._step(read, loss)

    def _step(self, read: "_Reading", loss: Tensor) -> float:
        self._optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._layers.parameters(), 1.0)
        self._optimiser.step()
        for name, (values, adam) in self._learnt.items():
            gradient = read.leaves[name].grad
            if gradient is not None:
                is_of_rows = name in ("table", "weights")
                adam.update(values, gradient.numpy(), read.rows if is_of_rows else slice(None))
        return loss.item()


class _Reading:
    """Texts of one step, and the parameters that they touch as leaves of the computation."""

    def __init__(self, encoder: ContextualEncoder, texts: Sequence[Words]) -> None:
        self.texts = texts
        self._layers = encoder._layers
        static = encoder._static
        batch = static.batch(texts)
        self.rows = batch.rows
        self.leaves = {
            "table": _leaf(static.table[batch.rows]),
            "weights": _leaf(static.log_weights[batch.rows]),
            **{side: _leaf(turn) for side, turn in static.turns.items()},
        }
        weighted = self.leaves["table"] * self.leaves["weights"].exp()
        features = batch.features.tocoo()
        counts = torch.sparse_coo_tensor(
            np.stack([features.row, features.col]), features.data, features.shape
        )
        self._words = torch.sparse.mm(counts, weighted)
        ends = np.cumsum([0, *map(len, texts)])
        numbers = np.unique(np.concatenate(texts), return_inverse=True)[1]
        self._numbers = [numbers[start:end] for start, end in pairwise(ends)]

    def vectors(self, chosen: range, side: str) -> Tensor:
        """Unit vectors of the `chosen` texts, as queries or passages."""
        order = sorted(chosen, key=lambda number: len(self._numbers[number]))
        sums = torch.cat(list(self._sums(order)))
        back = torch.from_numpy(np.argsort(np.array(order)))
        return functional.normalize(sums[back] @ self.leaves[side].T, dim=1)

    def _sums(self, order: Sequence[int]) -> Iterator[Tensor]:
        for start in range(0, len(order), _AT_ONCE):
            group = [self._numbers[number] for number in order[start : start + _AT_ONCE]]
            lengths = torch.tensor([len(each) for each in group])
            is_word = torch.arange(int(lengths.max())) < lengths[:, None]
            numbers = torch.zeros(is_word.shape, dtype=torch.int64)
            numbers[is_word] = torch.from_numpy(np.concatenate(group))
            words = functional.embedding(numbers, self._words)
            for layer in self._layers:
                words = layer(words, is_word)
            yield (words * is_word[:, :, None]).sum(1)


def _where_heads_look_first() -> Tensor:
    """Back, ahead, around and anywhere; heads × distances of the word that is looked at."""
    apart = torch.arange(-FARTHEST, FARTHEST + 1)
    back = torch.where(apart <= 0, 0.5 * apart, -8.0)
    return torch.stack([back, back.flip(0), -0.25 * apart.abs(), torch.zeros(len(apart))])


def _leaf(values: Floats) -> Tensor:
    return torch.from_numpy(np.array(values)).requires_grad_()
