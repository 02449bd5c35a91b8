"""Batches made of what several events ask for at once: live ones first, memory bounded.

Texts are read (in a thread) a window at a time, and a window's pieces wait in their line, the
short ones beside each other. A batch leaves when something live waits, when it is full, or when
its oldest piece has waited `LONGEST_WAIT`; two are in flight, so that one is prepared while the
other computes. Each call gets its own vectors back in its own order.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from sidemand.bus.errors import Transient
from sidemand.embedding.batching import within_budget
from sidemand.embedding.ports import Encoder, Ids, OutOfMemory, Side, Vectors
from sidemand.schemas.text import EmbeddingModel

IN_FLIGHT: Final = 2
LONGEST_WAIT: Final = 0.015
"""Seconds that a part of a backfill may wait for company."""
_CLOCK: Final = 0.001
"""Seconds by which a timer may ring too early for what it rings for."""
WINDOW: Final = 200_000
"""Characters of a call that are read at once, about 50,000 tokens; a longer text is read alone."""


class Lane(IntEnum):
    """Who waits for a text: the lower goes first."""

    LIVE = 0
    BACKFILL = 1


@dataclass(slots=True, eq=False)
class _Waiting:
    ids: Ids
    vector: asyncio.Future[Vectors]
    since: float


class MicroBatches:
    """Hands what is asked for to one `Encoder`, in batches; for one event loop at a time."""

    def __init__(self, encoder: Encoder, longest_wait: float = LONGEST_WAIT) -> None:
        self._encoder = encoder
        self._longest_wait = longest_wait
        self._budget = encoder.budget
        self._lines: dict[tuple[Lane, Side], deque[_Waiting]] = {
            (Lane.LIVE, "query"): deque(),
            (Lane.LIVE, "passage"): deque(),
            (Lane.BACKFILL, "query"): deque(),
            (Lane.BACKFILL, "passage"): deque(),
        }
        self._workers: set[asyncio.Task[None]] = set()

    @property
    def model(self) -> EmbeddingModel:
        """Which model makes the vectors."""
        return self._encoder.model

    @property
    def waiting(self) -> int:
        """Pieces that no batch has taken yet."""
        return sum(map(len, self._lines.values()))

    async def embed(self, texts: Sequence[str], side: Side, lane: Lane) -> Vectors:
        """Unit vectors, texts × dimension. A text of several pieces has their mean.

        Raises `Transient` where the device has no memory for a single piece, and `ModelError`.
        """
        vectors = np.empty((len(texts), self.model.dimension), np.float32)
        for window in within_budget([len(text) for text in texts], WINDOW):
            read = await asyncio.to_thread(self._encoder.read, texts[window], side)
            pieces = [piece for text in read for piece in text]
            found = iter(await self._together(pieces, side, lane))
            vectors[window] = [_one_of([next(found) for _ in text], text) for text in read]
        return vectors

    async def _together(self, pieces: Sequence[Ids], side: Side, lane: Lane) -> list[Vectors]:
        loop = asyncio.get_running_loop()
        now = loop.time()
        waiting = [_Waiting(piece, loop.create_future(), now) for piece in pieces]
        self._lines[lane, side].extend(sorted(waiting, key=lambda each: len(each.ids)))
        self._start()
        loop.call_later(self._longest_wait + _CLOCK, self._start)
        return await asyncio.gather(*(each.vector for each in waiting))

    def _start(self) -> None:
        """Start a worker if a batch may leave and not too many are in flight."""
        if len(self._workers) < IN_FLIGHT and self._next_line():
            worker = asyncio.get_running_loop().create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def _work(self) -> None:
        while line := self._next_line():
            batch = self._take(line)
            self._start()  # what is left may be another batch for another worker
            await self._run(batch, line[1])

    def _next_line(self) -> tuple[Lane, Side] | None:
        """The first line that a batch may leave from."""
        now = asyncio.get_running_loop().time()
        for (lane, side), line in self._lines.items():
            while line and line[0].vector.done():  # given up by whoever asked
                line.popleft()
            if line and (lane is Lane.LIVE or self._is_due(line, now)):
                return lane, side
        return None

    def _is_due(self, line: deque[_Waiting], now: float) -> bool:
        waited = now - line[0].since
        return waited >= self._longest_wait or sum(len(each.ids) for each in line) >= self._budget

    def _take(self, key: tuple[Lane, Side]) -> list[_Waiting]:
        """The oldest of a line, as many as the budget allows and at least one."""
        line = self._lines[key]
        batch: list[_Waiting] = []
        total = 0
        while line and (not batch or total + len(line[0].ids) <= self._budget):
            total += len(line[0].ids)
            batch.append(line.popleft())
        return [each for each in batch if not each.vector.done()]

    async def _run(self, batch: Sequence[_Waiting], side: Side) -> None:
        """Give each of `batch` its vector, or the reason why there is none."""
        try:
            pieces = [each.ids for each in batch]
            vectors = await asyncio.to_thread(self._encoder.encode, pieces, side)
            found = list(zip(batch, vectors, strict=True))
        except OutOfMemory:
            await self._run_halves(batch, side)
        except Exception as error:  # noqa: BLE001 - whoever asked has to hear it
            for each in batch:
                if not each.vector.done():
                    each.vector.set_exception(error)
        else:
            for each, vector in found:
                if not each.vector.done():
                    each.vector.set_result(vector)

    async def _run_halves(self, batch: Sequence[_Waiting], side: Side) -> None:
        """Go on with half as much at a time, from now on."""
        if len(batch) == 1:
            if not batch[0].vector.done():
                batch[0].vector.set_exception(Transient("no memory left on the device"))
            return
        total = sum(len(each.ids) for each in batch)
        self._budget = max(1, min(self._budget, total // 2))
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            await self._run(half, side)


class LaneEmbedder:
    """An `Embedder` whose texts go by one lane."""

    def __init__(self, batches: MicroBatches, lane: Lane) -> None:
        self._batches = batches
        self._lane = lane

    @property
    def model(self) -> EmbeddingModel:
        """Which model makes the vectors."""
        return self._batches.model

    async def passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, texts × dimension."""
        return await self._batches.embed(texts, "passage", self._lane)

    async def queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, texts × dimension."""
        return await self._batches.embed(texts, "query", self._lane)


def _one_of(vectors: Sequence[Vectors], pieces: Sequence[Ids]) -> Vectors:
    """One unit vector of a text's pieces, each with the weight of its length."""
    if len(vectors) == 1:
        return vectors[0]
    lengths = np.array([len(piece) for piece in pieces], np.float32)
    summed: Vectors = lengths @ np.stack(vectors)
    return summed / max(float(np.linalg.norm(summed)), 1e-12)
