"""Where something stands in a text."""

from typing import NamedTuple


class Span(NamedTuple):
    """A part of a text, as offsets in code points: `text[start:end]`."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The part of `text` that this span covers."""
        return text[self.start : self.end]


def trimmed(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends; empty at `start` when there is nothing else."""
    part = text[start:end]
    left = len(part) - len(part.lstrip())
    return (
        Span(start + left, start + left + len(part.strip())) if part.strip() else Span(start, start)
    )
