"""Danish stems, by the Snowball algorithm (https://snowballstem.org/algorithms/danish)."""

import threading
from functools import lru_cache

import snowballstemmer

_algorithm = snowballstemmer.stemmer("danish")
_one_at_a_time = threading.Lock()  # the algorithm keeps the word in itself


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The stem of a folded `word`: "ydelserne" and "ydelse" both give "yd"."""
    with _one_at_a_time:
        return str(_algorithm.stemWord(word))
