"""The five services under fire: every case event comes to its end once, and every case in order."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError
from sidemand.bus import BusSettings, Publisher
from sidemand.bus.provisioning import create_topics
from sidemand.client import CaseFile, Sidemand, knowledge_at, read_case_file
from sidemand.schemas import topics
from sidemand.schemas.envelope import cause_id
from sidemand.testing.bucket import ADDRESS, Bucket
from sidemand.testing.processes import SERVICES
from sidemand.testing.servers import KafkaServer, PostgresServer

from .chain import Chain, marks_in
from .crew import ROOT, Crew, Member
from .faults import Fault, KafkaAway, KillAnywhere, KillEverybody, ObjectsAway, PostgresAway
from .site_of_fault import DRAIN_SECONDS, SESSION_MS, Servers, Site
from .storm import seed, suffer

pytestmark = pytest.mark.server

SAMPLES = ROOT / "samples"
TENANTS = ["storaadal", "vesterhede", "faelles"]
PAUSE = 0.7
"""Seconds between case events, on average."""
KILLS = {"short": 2, "long": 12}
AWAY = (KafkaAway, PostgresAway, ObjectsAway)
MOST_MEMORY_KB = 700_000


@dataclass(kw_only=True)
class House(Site):
    """The five services, and a load of case events."""

    chain: Chain
    cases: list[CaseFile]
    publishers: dict[str, Publisher]
    acknowledged: list[str] = field(default_factory=list)
    """The events that Kafka has, as those that follow name them."""

    @property
    def published(self) -> int:
        return len(self.acknowledged)

    async def publish(self) -> None:
        """Publish case events without end, a case's own one after the other."""
        while True:
            case = self.chance.choice(self.cases)
            source = case.source or "postsag"
            event_id = f"fire-{len(self.acknowledged)}"
            publisher = self.publishers[source]
            await publisher.publish(topics.CASE_EVENT_PUBLISHED, case.event, event_id=event_id)
            self.acknowledged.append(cause_id(source, event_id))
            await asyncio.sleep(self.chance.expovariate(1 / PAUSE))

    async def everything_done(self, seconds: float) -> None:
        """Wait until everything that follows from what is acknowledged now has come to its end."""
        wanted = list(self.acknowledged)
        left = ["nothing was looked at"]
        try:
            async with asyncio.timeout(seconds):
                while left:
                    left = await self._unfinished(wanted)
                    await asyncio.sleep(0.3)
        except TimeoutError:
            raise AssertionError(f"{len(left)} unfinished after {seconds} s: {left[:5]}") from None

    async def _unfinished(self, wanted: list[str]) -> list[str]:
        try:
            await self.chain.catch_up()
        except (KafkaError, OSError):
            await self.chain.close()
            return ["Kafka is away"]
        return list(self.chain.unfinished(wanted))


def environment(servers: Servers, folder: Path) -> dict[str, str]:
    url = servers.postgres.create_database()
    database = url.replace("postgresql://", "postgresql+asyncpg://")
    return {
        "SIDEMAND_KAFKA": servers.broker.bootstrap,
        "SIDEMAND_SESSION_TIMEOUT_MS": str(SESSION_MS),
        "SIDEMAND_DRAIN_SECONDS": str(DRAIN_SECONDS),
        "INGESTION_LEDGER": database,
        "INGESTION_TENANTS": str(SAMPLES / "tenants.yaml"),
        "INGESTION_LEGAL_BASIS": str(SAMPLES / "legal-basis.yaml"),
        "REDACTION_DATABASE": database,
        "REDACTION_KEY_FILE": str(folder / "tenant-keys.json"),
        "RETRIEVAL_INDEX": "sqlite",
        "RETRIEVAL_INDEX_FILE": str(folder / "index.db"),
        "RETRIEVAL_LEDGER": database,
    }


@asynccontextmanager
async def house(servers: Servers, folder: Path, chance: random.Random) -> AsyncIterator[House]:
    """The five services at work, with guidance to search in."""
    bus = BusSettings(kafka=servers.broker.bootstrap, objects=ADDRESS)
    await create_topics(bus, TENANTS)
    variables = environment(servers, folder)
    members = [Member(name, f"sidemand.{name}", variables, folder) for name in SERVICES]
    cases = [read_case_file(path) for path in sorted((SAMPLES / "cases").glob("*.yaml"))]
    async with AsyncExitStack() as stack:
        crew = Crew(members, spare=Member("nobody", "", {}, folder))
        await stack.enter_async_context(crew.at_work())
        async with Sidemand(bus, tenant="faelles", source="redaktion") as editor:
            report = await editor.load(knowledge_at(SAMPLES / "guidance", "faelles"))
        assert report.indexed > 0
        publishers = {
            source: await stack.enter_async_context(Publisher(bus, source))
            for source in {case.source or "postsag" for case in cases}
        }
        yield House(
            bus=bus,
            servers=servers,
            crew=crew,
            chance=chance,
            chain=Chain(bus, TENANTS[:2]),
            cases=cases,
            publishers=publishers,
        )


def faults_of(size: str, chance: random.Random) -> list[Fault[Site]]:
    faults: list[Fault[Site]] = [KillAnywhere() for _ in range(KILLS[size])]
    faults += [each(chance.uniform(2, 6)) for each in AWAY]
    if size == "long":
        faults.append(KillEverybody())
    chance.shuffle(faults)
    return faults


async def test_every_case_event_comes_to_its_end_once_and_every_case_in_order(
    broker: KafkaServer, database: PostgresServer, objects: Bucket, tmp_path: Path
) -> None:
    """About two minutes, with `SIDEMAND_FAULT_SIZE=long` about six."""
    drawn, size = seed(), os.environ.get("SIDEMAND_FAULT_SIZE", "short")
    print(f"\nSIDEMAND_FAULT_SEED={drawn}")
    chance = random.Random(drawn)
    servers = Servers(broker, database, objects)
    # In a group, so that a publisher that gives up is seen at once, with its reason.
    async with house(servers, tmp_path, chance) as site, asyncio.TaskGroup() as group:
        publishing = group.create_task(site.publish())
        try:
            suffered = await suffer(site, faults_of(size, chance), probe=6)
            publishing.cancel()
            await site.everything_done(60)
        except BaseException:
            print(*site.crew.last_words(), sep="\n")
            raise
        finally:
            publishing.cancel()
            await site.chain.close()
    show(site)
    assert list(site.chain.doubled()) == []
    assert list(site.chain.out_of_order()) == []
    assert site.chain.dead_letters == []
    assert leaks(site) == []
    assert site.crew.peak_kb < MOST_MEMORY_KB
    assert [str(each) for each in suffered if each.is_too_slow] == []


def leaks(site: House) -> list[str]:
    """Whoever of the cases' parties stands in a log."""
    parties = [party for case in site.cases for party in case.event.parties]
    marks = {mark for party in parties for mark in (party.name, party.cpr, party.email) if mark}
    return marks_in((each.log.read_text() for each in site.crew.members), marks)


def show(site: House) -> None:
    passed = Counter({topic: len(found) for topic, found in site.chain.passed.items()})
    print(f"{site.servers.broker}; {site.servers.postgres}")
    print(*(f"{count:>6} {topic}" for topic, count in passed.items()), sep="\n")
    print(f"{site.chain.repeated} records again, {len(site.chain.dead_letters)} dead letters")
    print(f"gave up and came back: {site.crew.exits or 'none'}")
    print({member.name: f"{member.peak_kb // 1000} MB" for member in site.crew.members})
