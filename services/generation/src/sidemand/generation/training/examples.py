"""Sentences of which a person says whether a source carries them, measured."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from sidemand.generation.proof import broken_rule
from sidemand.generation.support.check import certain_doubt
from sidemand.generation.support.features import measured

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FILES: Final = {"train.jsonl": 1.0, "train_more.jsonl": 0.3}
"""The training files, and how much a sentence of each counts.

The second was written to be hard, in freer words and with smaller faults, than what is measured.
"""


@dataclass(frozen=True, slots=True)
class Examples:
    """The sentences of the training files, one a row."""

    names: tuple[str, ...]
    features: Floats
    """Sentences × names."""
    is_supported: Flags
    breaks_rule: Flags
    """Dropped by a rule before the check sees it."""
    importance: Floats
    file: npt.NDArray[np.str_]
    kind: npt.NDArray[np.str_]
    source: tuple[str, ...]
    """The SHA-256 of the source, in hexadecimal."""


def examples(data: Path) -> Examples:
    """Read and measure `groundedness/train*.jsonl` below `data`. Raises `OSError`."""
    lines = list(_lines(data))
    rows = [measured(line["sentence"], [line["source"]]) for _, line in lines]
    names = tuple(next(row for row in rows if row))
    broken = [
        bool(certain_doubt(row) or broken_rule(line["sentence"], [line["source"]]))
        for row, (_, line) in zip(rows, lines, strict=True)
    ]
    return Examples(
        names=names,
        features=np.array([[row.get(name, 0.0) for name in names] for row in rows]),
        is_supported=np.array([line["label"] == "supported" for _, line in lines]),
        breaks_rule=np.array(broken),
        importance=np.array([FILES[file] for file, _ in lines]),
        file=np.array([file for file, _ in lines]),
        kind=np.array([line["kind"] for _, line in lines]),
        source=tuple(hashlib.sha256(line["source"].encode()).hexdigest() for _, line in lines),
    )


def _lines(data: Path) -> Iterator[tuple[str, dict[str, str]]]:
    for file in FILES:
        for line in (data / "groundedness" / file).read_text("utf-8").splitlines():
            yield file, json.loads(line)
