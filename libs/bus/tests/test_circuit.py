"""Waiting for a dependency that is away, however long."""

import pytest
from sidemand.bus.circuit import Circuit, backoff


def test_waits_grow_to_half_a_minute_and_no_further() -> None:
    assert 0.1 <= backoff(1) <= 0.2
    assert all(15 <= backoff(failures) <= 30 for failures in (9, 100, 5_000))


@pytest.mark.parametrize("failures", [4, 5])
def test_while_a_dependency_is_away_one_attempt_is_made_at_a_time(failures: int) -> None:
    circuit = Circuit()
    for _ in range(failures):
        circuit.failure("vault")
    assert circuit.at_once(8) == (8 if failures == 4 else 1)


@pytest.mark.parametrize("failures", [4, 5])
def test_one_success_closes_the_circuit(failures: int) -> None:
    circuit = Circuit()
    for _ in range(failures):
        circuit.failure("vault")
    assert circuit.is_open == (failures == 5)
    circuit.success()
    assert not circuit.is_open


def test_the_rest_behind_a_failure_grows_to_five_seconds_and_ends_with_a_success() -> None:
    circuit = Circuit()
    rests = []
    for _ in range(20):
        circuit.failure("vault")
        rests.append(circuit.rest)
    assert rests[:4] == [0.0] * 4
    assert 0.1 <= rests[4] <= 0.2
    assert 2.5 <= rests[-1] <= 5
    circuit.success()
    assert circuit.rest == 0
