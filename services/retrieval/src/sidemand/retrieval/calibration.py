"""How scores are weighed and what they mean, as measured on questions with known answers.

`calibration.json` is written by `python -m sidemand.evaluation.retrieval calibrate DATA`, which
runs this service's own index and the embedding service's own model, and says in `made_from` on
what. It has to be made anew when the model, the analysis of text or the scores change.
"""

from importlib import resources
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

FILE_NAME: Final = "calibration.json"


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
    provisions: Annotated[int, Field(ge=1)]
    """Size of the knowledge base."""
    answerable: Annotated[int, Field(ge=1)]
    """Questions with known relevant provisions."""
    unanswerable: Annotated[int, Field(ge=1)]
    """Questions that nothing in the knowledge base answers."""


class Weights(_Frozen):
    """What each score adds to a passage's rank."""

    words: float
    """BM25 with the whole document, over the root of the weight of its terms."""
    words_of_part: float
    """The same with the part of the document that it matches best."""
    meaning: float
    """Cosine with the whole document."""
    meaning_of_part: float
    """Cosine with the part that is nearest."""


class Calibration(_Frozen):
    """How a passage's scores become a share of certainty."""

    made_from: MadeFrom
    weights: Weights
    intercept: float
    """The logarithm of the odds of relevance is this plus the weighed scores."""
    threshold: Annotated[float, Field(ge=0, le=1)]
    """Where the best passage stays below this, nothing is offered."""
    floor: Annotated[float, Field(ge=0, le=1)]
    """A passage below this does not accompany a better one."""


def shipped_calibration() -> Calibration:
    """The calibration that comes with the package."""
    return Calibration.model_validate_json(
        resources.files("sidemand.retrieval").joinpath(FILE_NAME).read_text("utf-8")
    )
