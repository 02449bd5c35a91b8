"""Finds names by their context: a conditional random field, decoded with numpy.

The weights come from `python -m sidemand.redaction.training`; `weights/MODEL.md` is their card.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from io import BytesIO
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt
from sidemand.redaction.decoding import best_labels
from sidemand.redaction.features import (
    ATTRIBUTES,
    OFFSETS,
    REACH,
    add_neighbours,
    attributes_of,
    looks,
    rows_by_distance,
    rows_of,
)
from sidemand.redaction.neural import Network, NetworkWeights
from sidemand.redaction.reading import read
from sidemand.redaction.spans import Certainty, Kind, Span
from sidemand.redaction.word_classes import WordClasses
from threadpoolctl import ThreadpoolController

LABELS: Final = (
    "O",
    *(
        f"{position}-{kind}"
        for kind in (
            Kind.PERSON,
            Kind.ORGANISATION,
            Kind.ADDRESS,
            Kind.BIRTH_DATE,
            Kind.AGE,
            Kind.NUMBER,
        )
        for position in "BI"
    ),
)
"""Outside, and begin or inside of each kind; the order of all weights' columns."""

_EAGERNESS: Final = {
    "PERSON": 1.1,
    "ORG": 0.6,
    "ADDRESS": 1.0,
    "BIRTH": 0.2,
    "AGE": 0.5,
    "NUMBER": -0.2,
}
"""How much of the caution a kind gets: persons are found by nothing else, numbers by their form,
so that a number without one has to stand where numbers of persons do.
Of a caution below zero all kinds get the same, or a person would pass as an organisation."""

_BLAS: Final = ThreadpoolController()
"""For products as small as ours a second thread takes three times the processor time, waiting."""

_WEIGHS_NOTHING = 0.02
_CHUNK = 200
_AT_ONCE = 5_000
_KNOWN_WORDS = 11_000
_LEARNT_AT_ONCE = 500


class WeightsDamaged(Exception):
    """The weights are not those that the manifest names."""


@dataclass(frozen=True, slots=True)
class CrfWeights:
    """A trained field."""

    states: npt.NDArray[np.float32]
    """Attributes by labels."""
    transitions: npt.NDArray[np.float32]
    """From label by to label."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a field tells apart, and by what."""

    labels: tuple[str, ...]
    """The columns of the weights; the first is "nothing"."""
    near: Callable[[Sequence[str], WordClasses], list[tuple[str, ...]]]
    """The attributes of each of some words, the farthest-reaching ones first."""
    certainty: Certainty = Certainty.NAME

    def attributes(self, word: str, classes: WordClasses) -> list[list[int]]:
        """The rows of the weights that `word` switches on, for each distance of `OFFSETS`.

        Distance -1 means that `word` stands just before the word that is tagged.
        """
        return rows_by_distance(self.near([word], classes)[0])


NAMES: Final = Scheme(LABELS, attributes_of)


class Tagger:
    """Tags names in normalised text. It remembers words, and lets one thread in at a time."""

    def __init__(
        self,
        crf: CrfWeights,
        classes: WordClasses,
        network: Network | None = None,
        scheme: Scheme = NAMES,
    ) -> None:
        """Tags names, or what another `scheme` knows; a `network` has a say beside the field."""
        self._crf = crf
        self.classes = classes
        self._network = network
        self._scheme = scheme
        labels = self._scheme.labels
        eagerness = [_EAGERNESS.get(label[2:], 1.0 if label != "O" else 0.0) for label in labels]
        self._eagerness = np.array(eagerness, dtype=np.float32)
        self._is_name = np.array([label != "O" for label in labels], dtype=np.float32)
        self._lock = Lock()
        self._known: dict[str, int] = {}
        # The system gives memory to rows only when they are written.
        rows, hidden = _KNOWN_WORDS + _AT_ONCE, network.hidden if network else 0
        self._emissions = np.zeros((rows, len(OFFSETS), len(labels)), dtype=np.float32)
        self._contributions = np.zeros((rows, len(OFFSETS), hidden), dtype=np.float32)

    def find(self, text: str, *, caution: float = 0.0) -> Iterator[Span]:
        """Names in `text`. With more `caution`, more is masked."""
        reading = read(text)
        for first in range(0, len(reading.words), _AT_ONCE):
            words = reading.words[first : first + _AT_ONCE]
            with self._lock, _BLAS.limit(limits=1, user_api="blas"):
                found = self._labels(words, caution)
            for begin, end, kind in _stretches(words, found, self._scheme.labels):
                start, last = reading.starts[first + begin], first + end - 1
                stop = reading.starts[last] + len(reading.words[last])
                yield Span(start, stop, kind, self._scheme.certainty)

    def _labels(self, words: Sequence[str], caution: float) -> npt.NDArray[np.int64]:
        emissions = self._emission(words)
        emissions += caution * (self._eagerness if caution > 0 else self._is_name)
        return best_labels(emissions, self._crf.transitions)

    def _emission(self, words: Sequence[str]) -> npt.NDArray[np.float32]:
        """Score of each word for each label, from the word and its neighbours."""
        if len(self._known) > _KNOWN_WORDS:
            self._known.clear()
        self._learn([*set(words).difference(self._known)])
        rows = np.fromiter(map(self._known.__getitem__, words), dtype=np.int64, count=len(words))
        total = np.zeros((len(rows), len(self._scheme.labels)), dtype=np.float32)
        add_neighbours(total, self._emissions, rows)
        if self._network:
            total += self._network.scores(self._contributions, rows)
        return total

    def _learn(self, words: Sequence[str]) -> None:
        """Remember what each of `words`, which are new, adds to the words around it."""
        for first in range(0, len(words), _LEARNT_AT_ONCE):
            new = words[first : first + _LEARNT_AT_ONCE]
            placed = rows_of(self._scheme.near(new, self.classes))
            known = len(self._known)
            added = slice(known, known + len(new))
            for index, (rows, starts) in enumerate(placed):
                sums = np.add.reduceat(self._crf.states[rows], starts, axis=0)
                self._emissions[added, index] = sums
            if self._network:
                rows, starts = placed[REACH]
                like = [looks(w, self.classes) for w in new]
                self._contributions[added] = self._network.contributions(rows, starts, like)
            self._known.update(zip(new, range(known, known + len(new)), strict=True))


def chunks(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Cut for training where a paragraph or line ends, at about 200 tokens."""
    start = 0
    for index, word in enumerate(words):
        size = index + 1 - start
        if (word[0] == "\n" and (size >= _CHUNK // 2 or len(word) > 1)) or size >= _CHUNK:
            yield start, index + 1
            start = index + 1
    if start < len(words):
        yield start, len(words)


def _stretches(
    words: Sequence[str], found: npt.NDArray[np.int64], labels: Sequence[str]
) -> Iterator[tuple[int, int, Kind]]:
    """First and end of each run of words that are labelled as one thing; line ends are none."""
    first, end, last, kind = -1, -1, -1, ""
    for index in np.flatnonzero(found).tolist():
        position, _, name = labels[found[index]].partition("-")
        if first >= 0 and (position == "B" or name != kind or index > last + 1):
            yield first, end, Kind(kind)
            first = -1
        last = index
        if words[index][0] != "\n":
            first, end, kind = (index if first < 0 else first), index + 1, name
    if first >= 0:
        yield first, end, Kind(kind)


@cache
def shipped_weights() -> tuple[CrfWeights, WordClasses, Network]:
    """The weights of this package. Raises `WeightsDamaged` where the hash does not match."""
    return load_weights(resources.files("sidemand.redaction") / "weights")


def load_weights(folder: Traversable) -> tuple[CrfWeights, WordClasses, Network]:
    """Read the weights of names in `folder`."""
    arrays = read_arrays(folder)
    network = Network(NetworkWeights.from_arrays(arrays))
    return unpacked_crf(arrays, "crf", LABELS), WordClasses.from_arrays(arrays), network


def read_arrays(folder: Traversable) -> dict[str, npt.NDArray[np.generic]]:
    """All of `tagger.npz` of `folder` after checking it against `tagger.json`."""
    manifest = json.loads((folder / "tagger.json").read_text("utf-8"))
    packed = (folder / "tagger.npz").read_bytes()
    if hashlib.sha256(packed).hexdigest() != manifest["sha256"]:
        raise WeightsDamaged(
            "tagger.npz is not the file that tagger.json names; train or fetch it anew"
        )
    with np.load(BytesIO(packed)) as arrays:
        return dict(arrays)


def pack_crf(crf: CrfWeights, name: str) -> dict[str, npt.NDArray[np.generic]]:
    """Only the attributes that weigh anything, in half precision."""
    rows = np.flatnonzero(np.abs(crf.states).max(axis=1) > _WEIGHS_NOTHING)
    return {
        f"{name}_rows": rows.astype(np.uint32),
        f"{name}_states": crf.states[rows].astype(np.float16),
        f"{name}_transitions": crf.transitions.astype(np.float32),
    }


def unpacked_crf(
    arrays: Mapping[str, npt.NDArray[np.generic]], name: str, labels: Sequence[str]
) -> CrfWeights:
    """What `pack_crf` packed under `name`."""
    states = np.zeros((ATTRIBUTES, len(labels)), dtype=np.float32)
    states[arrays[f"{name}_rows"].astype(np.int64)] = arrays[f"{name}_states"].astype(np.float32)
    return CrfWeights(states, arrays[f"{name}_transitions"].astype(np.float32))
