"""What is measured when a statement is held against its quotes, by name."""

from collections.abc import Sequence
from typing import Final

from sidemand.generation.support import acting, assertions, edits, wording
from sidemand.generation.support.comparison import compare

_MEASURES: Final = (
    wording.shares,
    wording.retelling,
    edits.edits,
    wording.opposed,
    assertions.cues,
    assertions.numbers,
    acting.actors,
)


def measured(statement: str, quotes: Sequence[str]) -> dict[str, float]:
    """The features of `statement` held against `quotes`; empty where one of them says nothing."""
    compared = compare(statement, quotes)
    if compared is None:
        return {}
    return {
        name: float(value) for measure in _MEASURES for name, value in measure(compared).items()
    }
