import asyncio
import threading
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sidemand.bus.errors import Transient
from sidemand.embedding.microbatches import LONGEST_WAIT, WINDOW, Lane, LaneEmbedder, MicroBatches
from sidemand.embedding.ports import Ids, ModelError, OutOfMemory, Side, Vectors
from sidemand.schemas.text import EmbeddingModel

BUDGET = 20
CONTEXT = 10


class Lettered:
    """An encoder whose ids are a text's letters, at most `context` at once.

    A vector points to the side of the first letter: (1, 0) where it is even, else (0, 1). `gate`
    holds batches back until a test opens it; `fits` is the most ids that the device takes.
    """

    model = EmbeddingModel(model_id="lettered", sha256="0" * 64, dimension=2)
    budget = BUDGET
    context = CONTEXT

    def __init__(self, fits: int = 10**9) -> None:
        self.fits = fits
        self.batches: list[list[str]] = []
        self.read_at_once: list[int] = []
        self.gate = threading.Event()
        self.gate.set()
        self.most_in_flight = self._in_flight = 0
        self._counting = threading.Lock()

    def read(self, texts: Sequence[str], side: Side) -> list[list[Ids]]:
        self.read_at_once.append(sum(map(len, texts)))
        letters = [np.array([ord(each) for each in text or " "], np.int64) for text in texts]
        step = self.context
        return [[ids[i : i + step] for i in range(0, len(ids), step)] for ids in letters]

    def encode(self, pieces: Sequence[Ids], side: Side) -> Vectors:
        with self._counting:
            self.batches.append(["".join(map(chr, piece)) for piece in pieces])
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
        assert self.gate.wait(10)
        with self._counting:
            self._in_flight -= 1
        if sum(map(len, pieces)) > self.fits:
            raise OutOfMemory
        return np.eye(2, dtype=np.float32)[[piece[0] % 2 for piece in pieces]]


class Lanes:
    """Both lanes of one encoder."""

    def __init__(self, encoder: Lettered, longest_wait: float = LONGEST_WAIT) -> None:
        self.batches = MicroBatches(encoder, longest_wait)
        self.live = LaneEmbedder(self.batches, Lane.LIVE)
        self.backfill = LaneEmbedder(self.batches, Lane.BACKFILL)

    async def wait_for(self, waiting: int) -> None:
        """Until so many pieces wait for a batch."""
        await until(lambda: self.batches.waiting == waiting)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.001)


def sides(texts: Sequence[str]) -> list[int]:
    return [ord((text or " ")[0]) % 2 for text in texts]


@settings(max_examples=40)
@given(st.lists(st.lists(st.text("abcdefgh", max_size=CONTEXT), max_size=8), max_size=6))
async def test_each_call_gets_its_own_vectors_in_order_and_no_batch_passes_the_budget(
    calls: list[list[str]],
) -> None:
    encoder = Lettered()
    lanes = Lanes(encoder)
    asked = [
        lanes.live.passages(texts) if n % 2 else lanes.backfill.queries(texts)
        for n, texts in enumerate(calls)
    ]
    for texts, vectors in zip(calls, await asyncio.gather(*asked), strict=True):
        assert list(vectors.argmax(1)) == sides(texts)
    assert all(sum(map(len, batch)) <= BUDGET for batch in encoder.batches)
    assert encoder.most_in_flight <= 2


async def hold_two(encoder: Lettered, lanes: Lanes) -> list[asyncio.Task[Vectors]]:
    """Two batches in flight that wait for the gate."""
    encoder.gate.clear()
    held = []
    for number in (1, 2):
        held.append(asyncio.create_task(lanes.live.queries(["hold"])))
        await until(lambda wanted=number: len(encoder.batches) == wanted)  # type: ignore[misc]
    return held


async def test_what_comes_while_others_are_in_flight_shares_a_batch() -> None:
    encoder = Lettered()
    lanes = Lanes(encoder)
    held = await hold_two(encoder, lanes)
    waiting = [asyncio.create_task(lanes.live.queries([text])) for text in ("a", "bb", "ccc")]
    await lanes.wait_for(3)
    assert len(encoder.batches) == 2
    encoder.gate.set()
    await asyncio.gather(*held, *waiting)
    assert max(map(len, encoder.batches)) > 1
    assert len(encoder.batches) < 5


async def test_what_is_live_goes_before_a_backfill_that_waited_longer() -> None:
    encoder = Lettered()
    lanes = Lanes(encoder)
    held = await hold_two(encoder, lanes)
    later = asyncio.create_task(lanes.backfill.passages(["x" * 10, "y" * 10, "z" * 10]))
    await lanes.wait_for(3)
    sooner = asyncio.create_task(lanes.live.passages(["now"]))
    await lanes.wait_for(4)
    encoder.gate.set()
    await asyncio.gather(*held, later, sooner)
    assert encoder.batches[2] == ["now"]


async def test_texts_of_a_backfill_wait_until_they_fill_a_batch() -> None:
    encoder = Lettered()
    encoder.budget = 6
    lanes = Lanes(encoder, longest_wait=60)
    await asyncio.gather(*(lanes.backfill.passages([text]) for text in ("a", "bb", "ccc")))
    assert [sorted(batch) for batch in encoder.batches] == [["a", "bb", "ccc"]]


async def test_a_text_of_a_backfill_without_company_leaves_alone() -> None:
    encoder = Lettered()
    await Lanes(encoder).backfill.passages(["a"])
    assert encoder.batches == [["a"]]


async def test_a_full_batch_of_a_backfill_leaves_short_texts_first() -> None:
    encoder = Lettered()
    lanes = Lanes(encoder)
    await lanes.backfill.passages(["ccccccccc", "a", "dddddddddd", "bb"])
    assert encoder.batches == [["a", "bb", "ccccccccc"], ["dddddddddd"]]


async def test_a_text_of_several_pieces_has_their_mean_by_length() -> None:
    lanes = Lanes(Lettered())
    (vector,) = await lanes.live.passages(
        ["a" * CONTEXT + "b" * (CONTEXT // 2)]
    )  # (0, 1), then (1, 0)
    assert vector[1] / vector[0] == pytest.approx(2)
    assert np.linalg.norm(vector) == pytest.approx(1)


async def test_a_device_without_memory_gets_half_as_much_and_keeps_to_it() -> None:
    encoder = Lettered(fits=8)
    lanes = Lanes(encoder)
    texts = ["aaa", "bbb", "ccc", "ddd", "eee", "fff"]
    assert list((await lanes.backfill.passages(texts)).argmax(1)) == sides(texts)
    before = len(encoder.batches)
    assert list((await lanes.backfill.passages(texts)).argmax(1)) == sides(texts)
    assert all(sum(map(len, batch)) <= encoder.fits for batch in encoder.batches[before:])


async def test_a_single_text_without_memory_is_tried_again_later() -> None:
    lanes = Lanes(Lettered(fits=2))
    with pytest.raises(Transient, match="memory"):
        await lanes.live.queries(["aaa"])
    assert (await lanes.live.queries(["aa"])).shape == (1, 2)


async def test_every_call_hears_why_its_batch_failed() -> None:
    class Broken(Lettered):
        def encode(self, pieces: Sequence[Ids], side: Side) -> Vectors:
            raise ModelError("no number")

    lanes = Lanes(Broken())
    outcomes = await asyncio.gather(
        lanes.backfill.passages(["a", "b"]), lanes.backfill.passages(["c"]), return_exceptions=True
    )
    assert [str(each) for each in outcomes] == ["no number", "no number"]


async def test_a_call_that_is_given_up_leaves_the_others_alone() -> None:
    encoder = Lettered()
    lanes = Lanes(encoder)
    held = await hold_two(encoder, lanes)
    given_up = asyncio.create_task(lanes.live.queries(["gone"]))
    kept = asyncio.create_task(lanes.live.queries(["kept"]))
    await lanes.wait_for(2)
    given_up.cancel()
    await asyncio.wait([given_up])
    encoder.gate.set()
    assert list((await kept).argmax(1)) == sides(["kept"])
    await asyncio.gather(*held)
    assert not any("gone" in batch for batch in encoder.batches)


def test_one_event_loop_after_another_can_use_it() -> None:
    lanes = Lanes(Lettered())
    for _ in range(2):
        assert asyncio.run(lanes.live.queries(["a"])).shape == (1, 2)


async def test_a_flood_of_text_is_read_a_window_at_a_time() -> None:
    encoder = Lettered()
    encoder.budget = encoder.context = 10**6
    lanes = Lanes(encoder)
    texts = ["a" * 20_000] * 25
    assert (await lanes.backfill.passages(texts)).shape == (25, 2)
    assert max(encoder.read_at_once) <= WINDOW < sum(encoder.read_at_once)
