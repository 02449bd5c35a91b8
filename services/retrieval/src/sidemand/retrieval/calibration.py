"""How scores are weighed and what they mean, as measured on questions with known answers.

`calibration.json` is written by `python -m sidemand.evaluation.retrieval calibrate DATA`, which
runs this service's own index and the embedding service's own model, and says in `made_from` on
what. It has to be made anew when the model, the analysis of text or the scores change.
"""

from importlib import resources
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

FILE_NAME: Final = "calibration.json"

_NotNegative = Annotated[float, Field(ge=0)]


class _Frozen(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, protected_namespaces=()
    )


class MadeFrom(_Frozen):
    """What the figures were measured on."""

    model_id: str
    """The embedding model."""
    model_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of its weights."""
    documents: Annotated[int, Field(ge=1)]
    """Size of the knowledge base."""
    answerable: Annotated[int, Field(ge=1)]
    """Questions with known relevant provisions."""
    in_long_notes: Annotated[int, Field(ge=0)]
    """Some of them once more, each hidden in a long case note on something else."""
    unanswerable: Annotated[int, Field(ge=1)]
    """Questions that nothing in the knowledge base answers."""


class Weights(_Frozen):
    """What each score adds to the logarithm of the odds that a passage is relevant."""

    words: _NotNegative
    """BM25 with the whole document, over the root of the weight of its terms."""
    words_of_part: _NotNegative
    """The same with the part of the document that it matches best."""
    meaning: _NotNegative
    """Cosine with the whole document."""
    meaning_of_part: _NotNegative
    """Cosine with the part that is nearest."""
    intercept: float
    """The logarithm of the odds where all scores are nothing."""


class Answerability(_Frozen):
    """What adds to the logarithm of the odds that a part of a document is answered at all."""

    meaning: float
    """Cosine with the nearest passage."""
    coverage: float
    """BM25 of the best passage over the weight of the part's terms: how much of it is covered."""
    length: float
    """Logarithm of 1 plus that weight: the more is said, the less of it one passage can cover."""
    intercept: float
    """The logarithm of the odds where all of them are nothing."""


class Calibration(_Frozen):
    """How scores become shares of certainty."""

    made_from: MadeFrom
    weights: Weights
    answerability: Answerability
    threshold: Annotated[float, Field(ge=0, le=1)]
    """Nothing is offered where a short document is not answered with this certainty."""
    threshold_of_parts: Annotated[float, Field(ge=0, le=1)]
    """The same for the best part of a long one: among many parts one is soon answered somehow."""


def shipped_calibration() -> Calibration:
    """The calibration that comes with the package."""
    return Calibration.model_validate_json(
        resources.files("sidemand.retrieval").joinpath(FILE_NAME).read_text("utf-8")
    )
