"""How scores are weighed and what they mean, as measured on questions with known answers.

`calibration.json` is written by `sidemand-eval calibrate DATA`, which runs this service's own
index and the embedding service's own model, and says in `made_from` on what. It has to be made
anew when the model, the analysis of text or the scores change.
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
    """Size of the knowledge base; smaller ones are parts of it."""
    answerable: Annotated[int, Field(ge=1)]
    """Questions with known relevant provisions."""
    unanswerable: Annotated[int, Field(ge=1)]
    """Questions that nothing in the knowledge base answers."""
    long_documents: Annotated[int, Field(ge=0)]
    """Case notes on something else in which some of those questions are hidden."""


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
    """What adds to the logarithm of the odds that a document is answered at all."""

    first: float
    """The logarithm of the odds that the best passage is relevant, by `Weights`."""
    agreement: float
    """How many of the ten passages nearest by meaning are among the ten best by words."""
    length: float
    """Logarithm of 1 plus the weight of all its terms: the more is said, the less is covered."""
    covered: float = 0.0
    """Share of that weight that stands in some passage that was found."""
    lacking: float = 0.0
    """Share of the five best passages that do not state a kind of figure that is asked for."""
    intercept: float
    """The logarithm of the odds where all of them are nothing."""
    threshold: Annotated[float, Field(ge=0, le=1)]
    """Nothing is offered where a document is not answered with this certainty."""


class Calibration(_Frozen):
    """How scores become shares of certainty."""

    made_from: MadeFrom
    weights: Weights
    short: Answerability
    """Of a document that is searched for as a whole."""
    long: Answerability
    """Of one that is searched for by its sentences too: one of many is soon answered somehow."""


def shipped_calibration() -> Calibration:
    """The calibration that comes with the package."""
    return Calibration.model_validate_json(
        resources.files("sidemand.retrieval").joinpath(FILE_NAME).read_text("utf-8")
    )
