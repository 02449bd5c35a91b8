"""Inputs on their way to the device; page-locked memory itself needs a GPU."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sidemand.embedding.adapters.staging import Staging, page_locked
from sidemand.embedding.ports import Device

DEVICES: tuple[Device, ...] = ("cpu", "cuda")


def inputs(length: int) -> dict[str, NDArray[Any]]:
    return {
        "ids": np.arange(length),
        "offsets": np.arange(3 * length, dtype=np.int32).reshape(3, length),
        "side": np.array(1, np.int64),
    }


@pytest.mark.parametrize("device", DEVICES)
@given(lengths=st.lists(st.integers(0, 300), max_size=5))
def test_inputs_are_held_as_they_are_whatever_was_held_before(
    device: Device, lengths: list[int]
) -> None:
    staging = Staging(device)
    for length in lengths:
        with staging.holding(inputs(length)) as held:
            for name, values in inputs(length).items():
                assert held[name].dtype == values.dtype
                assert held[name].flags.c_contiguous
                assert np.array_equal(held[name], values)


@pytest.mark.parametrize("device", DEVICES)
def test_two_runs_in_flight_never_share_memory(device: Device) -> None:
    staging = Staging(device)
    with staging.holding(inputs(10)):
        pass  # one block is free now: only one of the two may have it
    with staging.holding(inputs(10)) as one, staging.holding(inputs(12)) as other:
        assert not any(np.shares_memory(a, b) for a in one.values() for b in other.values())
        assert np.array_equal(one["ids"], np.arange(10))


@pytest.mark.parametrize("device", DEVICES)
def test_the_next_run_uses_the_same_memory(device: Device) -> None:
    staging = Staging(device)
    with staging.holding(inputs(100)) as first:
        pass
    with staging.holding(inputs(90)) as second:
        assert np.shares_memory(first["ids"], second["ids"])


def test_memory_of_a_run_that_failed_is_used_again() -> None:
    staging = Staging("cpu")
    with pytest.raises(RuntimeError), staging.holding(inputs(5)) as first:
        raise RuntimeError
    with staging.holding(inputs(5)) as second:
        assert np.shares_memory(first["ids"], second["ids"])


def test_without_cuda_there_is_ordinary_memory_instead() -> None:
    block = page_locked(1000)
    block[:] = 7
    assert block.sum() == 7000
