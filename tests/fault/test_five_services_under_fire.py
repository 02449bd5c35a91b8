"""The five services under fire: every case event comes to its end once, and every case in order."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from sidemand.schemas import topics
from sidemand.testing.servers import WeaviateServer

from .chain import marks_in
from .faults import (
    ConnectionsReset,
    Fault,
    KafkaAway,
    KafkaDiskFull,
    KillAnywhere,
    KillEverybody,
    ObjectsAway,
    PostgresAway,
    PostgresDiskFull,
)
from .house import House, house
from .house_faults import (
    AllKnowledgeAgain,
    ErasureOvertakesItsCase,
    KnowledgeOutOfOrder,
    LanguageModelAway,
    RollingRestart,
    WeaviateAway,
)
from .site_of_fault import Servers
from .storm import Suffered, seed, suffer

pytestmark = pytest.mark.server

MORE_KILLS, LONG_OUTAGE = 12, 60
"""Of a long run."""
MOST_MEMORY_KB = 700_000


def one_of_each(
    chance: random.Random, servers: Servers, index: WeaviateServer | None
) -> list[Fault[House]]:
    """Every kind of fault once that these servers can suffer."""

    def away() -> float:
        return chance.uniform(1, 4)

    faults: list[Fault[House]] = [
        KafkaAway(away()),
        PostgresAway(away()),
        ObjectsAway(away()),
        LanguageModelAway(away()),
        ErasureOvertakesItsCase(),
        RollingRestart(),
        KnowledgeOutOfOrder(),
    ]
    if index is not None:
        faults.append(WeaviateAway(away()))
    if servers.network:
        faults.append(ConnectionsReset())
    if servers.postgres_disk:
        faults.append(PostgresDiskFull(away()))
    return faults


def faults_of(
    size: str, chance: random.Random, servers: Servers, index: WeaviateServer | None
) -> list[Fault[House]]:
    """In a drawn order; all knowledge comes again when it has been out of order."""
    faults = one_of_each(chance, servers, index)
    if size == "long":
        faults += one_of_each(chance, servers, index)
        faults += [KillAnywhere() for _ in range(MORE_KILLS)]
        faults += [KillEverybody(), LanguageModelAway(LONG_OUTAGE)]
        faults += [KafkaDiskFull()] if servers.broker_disk else []
    chance.shuffle(faults)
    return [*faults, AllKnowledgeAgain()]


async def run(site: House, faults: Sequence[Fault[House]]) -> list[Suffered]:
    """Publish while the faults come, and wait until all is done."""
    # In a group, so that a publisher that gives up is seen at once, with its reason.
    async with asyncio.TaskGroup() as group:
        publishing = group.create_task(site.run())
        try:
            suffered = await suffer(site, faults, probe=3)
            publishing.cancel()
            await site.library.ask_what_is_there()
            await site.everything_done(60)
        except BaseException:
            print(*site.crew.last_words(), sep="\n")
            raise
        finally:
            publishing.cancel()
    return suffered


async def test_every_case_event_comes_to_its_end_once_and_every_case_in_order(
    servers: Servers, index: WeaviateServer | None, tmp_path: Path
) -> None:
    """About three minutes, with `SIDEMAND_FAULT_SIZE=long` about ten."""
    drawn, size = seed(), os.environ.get("SIDEMAND_FAULT_SIZE", "short")
    print(f"\nSIDEMAND_FAULT_SEED={drawn}")
    chance = random.Random(drawn)
    async with house(servers, index, tmp_path, chance) as site:
        suffered = await run(site, faults_of(size, chance, servers, index))
        left_of_erased_cases = await site.erase_again()
    show(site)
    assert list(site.chain.doubled()) == []
    assert list(site.chain.out_of_order()) == []
    assert site.chain.dead_letters == []
    assert list(site.library.wrong()) == []
    assert list(site.chain.outlived_their_case()) == []
    assert left_of_erased_cases == []
    assert leaks(site) == []
    assert site.crew.peak_kb < MOST_MEMORY_KB
    assert [str(each) for each in suffered if each.is_too_slow] == []


def leaks(site: House) -> list[str]:
    """Whoever of the cases' parties stands in a log."""
    parties = [party for case in site.cases for party in case.event.parties]
    marks = {mark for party in parties for mark in (party.name, party.cpr, party.email) if mark}
    return marks_in((each.log.read_text() for each in site.crew.members), marks)


def show(site: House) -> None:
    passed = site.chain.passed
    print(f"{site.servers.broker}; {site.servers.postgres}; {site.index or 'SQLite index'}")
    print(*(f"{len(found):>6} {topic}" for topic, found in passed.items()), sep="\n")
    said = [each.suggestion for each in passed[topics.SUGGESTION_CHANGED.name].values()]
    print(f"{sum(each.answered for each in said if each)} suggestions say something")
    print(f"{site.chain.repeated} records again, {len(site.chain.dead_letters)} dead letters")
    outcomes = Counter(each.outcome for found in site.library.receipts.values() for each in found)
    print(f"{len(site.library.published)} documents in a bad order: {dict(outcomes)}")
    print(f"{len(site.chain.erased)} cases erased halfway")
    print(f"gave up and came back: {site.crew.exits or 'none'}")
    print({member.name: f"{member.peak_kb // 1000} MB" for member in site.crew.members})
