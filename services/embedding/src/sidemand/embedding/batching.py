"""Batches of bounded size, so that memory depends on no caller."""

from collections.abc import Iterator, Sequence


def within_budget(sizes: Sequence[int], budget: int) -> Iterator[slice]:
    """Consecutive slices of items whose sizes add up to at most `budget`.

    An item that is larger than the budget is a batch of its own.
    """
    start = total = 0
    for position, size in enumerate(sizes):
        if position > start and total + size > budget:
            yield slice(start, position)
            start, total = position, 0
        total += size
    if start < len(sizes):
        yield slice(start, len(sizes))
