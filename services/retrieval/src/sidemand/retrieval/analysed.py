"""Text and vectors in the form in which they are compared."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sidemand.danish.analysis import analyse, terms, without_tokens
from sidemand.schemas.text import Passage, Vector

FloatArray: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PassageTerms:
    """The analysed terms of a passage by where they stand, each field separated by spaces."""

    head: str
    """Title of the document and headings above the passage."""
    body: str
    """The passage."""
    asked: str
    """Questions that an editor attached to the document."""

    @property
    def all(self) -> str:
        """What the full-text field of an index holds."""
        return f"{self.head} {self.body} {self.asked}"


def passage_terms(title: str, passage: Passage, asked_as: tuple[str, ...]) -> PassageTerms:
    """Analyse a passage of a document with this title and these questions."""
    headings = (heading for heading in passage.heading_path if heading != title)
    return PassageTerms(
        head=_analysed_before(" \n".join((title, *headings))),
        body=analyse(without_tokens(passage.text)),
        asked=_analysed_before(" \n".join(asked_as)),
    )


def query_terms(text: str) -> tuple[str, ...]:
    """The analysed terms of `text`, each once, in order; tokens of persons left out."""
    return tuple(dict.fromkeys(terms(without_tokens(text))))


def unpacked(vector: Vector) -> FloatArray:
    """The components of `vector`."""
    return half_precision(vector.data)


def half_precision(data: bytes) -> FloatArray:
    """The components that little-endian half-precision `data` holds."""
    return np.frombuffer(data, dtype="<f2").astype(np.float32)


def heading_key(heading: str) -> str:
    """A heading as it is compared: case folded, white space as single spaces."""
    return " ".join(heading.casefold().split())


@lru_cache(maxsize=256)
def _analysed_before(text: str) -> str:
    """What the passages of a document share."""
    return analyse(without_tokens(text))
