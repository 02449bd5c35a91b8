"""The bus under fire: nothing lost, nothing twice, nothing out of order."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sidemand.bus import BusSettings, Publisher
from sidemand.bus.provisioning import create_topics
from sidemand.testing.servers import (
    KafkaServer,
    PostgresServer,
    Unavailable,
    kafka_server,
    postgres_server,
)

from .bucket import ADDRESS, Bucket, bucket
from .crew import Crew, Member
from .effects import Effects
from .faults import Fault, Site
from .load import Load
from .numbered import TENANT
from .orders import Orders
from .storm import RECOVERY_SECONDS, SIZES, Suffered, faults_of, seed, suffer
from .verdict import MOST_MEMORY_KB, Verdict, counted, judge
from .witness import Witness

pytestmark = pytest.mark.server

MEMBERS = ("one", "two", "three")
RATE = 40.0


@pytest.fixture
def broker() -> Iterator[KafkaServer]:
    """A Kafka of the test's own: it is killed."""
    try:
        with kafka_server() as running:
            yield running
    except Unavailable as reason:
        pytest.skip(f"Kafka: {reason}")


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    """A PostgreSQL of the test's own: it is killed."""
    try:
        with postgres_server() as running:
            yield running
    except Unavailable as reason:
        pytest.skip(f"PostgreSQL: {reason}")


@pytest.fixture
def objects() -> Iterator[Bucket]:
    with bucket() as open_bucket:
        yield open_bucket


@asynccontextmanager
async def under_load(
    broker: KafkaServer,
    database: PostgresServer,
    objects: Bucket,
    folder: Path,
    chance: random.Random,
) -> AsyncIterator[Site]:
    """The service at work on a load, and everything that a fault needs."""
    bus = BusSettings(
        kafka=broker.bootstrap, objects=ADDRESS, session_timeout_ms=6_000, drain_seconds=5
    )
    await create_topics(bus, [TENANT])
    url = database.create_database()
    effects = Effects(url)
    await effects.prepare()
    (folder / "orders").mkdir()
    environment = {
        **objects.environment,
        "SIDEMAND_KAFKA": bus.kafka,
        "SIDEMAND_SESSION_TIMEOUT_MS": str(bus.session_timeout_ms),
        "SIDEMAND_DRAIN_SECONDS": str(bus.drain_seconds),
        "FAULT_DATABASE": url,
        "FAULT_ORDERS": str(folder / "orders"),
    }
    members = [
        Member(name, "tests.fault.recording_service", environment, folder / f"{name}.log")
        for name in (*MEMBERS, "spare")
    ]
    crew = Crew(members[:-1], spare=members[-1])
    witness = Witness(bus, effects)
    async with crew.at_work(), witness.looking(), Publisher(bus, "postsag") as publisher:
        load = Load(publisher, RATE, chance)
        orders = Orders(folder / "orders")
        yield Site(bus, broker, database, objects, effects, witness, crew, load, orders, chance)
        await effects.close()


async def run(site: Site, faults: Sequence[Fault], events: int) -> tuple[list[Suffered], Verdict]:
    """Publish while the faults come, then up to so many events; and judge when all is done."""
    load = asyncio.create_task(site.load.run())
    try:
        suffered = await suffer(site, faults)
        site.load.enough(events)
        await load
        await site.everything_done(120)
        await _all_poison_is_buried(site.witness)
    except BaseException:
        load.cancel()
        print(*site.crew.last_words(), sep="\n")
        raise
    verdict = await judge(site.witness, site.effects, site.crew, site.load.event_ids)
    _show(site, verdict)
    return suffered, verdict


async def _all_poison_is_buried(witness: Witness) -> None:
    async with asyncio.timeout(60):
        while await witness.unfinished():  # noqa: ASYNC110 - it is out there
            await asyncio.sleep(0.2)


def _show(site: Site, verdict: Verdict) -> None:
    print(f"{site.broker}; {site.postgres}")
    print(f"{len(site.load.acknowledged)} events, {len(site.witness.letters)} dead letters")
    print(f"of codes: {counted(letter['dlq-code'] for letter in site.witness.letters)}")
    print(f"members that gave up and came back: {counted(site.crew.exits) or 'none'}")
    print(f"{site.witness.samples} looks at the committed offsets")
    print(verdict)


def assert_nothing_went_wrong(suffered: Sequence[Suffered], verdict: Verdict) -> None:
    assert verdict.lost == []
    assert verdict.duplicates == []
    assert verdict.out_of_order == []
    assert verdict.ahead == []
    assert verdict.leaks == []
    assert verdict.memory_kb < MOST_MEMORY_KB
    assert [each for each in suffered if each.recovered > RECOVERY_SECONDS] == []


async def test_through_every_fault_nothing_is_lost_done_twice_or_out_of_order(
    broker: KafkaServer, database: PostgresServer, objects: Bucket, tmp_path: Path
) -> None:
    """About two minutes, or with `SIDEMAND_FAULT_SIZE=long` about ten."""
    drawn, size = seed(), SIZES[os.environ.get("SIDEMAND_FAULT_SIZE", "short")]
    print(f"\nSIDEMAND_FAULT_SEED={drawn}")
    chance = random.Random(drawn)
    async with under_load(broker, database, objects, tmp_path, chance) as site:
        suffered, verdict = await run(site, faults_of(size, chance), size.events)
    assert_nothing_went_wrong(suffered, verdict)
