"""Turns go to the tenant that has the fewest."""

import asyncio
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sidemand.bus.turns import Turns


class Work:
    """Work that ends when the test says so."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.begun: list[bytes] = []
        self._running: list[tuple[bytes, asyncio.Event]] = []

    async def of(self, tenant: bytes) -> None:
        async with self._turns.of(tenant):
            self.begun.append(tenant)
            end = asyncio.Event()
            self._running.append((tenant, end))
            await end.wait()

    def begin(self, *tenants: bytes) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.of(each)) for each in tenants]

    async def end_one(self) -> None:
        self._running.pop(0)[1].set()
        await settled()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_quiet_tenant_gets_the_next_turn_in_a_flood() -> None:
    work = Work(Turns(lambda: 2))
    tasks = work.begin(*[b"flood"] * 20, b"quiet")
    await settled()
    assert work.begun == [b"flood", b"flood"]
    await work.end_one()
    assert work.begun[2:] == [b"quiet"]
    for task in tasks:
        task.cancel()


async def test_who_comes_while_a_flood_is_handled_goes_next() -> None:
    work = Work(Turns(lambda: 1))
    tasks = work.begin(*[b"flood"] * 20)
    await settled()
    for quiet in (b"quiet", b"other"):
        tasks += work.begin(quiet)
        await settled()
        await work.end_one()
        assert work.begun[-1] == quiet
    await work.end_one()
    assert work.begun == [b"flood", b"quiet", b"other", b"flood"]
    for task in tasks:
        task.cancel()


async def test_once_nobody_waits_no_tenant_is_remembered() -> None:
    turns = Turns(lambda: 1)
    for number in range(3):
        async with turns.of(str(number).encode()):
            pass
    assert not turns._last_turn


async def test_a_single_tenant_has_all_turns() -> None:
    work = Work(Turns(lambda: 3))
    tasks = work.begin(*[b"alone"] * 5)
    await settled()
    assert len(work.begun) == 3
    for task in tasks:
        task.cancel()


def resting(rest: timedelta, _: float) -> float:
    return rest.total_seconds()


async def test_a_turn_that_rests_is_nobodys() -> None:
    for rest, begun in ((timedelta(hours=1), 1), (timedelta(), 2)):
        work = Work(Turns(lambda: 1, partial(resting, rest)))
        tasks = work.begin(b"first", b"second")
        await settled()
        await work.end_one()
        assert len(work.begun) == begun
        for task in tasks:
            task.cancel()


async def test_a_turn_that_has_rested_is_given_again() -> None:
    turns = Turns(lambda: 1, rest=lambda _: 0.01)
    for _ in range(3):
        async with asyncio.timeout(10), turns.of(b"alone"):
            pass


async def test_two_floods_share_evenly() -> None:
    work = Work(Turns(lambda: 4))
    tasks = work.begin(*[b"one"] * 40, *[b"two"] * 40)
    await settled()
    for _ in range(40):
        await work.end_one()
    assert abs(Counter(work.begun[4:])[b"one"] - 20) <= 3
    for task in tasks:
        task.cancel()


async def test_who_gives_up_waiting_takes_no_turn() -> None:
    work = Work(Turns(lambda: 1))
    first, second, third = work.begin(b"a", b"b", b"c")
    await settled()
    second.cancel()
    await work.end_one()
    assert work.begun == [b"a", b"c"]
    third.cancel()
    with pytest.raises(asyncio.CancelledError):
        await third
    assert first.done()


async def test_a_turn_given_to_one_that_was_just_cancelled_goes_on_to_the_next() -> None:
    work = Work(Turns(lambda: 1))
    _, second, third = work.begin(b"a", b"b", b"c")
    await settled()
    work._running.pop(0)[1].set()  # and let nothing run yet
    await asyncio.sleep(0)
    second.cancel()
    await settled()
    assert work.begun[-1] == b"c"
    third.cancel()


@given(st.lists(st.sampled_from([b"a", b"b", b"c"]), max_size=30), st.integers(1, 5))
async def test_everyone_gets_a_turn_and_never_more_than_may_be_at_once(
    tenants: list[bytes], at_once: int
) -> None:
    turns, running, most = Turns(lambda: at_once), 0, 0

    async def work(tenant: bytes) -> None:
        nonlocal running, most
        async with turns.of(tenant):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*map(work, tenants))
    assert most == min(at_once, len(tenants))
