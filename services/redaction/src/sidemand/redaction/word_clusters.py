"""Groups of words that stand in the same surroundings: verbs of saying, things, English words.

Learnt from ordinary text without any marks. What a word is like is known then even where no
marked sentence holds it. The table holds hashes of ordinary words: no name is in it.
"""

import zlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

UNKNOWN = (-1, -1)


class WordClusters:
    """Looks words up; immutable, may be shared between threads."""

    def __init__(
        self,
        words: npt.NDArray[np.uint32],
        fine: npt.NDArray[np.uint8],
        coarse: npt.NDArray[np.uint8],
    ) -> None:
        """Of each word its hash, and the numbers of its small and its large group."""
        self._arrays = (words, fine, coarse)
        pairs = zip(map(int, fine), map(int, coarse), strict=True)
        self._groups = dict(zip(map(int, words), pairs, strict=True))

    @classmethod
    def none(cls) -> "WordClusters":
        """Knows no word."""
        empty = np.zeros(0, dtype=np.uint8)
        return cls(np.zeros(0, dtype=np.uint32), empty, empty)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]]) -> "WordClusters":
        """Unpack what `to_arrays` packed."""
        return cls(
            arrays["cluster_words"].astype(np.uint32),
            arrays["cluster_fine"].astype(np.uint8),
            arrays["cluster_coarse"].astype(np.uint8),
        )

    def to_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """As they lie in the weights."""
        words, fine, coarse = self._arrays
        return {"cluster_words": words, "cluster_fine": fine, "cluster_coarse": coarse}

    def of(self, word: str) -> tuple[int, int]:
        """The small and the large group of the lower-case `word`; -1 where it is in none."""
        return self._groups.get(hashed(word), UNKNOWN)


def hashed(word: str) -> int:
    """What stands for `word` in the table."""
    return zlib.crc32(word.encode())
