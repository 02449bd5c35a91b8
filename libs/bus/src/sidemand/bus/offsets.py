"""Which offsets of a partition are finished, and so what may be committed."""

from collections import deque


class Offsets:
    """Tracks one partition during one assignment, from the offset `first` on.

    The committable offset is the lowest that is not finished: committing it never skips an
    event whose effects are unconfirmed.
    """

    def __init__(self, first: int) -> None:
        self._unfinished: set[int] = set()
        self._taken_up: deque[int] = deque()  # ascending; the first one is unfinished
        self._behind = first
        self._committed = first

    @property
    def next_expected(self) -> int:
        """The offset behind the highest one that was taken up."""
        return self._behind

    def take_up(self, offset: int) -> bool:
        """Note that `offset` is being handled. False where it was taken up before."""
        if offset < self._behind:
            return False
        self._unfinished.add(offset)
        self._taken_up.append(offset)
        self._behind = offset + 1
        return True

    def finish(self, offset: int) -> None:
        """Note that the effects of `offset` are confirmed."""
        self._unfinished.discard(offset)
        while self._taken_up and self._taken_up[0] not in self._unfinished:
            self._taken_up.popleft()

    @property
    def reached(self) -> int:
        """The offset up to which everything is finished."""
        return self._taken_up[0] if self._taken_up else self._behind

    @property
    def committable(self) -> int | None:
        """The offset to commit, or none where it is committed already."""
        return self.reached if self.reached > self._committed else None

    def committed(self, offset: int) -> None:
        """Note that Kafka has `offset`."""
        self._committed = max(self._committed, offset)
