"""Whose turn it is when more wants to be handled than may be at once."""

import asyncio
import time
from collections import deque
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
        self._in_hand: dict[bytes, int] = {}
        self._turn = 0
        self._last_turn: dict[bytes, int] = {}
        """By tenant, while anybody waits: what stands in the keys nobody has checked, so it must
        not be kept for ever."""
        self._waiting: dict[bytes, deque[asyncio.Future[None]]] = {}

    def of(self, tenant: bytes) -> "_Turn":
        """`async with` it: waits for a turn, and keeps it for the block."""
        return _Turn(self, tenant)

    def begin(self, tenant: bytes) -> bool:
        """Take a turn, where one is left and nobody waits for it."""
        if self._waiting or self._given >= self._at_once():
            return False
        self._give(tenant)
        return True

    async def wait(self, tenant: bytes) -> None:
        """Wait for a turn."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant, deque()).append(turn)
        self._next()  # where more may be handled now than when the others began to wait
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was given in the moment in which nobody wanted it more
                self.end(tenant)
            raise

    def end(self, tenant: bytes, seconds: float = 0.0) -> None:
        """Give back a turn that took so many seconds, once it has rested."""
        if rest := self._rest(seconds):
            asyncio.get_running_loop().call_later(rest, self._take_back, tenant)
        else:
            self._take_back(tenant)

    def _give(self, tenant: bytes) -> None:
        self._given += 1
        self._turn += 1
        self._last_turn[tenant] = self._turn
        self._in_hand[tenant] = self._in_hand.get(tenant, 0) + 1

    def _take_back(self, tenant: bytes) -> None:
        self._given -= 1
        left = self._in_hand[tenant] - 1
        if left:
            self._in_hand[tenant] = left
        else:
            del self._in_hand[tenant]
        self._next()
        if not self._waiting:
            self._last_turn.clear()

    def _next(self) -> None:
        while self._waiting and self._given < self._at_once():
            tenant = min(self._waiting, key=self._precedence)
            queue = self._waiting[tenant]
            turn = queue.popleft()
            if not queue:
                del self._waiting[tenant]
            if not turn.done():
                self._give(tenant)
                turn.set_result(None)

    def _precedence(self, tenant: bytes) -> tuple[int, int]:
        return self._in_hand.get(tenant, 0), self._last_turn.get(tenant, 0)


@dataclass(slots=True)
class _Turn:
    """A class and no generator: every event takes one."""

    turns: Turns
    tenant: bytes
    began: float = 0.0

    async def __aenter__(self) -> None:
        if not self.turns.begin(self.tenant):
            await self.turns.wait(self.tenant)
        self.began = time.monotonic()

    async def __aexit__(self, *_: object) -> None:
        self.turns.end(self.tenant, time.monotonic() - self.began)
