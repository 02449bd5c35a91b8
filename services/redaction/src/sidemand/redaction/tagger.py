"""Finds names by their context: a conditional random field, decoded with numpy.

The weights come from `python -m sidemand.redaction.training`; `weights/MODEL.md` is their card.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from io import BytesIO
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt
from sidemand.redaction.features import ATTRIBUTES, OFFSETS, TOKEN, attributes
from sidemand.redaction.spans import Certainty, Kind, Span
from sidemand.redaction.word_classes import WordClasses

LABELS: Final = (
    "O",
    *(
        f"{position}-{kind}"
        for kind in (Kind.PERSON, Kind.ORGANISATION, Kind.ADDRESS, Kind.BIRTH_DATE, Kind.NUMBER)
        for position in "BI"
    ),
)
"""Outside, and begin or inside of each kind; the order of all weights' columns."""

_CHUNK = 200
_KNOWN_WORDS = 50_000


class WeightsDamaged(Exception):
    """The weights are not those that the manifest names."""


@dataclass(frozen=True, slots=True)
class CrfWeights:
    """A trained field."""

    states: npt.NDArray[np.float32]
    """Attributes by labels."""
    transitions: npt.NDArray[np.float32]
    """From label by to label."""


class Tagger:
    """Tags names in normalised text. It remembers words, and lets one thread in at a time."""

    def __init__(self, crf: CrfWeights, classes: WordClasses) -> None:
        self._crf = crf
        self.classes = classes
        self._lock = Lock()
        self._known: dict[str, int] = {}
        self._emissions = np.zeros((1024, len(OFFSETS), len(LABELS)), dtype=np.float32)

    def find(self, text: str, *, caution: float = 0.0) -> Iterator[Span]:
        """Names in `text`. `caution` is taken from the score of "no name": more is masked."""
        tokens = [(m.group(), m.start(), m.end()) for m in TOKEN.finditer(text)]
        for first, last in chunks([word for word, _, _ in tokens]):
            part = tokens[first:last]
            with self._lock:
                labels = self._labels([word for word, _, _ in part], caution)
            yield from _spans(part, labels)

    def _labels(self, words: Sequence[str], caution: float) -> list[int]:
        emissions = self._emission(words)
        emissions[:, 0] -= caution
        return viterbi(emissions, self._crf.transitions)

    def _emission(self, words: Sequence[str]) -> npt.NDArray[np.float32]:
        """Score of each word for each label, from the word and its neighbours."""
        rows = self._rows(words)
        total = np.zeros((len(words), len(LABELS)), dtype=np.float32)
        for index, offset in enumerate(OFFSETS):
            low, high = max(0, -offset), len(words) - max(0, offset)
            if low < high:
                total[low:high] += self._emissions[rows[low + offset : high + offset], index]
        return total

    def _rows(self, words: Sequence[str]) -> npt.NDArray[np.int64]:
        if len(self._known) > _KNOWN_WORDS:
            self._known.clear()
        return np.array([self._row(word) for word in words], dtype=np.int64)

    def _row(self, word: str) -> int:
        row = self._known.get(word)
        if row is None:
            row = self._known[word] = len(self._known)
            if row == len(self._emissions):
                self._emissions = np.concatenate([self._emissions, np.zeros_like(self._emissions)])
            for index, active in enumerate(attributes(word, self.classes)):
                self._emissions[row, index] = self._crf.states[active].sum(axis=0)
        return row


def chunks(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Cut where a paragraph or line ends, at about 200 tokens: context does not reach farther."""
    start = 0
    for index, word in enumerate(words):
        size = index + 1 - start
        if (word[0] == "\n" and (size >= _CHUNK // 2 or len(word) > 1)) or size >= _CHUNK:
            yield start, index + 1
            start = index + 1
    if start < len(words):
        yield start, len(words)


def viterbi(emissions: npt.NDArray[np.float32], transitions: npt.NDArray[np.float32]) -> list[int]:
    """The best sequence of labels; `emissions` is tokens by labels."""
    score = emissions[0]
    back = np.empty(emissions.shape, dtype=np.int64)
    for position in range(1, len(emissions)):
        reached = score[:, None] + transitions
        back[position] = reached.argmax(axis=0)
        score = reached.max(axis=0) + emissions[position]
    label = int(score.argmax())
    path = [label]
    for position in range(len(emissions) - 1, 0, -1):
        label = int(back[position, label])
        path.append(label)
    return path[::-1]


def _spans(tokens: Sequence[tuple[str, int, int]], labels: Sequence[int]) -> Iterator[Span]:
    start: int | None = None
    kind = end = None
    for (word, token_start, token_end), label in zip(tokens, labels, strict=True):
        position, _, name = LABELS[label].partition("-")
        if start is not None and end is not None and (position != "I" or name != kind):
            yield Span(start, end, Kind(str(kind)), Certainty.NAME)
            start = None
        if position != "O" and word[0] != "\n":
            start, kind, end = (token_start if start is None else start), name, token_end
    if start is not None and end is not None:
        yield Span(start, end, Kind(str(kind)), Certainty.NAME)


@cache
def shipped_weights() -> tuple[CrfWeights, WordClasses]:
    """The weights of this package. Raises `WeightsDamaged` where the hash does not match."""
    return load_weights(resources.files("sidemand.redaction") / "weights")


def load_weights(folder: Traversable) -> tuple[CrfWeights, WordClasses]:
    """Read `tagger.npz` of `folder` after checking it against `tagger.json`."""
    manifest = json.loads((folder / "tagger.json").read_text("utf-8"))
    packed = (folder / "tagger.npz").read_bytes()
    if hashlib.sha256(packed).hexdigest() != manifest["sha256"]:
        raise WeightsDamaged(
            "tagger.npz is not the file that tagger.json names; train or fetch it anew"
        )
    with np.load(BytesIO(packed)) as arrays:
        return _unpacked_crf(arrays), WordClasses.from_arrays(arrays)


def pack_crf(crf: CrfWeights) -> dict[str, npt.NDArray[np.generic]]:
    """Only the attributes that weigh anything, in half precision."""
    rows = np.flatnonzero(np.abs(crf.states).max(axis=1) > 1e-3)
    return {
        "crf_rows": rows.astype(np.uint32),
        "crf_states": crf.states[rows].astype(np.float16),
        "crf_transitions": crf.transitions.astype(np.float32),
    }


def _unpacked_crf(arrays: Mapping[str, npt.NDArray[np.generic]]) -> CrfWeights:
    states = np.zeros((ATTRIBUTES, len(LABELS)), dtype=np.float32)
    states[arrays["crf_rows"].astype(np.int64)] = arrays["crf_states"].astype(np.float32)
    return CrfWeights(states, arrays["crf_transitions"].astype(np.float32))
