"""Waiting for a dependency that is away, however long."""

import asyncio

import pytest
from sidemand.bus.circuit import Circuit, backoff


def test_waits_grow_to_half_a_minute_and_no_further() -> None:
    assert 0.1 <= backoff(1) <= 0.2
    assert all(15 <= backoff(failures) <= 30 for failures in (9, 100, 5_000))


async def test_while_a_dependency_is_away_one_attempt_is_made_at_a_time() -> None:
    circuit = Circuit()
    for _ in range(5):
        circuit.failure("vault")
    running = most = 0

    async def attempt() -> None:
        nonlocal running, most
        async with circuit.attempt():
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(attempt() for _ in range(10)))
    assert circuit.is_open
    assert most == 1


@pytest.mark.parametrize("failures", [4, 5])
def test_one_success_closes_the_circuit(failures: int) -> None:
    circuit = Circuit()
    for _ in range(failures):
        circuit.failure("vault")
    assert circuit.is_open == (failures == 5)
    circuit.success()
    assert not circuit.is_open
