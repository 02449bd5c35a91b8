"""Whose turn it is when more wants to be handled than may be at once."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass


class Turns:
    """So many at the same time; of those that wait the tenant goes first that has the fewest.

    A flood of one tenant so gets what the others leave, and a tenant with a single event waits for
    the next turn, not for the flood's end. Among equals the one goes first whose last turn is
    longest ago.
    """

    def __init__(
        self, at_once: Callable[[], int], rest: Callable[[float], float] = lambda _: 0.0
    ) -> None:
        """`at_once` says how many may be handled now: at least one, and it may change.

        `rest` says how many seconds a turn is kept by nobody after it took so many.
        """
        self._at_once = at_once
        self._rest = rest
        self._given = 0
        self._in_hand: Counter[bytes] = Counter()
        self._waiting: dict[bytes, deque[asyncio.Future[None]]] = {}

    def of(self, tenant: bytes) -> "_Turn":
        """`async with` it: waits for a turn, and keeps it for the block."""
        return _Turn(self, tenant)

    async def begin(self, tenant: bytes) -> None:
        """Wait for a turn."""
        if not self._waiting and self._given < self._at_once():
            self._give(tenant)
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant, deque()).append(turn)
        self._next()  # where more may be handled now than when the others began to wait
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was given in the moment in which nobody wanted it more
                self.end(tenant)
            raise

    def end(self, tenant: bytes) -> None:
        """Give a turn back; the next begins."""
        self._given -= 1
        self._in_hand[tenant] -= 1
        if not self._in_hand[tenant]:
            del self._in_hand[tenant]
        self._next()

    def end_after(self, seconds: float, tenant: bytes) -> None:
        """Give back a turn that took so many seconds, once it has rested."""
        rest = self._rest(seconds)
        if rest:
            asyncio.get_running_loop().call_later(rest, self.end, tenant)
        else:
            self.end(tenant)

    def _give(self, tenant: bytes) -> None:
        self._given += 1
        self._in_hand[tenant] += 1

    def _next(self) -> None:
        while self._waiting and self._given < self._at_once():
            tenant = min(self._waiting, key=self._in_hand.__getitem__)
            queue = self._waiting.pop(tenant)
            turn = queue.popleft()
            if queue:
                self._waiting[tenant] = queue  # last among its equals
            if not turn.done():
                self._give(tenant)
                turn.set_result(None)


@dataclass(slots=True)
class _Turn:
    """A class and no generator: every event takes one."""

    turns: Turns
    tenant: bytes
    began: float = 0.0

    async def __aenter__(self) -> None:
        await self.turns.begin(self.tenant)
        self.began = time.monotonic()

    async def __aexit__(self, *_: object) -> None:
        self.turns.end_after(time.monotonic() - self.began, self.tenant)
