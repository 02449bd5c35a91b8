"""Case texts in which every piece of personal data is marked, from files of two forms.

`train_*.jsonl` of the shared data hold offsets. Our own, in `services/redaction/case_texts`, are
written as they are read: a line `=== name kind` begins a text, and `[[PERSON:e1|Marie Storm]]`
marks, with a number for each person, address or the like within the text.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OWN: Final = Path(__file__).parents[4] / "case_texts"

_BEGINNING: Final = re.compile(r"^=== (\w+) \w+$", re.MULTILINE)
_MARK: Final = re.compile(r"\[\[([A-Z_]+):e\d+\|((?:(?!\[\[|\]\]).)+)\]\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of personal data: from where to where in its text, and of which type."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text and its marks, in order."""

    text: str
    marks: tuple[Mark, ...]


def files(data: Path) -> list[Path]:
    """All files with marked texts to learn from."""
    return [*sorted((data / "pii").glob("train_*.jsonl")), *sorted(OWN.glob("*.txt"))]


def read(path: Path) -> Iterator[MarkedText]:
    """The texts of a file. Raises `ValueError` that names the text where a mark is broken."""
    written = path.read_text("utf-8")
    return _own(written) if path.suffix == ".txt" else _with_offsets(written)


def _with_offsets(written: str) -> Iterator[MarkedText]:
    for line in written.splitlines():
        document = json.loads(line)
        marks = (Mark(each["start"], each["end"], each["type"]) for each in document["spans"])
        yield MarkedText(document["text"], tuple(marks))


def _own(written: str) -> Iterator[MarkedText]:
    _, *parts = _BEGINNING.split(written)
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        marks: list[Mark] = []
        text, *marked = _MARK.split(body.strip("\n"))
        for kind, words, after in zip(marked[::3], marked[1::3], marked[2::3], strict=True):
            marks.append(Mark(len(text), len(text) + len(words), kind))
            text += words + after
        if "[[" in text or "]]" in text:
            raise ValueError(f"{name}: a mark is broken")
        yield MarkedText(text, tuple(marks))
