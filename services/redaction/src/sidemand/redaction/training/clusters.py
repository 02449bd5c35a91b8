"""Groups words by the words around them: counts, singular values, k-means.

Words that are mostly written with a capital are left out, so that no name comes into the table.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sidemand.redaction.word_clusters import WordClusters, hashed

_WORDS: Final = 40_000
_NEIGHBOURS: Final = 3_000
_OFFSETS: Final = (-2, -1, 1, 2)
_DIMENSIONS: Final = 64
_AT_ONCE: Final = 4_000_000
_SIGNS: Final = (".", ",", "?", "!", ":", ";", "(", ")", "-", "/", "\n", "\n\n", '"')
_OTHER: Final = ("#", "Capital", "Rare")
"""Neighbours that stand for every number, every unknown word with a capital, every other one."""

_Matrix = npt.NDArray[np.float32]


def cluster(texts: Iterable[Sequence[str]], seed: int) -> WordClusters:
    """Group the frequent words of `texts` (words in order) into 256 small and 64 large groups."""
    sentences = list(texts)
    vocabulary = _vocabulary(sentences)
    rng = np.random.default_rng(seed)
    vectors = _vectors(_counts(sentences, vocabulary), rng)
    fine, coarse = (_groups(vectors, count, rng).astype(np.uint8) for count in (256, 64))
    words = np.array([hashed(word) for word in vocabulary], dtype=np.uint32)
    return WordClusters(words, fine, coarse)


def _vocabulary(sentences: Sequence[Sequence[str]]) -> list[str]:
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for words in sentences:
        for word in words:
            if word.isalpha():
                (small if word.islower() else capital)[word.lower()] += 1
    frequent = small.most_common(_WORDS)
    return [word for word, count in frequent if count >= 3 and count > capital[word] / 2]


def _counts(sentences: Sequence[Sequence[str]], vocabulary: Sequence[str]) -> Any:
    """How often each neighbour stands at each distance from each word; sparse."""
    word_ids = {word: index for index, word in enumerate(vocabulary)}
    known = [*vocabulary[:_NEIGHBOURS], *_SIGNS, *_OTHER]
    neighbour_ids = {word: index for index, word in enumerate(known)}
    shape = (len(vocabulary), len(known) * len(_OFFSETS))
    total = sparse.csr_matrix(shape, dtype=np.float32)
    waiting: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = []
    for words in sentences:
        rows = np.array([word_ids.get(w.lower(), -1) for w in words], dtype=np.int64)
        columns = np.array([_neighbour(w, neighbour_ids) for w in words], dtype=np.int64)
        for place, offset in enumerate(_OFFSETS):
            size = max(0, len(words) - abs(offset))
            first = max(0, -offset)
            at, beside = rows[first : first + size], columns[first + offset :][:size]
            waiting.append((at[at >= 0], beside[at >= 0] + place * len(known)))
        if sum(len(at) for at, _ in waiting[-4:]) and len(waiting) > _AT_ONCE // 100:
            total, waiting = total + _counted(waiting, shape), []
    return total + _counted(waiting, shape)


def _neighbour(word: str, ids: dict[str, int]) -> int:
    known = ids.get(word.lower())
    if known is not None:
        return known
    if word[0].isdigit():
        return ids["#"]
    return ids["Capital" if word[0].isupper() else "Rare"]


def _counted(
    pairs: Sequence[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]], shape: tuple[int, int]
) -> Any:
    rows = np.concatenate([np.zeros(0, dtype=np.int64), *(at for at, _ in pairs)])
    columns = np.concatenate([np.zeros(0, dtype=np.int64), *(beside for _, beside in pairs)])
    ones = np.ones(len(rows), dtype=np.float32)
    return sparse.coo_matrix((ones, (rows, columns)), shape=shape).tocsr()


def _vectors(counts: Any, rng: np.random.Generator) -> _Matrix:
    """Positive pointwise mutual information, reduced by randomised singular values; unit length."""
    of_word = np.asarray(counts.sum(axis=1)).ravel() + 1e-9
    of_neighbour = np.asarray(counts.sum(axis=0)).ravel() ** 0.75
    cells = counts.tocoo()
    expected = of_word[cells.row] * (of_neighbour / of_neighbour.sum())[cells.col] + 1e-12
    information = np.maximum(np.log(cells.data / expected), 0).astype(np.float32)
    matrix = sparse.csr_matrix((information, (cells.row, cells.col)), shape=counts.shape)
    basis = rng.standard_normal((matrix.shape[1], _DIMENSIONS + 32)).astype(np.float32)
    for _ in range(3):
        left, _ = np.linalg.qr(matrix @ basis)
        basis, _ = np.linalg.qr(matrix.T @ left)
    left, values, _ = np.linalg.svd(matrix @ basis, full_matrices=False)
    vectors: _Matrix = (left * np.sqrt(values))[:, :_DIMENSIONS]
    return _unit(vectors)


def _groups(vectors: _Matrix, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """The number of the nearest of `count` centres, by k-means on the sphere."""
    centres = vectors[rng.permutation(min(len(vectors), 20_000))[:count]]
    nearest = np.zeros(len(vectors), dtype=np.int64)
    for _ in range(12):
        nearest = (vectors @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, vectors)
        centres = _unit(sums)
    return nearest


def _unit(vectors: _Matrix) -> _Matrix:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    scaled: _Matrix = (vectors / lengths).astype(np.float32)
    return scaled
