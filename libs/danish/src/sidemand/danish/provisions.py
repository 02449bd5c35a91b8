"""The parts of a provision of Danish law, whose stk. stand in running text."""

import re
from dataclasses import dataclass

from sidemand.danish.spans import Span, trimmed

# Not a mark: quoted text of another act (»Stk. 2. ...) and "§ 3, Stk. 2".
_MARK = re.compile(
    r"(?<![»\"”\w,])(?<!, )Stk\.\s*(?P<first>\d{1,3})(?:\s*[-–]\s*(?P<last>\d{1,3}))?\."
    r"(?=\s*(?:$|[^\W_a-zæøå]|[(»§]))"
)


@dataclass(frozen=True, slots=True)
class Subsection:
    """One stk. of a provision; `numbers` is "2", or "2-4" where several stand together.

    `numbers` is None for the text of a provision that is not divided. The span has the mark.
    """

    numbers: str | None
    span: Span

    def locator(self, section: str) -> str:
        """The normal form with the section it lies in, such as "§ 23" → "§ 23, stk. 2"."""
        return section if self.numbers is None else f"{section}, stk. {self.numbers}"


def subsections(text: str) -> list[Subsection]:
    """The stk. of a provision's text in order; the first one carries no mark.

    Marks count only in rising order, so that a quoted provision does not divide the one that
    quotes it.
    """
    starts: list[tuple[str, int]] = [("1", 0)]
    highest = 1
    for mark in _MARK.finditer(text):
        first, last = int(mark["first"]), int(mark["last"] or mark["first"])
        if first > highest:
            starts.append((f"{first}-{last}" if last > first else str(first), mark.start()))
            highest = last
    if len(starts) == 1:
        return [Subsection(None, trimmed(text, 0, len(text)))] if text.strip() else []
    ends = [start for _, start in starts[1:]] + [len(text)]
    parts = [
        Subsection(numbers, trimmed(text, start, end))
        for (numbers, start), end in zip(starts, ends, strict=True)
    ]
    return [part for part in parts if part.span.start < part.span.end]
