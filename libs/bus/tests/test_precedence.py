"""A backfill makes way for cases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import ConsumerRecord
from sidemand.bus import BusSettings
from sidemand.bus.circuit import Circuit
from sidemand.bus.decoding import Record
from sidemand.bus.precedence import LONGEST_REST, Handle, Precedence
from sidemand.bus.turns import Turns
from sidemand.schemas import topics
from sidemand.schemas.identity import Payload
from sidemand.schemas.topics import Topic

SETTINGS = BusSettings(concurrency=4, concurrency_beside_cases=1)
A_CASE: Record = ConsumerRecord("cases", 0, 0, 0, 0, b"storaadal|1", b"", None, 0, 0, ())


def case_handler(precedence: Precedence, handle: Handle) -> Handle:
    return precedence.noted(topics.CASE_DOCUMENT_INGESTED, handle)


def of_knowledge(precedence: Precedence) -> Turns:
    return precedence.turns(topics.KNOWLEDGE_INGESTED, Circuit())


@asynccontextmanager
async def a_case_in_hand(precedence: Precedence) -> AsyncIterator[None]:
    done = asyncio.Event()

    async def handle(record: Record, leaving: asyncio.Event) -> None:
        await done.wait()

    case = asyncio.ensure_future(case_handler(precedence, handle)(A_CASE, asyncio.Event()))
    await asyncio.sleep(0)
    yield
    done.set()
    await case


async def begun(turns: Turns) -> int:
    """How many of ten documents are handled at once."""
    running, go = 0, asyncio.Event()

    async def document() -> None:
        nonlocal running
        async with turns.of(b"faelles"):
            running += 1
            await go.wait()

    documents = [asyncio.create_task(document()) for _ in range(10)]
    for _ in range(5):
        await asyncio.sleep(0)
    seen = running
    go.set()
    await asyncio.gather(*documents)
    return seen


async def test_without_cases_a_backfill_has_all_turns() -> None:
    assert await begun(of_knowledge(Precedence(SETTINGS))) == 4


async def test_while_a_case_is_in_hand_documents_are_handled_one_by_one() -> None:
    precedence = Precedence(SETTINGS)
    async with a_case_in_hand(precedence):
        assert await begun(of_knowledge(precedence)) == 1


async def test_after_a_case_the_next_is_expected_for_a_while() -> None:
    soon, at_once = Precedence(SETTINGS, quiet_seconds=60), Precedence(SETTINGS, quiet_seconds=0)
    for precedence, wanted in ((soon, 1), (at_once, 4)):
        async with a_case_in_hand(precedence):
            pass
        assert await begun(of_knowledge(precedence)) == wanted


async def test_cases_never_make_way() -> None:
    precedence = Precedence(SETTINGS)
    async with a_case_in_hand(precedence):
        assert await begun(precedence.turns(topics.CASE_DOCUMENT_INGESTED, Circuit())) == 4


async def test_knowledge_keeps_no_other_knowledge_waiting() -> None:
    precedence = Precedence(SETTINGS)

    async def handle(record: Record, leaving: asyncio.Event) -> None:
        assert await begun(of_knowledge(precedence)) == 4

    await precedence.noted(topics.KNOWLEDGE_INGESTED, handle)(A_CASE, asyncio.Event())


async def test_beside_a_case_a_document_is_followed_by_as_long_a_rest() -> None:
    precedence = Precedence(SETTINGS)
    async with a_case_in_hand(precedence):
        assert precedence.rest_of_knowledge(0.02) == 0.02
        assert precedence.rest_of_knowledge(60) == LONGEST_REST


def test_without_cases_nobody_rests() -> None:
    assert Precedence(SETTINGS).rest_of_knowledge(0.02) == 0


@pytest.mark.parametrize("topic", [topics.CASE_DOCUMENT_INGESTED, topics.KNOWLEDGE_INGESTED])
async def test_while_a_dependency_is_away_turns_are_taken_one_by_one(topic: Topic[Payload]) -> None:
    circuit = Circuit()
    turns = Precedence(SETTINGS).turns(topic, circuit)
    for _ in range(5):
        circuit.failure("index")
    assert await begun(turns) == 1
    circuit.success()
    assert await begun(turns) == 4


async def test_who_waited_for_a_dependency_goes_on_beside_the_others_once_it_is_back() -> None:
    circuit = Circuit()
    turns = Precedence(SETTINGS).turns(topics.CASE_DOCUMENT_INGESTED, circuit)
    for _ in range(5):
        circuit.failure("index")
    running = most = 0

    async def case() -> None:
        nonlocal running, most
        async with turns.of(b"storaadal"):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            circuit.success()
            running -= 1

    await asyncio.gather(*(case() for _ in range(10)))
    assert most == 4
