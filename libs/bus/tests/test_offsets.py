"""Commits never pass an unfinished offset, whatever the order of things."""

from hypothesis import given
from hypothesis import strategies as st
from sidemand.bus.offsets import Offsets


@given(
    gaps=st.lists(st.integers(1, 3), min_size=1, max_size=30),
    order=st.randoms(use_true_random=False),
)
def test_what_may_be_committed_is_the_lowest_offset_that_is_not_finished(
    gaps: list[int], order: object
) -> None:
    offsets, taken_up = Offsets(100), []
    behind = 100
    for gap in gaps:
        assert offsets.take_up(behind + gap - 1)
        taken_up.append(behind + gap - 1)
        behind += gap
    unfinished = set(taken_up)
    order.shuffle(taken_up)  # type: ignore[attr-defined]
    for offset in taken_up:
        offsets.finish(offset)
        unfinished.discard(offset)
        expected = min(unfinished, default=behind)
        assert offsets.committable == (expected if expected > 100 else None)


def test_an_offset_is_taken_up_once() -> None:
    offsets = Offsets(7)
    assert offsets.take_up(7)
    assert not offsets.take_up(7)
    offsets.finish(7)
    assert not offsets.take_up(7)
    assert offsets.take_up(9)


def test_nothing_is_committed_before_something_is_finished() -> None:
    offsets = Offsets(95)
    offsets.take_up(95)
    assert offsets.committable is None
    offsets.finish(95)
    assert offsets.committable == 96


def test_what_kafka_has_is_not_committed_again() -> None:
    offsets = Offsets(0)
    offsets.take_up(0)
    offsets.finish(0)
    offsets.committed(1)
    assert offsets.committable is None
