"""The five services at work on case events, and everything that they depend on."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aiokafka.errors import KafkaError
from sidemand.bus import BusSettings, Publisher
from sidemand.bus.provisioning import create_topics
from sidemand.client import CaseFile, Sidemand, knowledge_at, read_case_file
from sidemand.ingestion.legal_basis import LegalBasisRegistry
from sidemand.ingestion.tenants import Tenants
from sidemand.schemas import topics
from sidemand.schemas.envelope import cause_id
from sidemand.schemas.identity import SHARED_TENANT, CaseRef
from sidemand.schemas.raw import CaseEvent
from sidemand.testing.bucket import ADDRESS
from sidemand.testing.processes import SERVICES, environment_of_five, index_on
from sidemand.testing.servers import WeaviateServer

from .chain import Chain
from .crew import ROOT, Crew, Member
from .erasures import Erasures
from .language_model import LanguageModelServer
from .library import Library
from .site_of_fault import DRAIN_SECONDS, SESSION_MS, Servers, Site

SAMPLES: Final = ROOT / "samples"
MUNICIPALITIES: Final = ["storaadal", "vesterhede"]
_SOURCE: Final = "postsag"
_PAUSE: Final = 1.0
"""Seconds between case events, on average."""
_MOST_ON_THE_WAY: Final = 15
"""Events above which the load waits: so recovery is measured, and not the machine."""
_ANSWER_SECONDS: Final = 3
"""How long generation waits for the language model."""
_LOOK_EVERY: Final = 0.3
_PATIENCE: Final = 60.0


@dataclass(kw_only=True)
class House(Site):
    """The five services, and a load of case events."""

    index: WeaviateServer | None
    language_model: LanguageModelServer
    chain: Chain
    erasures: Erasures
    library: Library
    cases: list[CaseFile]
    lawful: list[CaseFile]
    """Those of the cases that ingestion does not refuse."""
    publishers: dict[str, Publisher]
    acknowledged: list[str] = field(default_factory=list)
    """The events that Kafka has, as those that follow name them."""
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def published(self) -> int:
        """See `Site`."""
        return len(self.acknowledged)

    @property
    def weaviate(self) -> WeaviateServer:
        """The index that retrieval uses."""
        assert self.index is not None, "a fault for a house with Weaviate"
        return self.index

    async def run(self) -> None:
        """Publish case events without end, a case's own one after the other."""
        while True:
            if not self._keeps_up():
                await self.until(self._keeps_up, seconds=None)
            await self.publish(self.chance.choice(self.cases))
            await asyncio.sleep(self.chance.expovariate(1 / _PAUSE))

    async def publish(self, sample: CaseFile, case: CaseRef | None = None) -> None:
        """Publish the event of a sample, as one of its own case or of another."""
        source = sample.source or _SOURCE
        event = sample.event.model_copy(update={"case": case or sample.event.case})
        event_id = f"fire-{next(self._numbers)}"
        await self.publishers[source].publish(topics.CASE_EVENT_PUBLISHED, event, event_id=event_id)
        self.acknowledged.append(cause_id(source, event_id))

    async def erase(self, case: CaseRef) -> None:
        """Have a case forgotten, and wait until everybody has."""
        self.chain.erased.add(case)
        erasure = await self.erasures.erase(case, self.publishers[_SOURCE])
        try:
            await self.until(lambda: not self.erasures.missing(erasure))
        except TimeoutError:
            missing = sorted(self.erasures.missing(erasure))
            raise AssertionError(f"an erasure was not confirmed by {missing}") from None

    async def erase_again(self) -> list[str]:
        """What is found of erased cases when they are erased a second time."""
        again = [
            await self.erasures.erase(case, self.publishers[_SOURCE]) for case in self.chain.erased
        ]
        await self.until(lambda: not any(map(self.erasures.missing, again)))
        return list(self.erasures.left_over(again))

    async def everything_done(self, seconds: float) -> None:
        """See `Site`; `seconds` is how long nothing of it, and nothing before it, may move."""
        wanted = list(self.acknowledged)

        def unfinished() -> list[str]:
            return [*self.chain.unfinished(wanted), *self.library.unfinished()]

        def moves(left: list[str], came: int) -> Callable[[], bool]:
            return lambda: (unfinished(), self.library.came) != (left, came)

        while left := unfinished():
            try:
                await self.until(moves(left, self.library.came), seconds)
            except TimeoutError:
                raise AssertionError(f"{len(left)} do not come to an end: {left[:5]}") from None

    async def until(self, condition: Callable[[], bool], seconds: float | None = _PATIENCE) -> None:
        """Look again and again at what Kafka has, until the condition holds."""
        async with asyncio.timeout(seconds):
            while not (await self._could_look() and condition()):  # noqa: ASYNC110 - it is out there
                await asyncio.sleep(_LOOK_EVERY)

    async def close(self) -> None:
        """Look no more."""
        for each in self._lookers:
            await each.close()

    def _keeps_up(self) -> bool:
        """By what was last looked at."""
        return len(list(self.chain.unfinished(self.acknowledged))) < _MOST_ON_THE_WAY

    async def _could_look(self) -> bool:
        async with self._one_at_a_time:
            try:
                for each in self._lookers:
                    await each.catch_up()
            except (KafkaError, OSError):
                await self.close()
                return False
            return True

    @property
    def _lookers(self) -> tuple[Chain, Erasures, Library]:
        return self.chain, self.erasures, self.library


@asynccontextmanager
async def house(
    servers: Servers, index: WeaviateServer | None, folder: Path, chance: random.Random
) -> AsyncIterator[House]:
    """The five services at work, with guidance to search in."""
    bus = BusSettings(kafka=servers.broker.bootstrap, objects=ADDRESS)
    await create_topics(bus, [*MUNICIPALITIES, SHARED_TENANT])
    cases = [read_case_file(path) for path in sorted((SAMPLES / "cases").glob("*.yaml"))]
    registry = LegalBasisRegistry.load(
        SAMPLES / "legal-basis.yaml", Tenants.load(SAMPLES / "tenants.yaml")
    )
    async with AsyncExitStack() as stack:
        language_model = await stack.enter_async_context(LanguageModelServer())
        variables = {
            **environment_of_five(bus, servers.postgres.create_database(), SAMPLES, folder),
            "SIDEMAND_SESSION_TIMEOUT_MS": str(SESSION_MS),
            "SIDEMAND_DRAIN_SECONDS": str(DRAIN_SECONDS),
            **_writer(language_model),
            **_index(index, folder),
        }
        members = [Member(name, f"sidemand.{name}", variables, folder) for name in SERVICES]
        crew = Crew(members, spare=Member("nobody", "", {}, folder))
        await stack.enter_async_context(crew.at_work())
        await _load_guidance(bus)
        publishers = {
            source: await stack.enter_async_context(Publisher(bus, source))
            for source in {_SOURCE, *(case.source or _SOURCE for case in cases)}
        }
        site = House(
            bus=bus,
            servers=servers,
            crew=crew,
            chance=chance,
            index=index,
            language_model=language_model,
            chain=Chain(bus, MUNICIPALITIES),
            erasures=Erasures(bus, MUNICIPALITIES),
            library=Library(bus, publishers[_SOURCE]),
            cases=cases,
            lawful=[each for each in cases if _is_lawful(each.event, registry)],
            publishers=publishers,
        )
        stack.push_async_callback(site.close)
        yield site


async def _load_guidance(bus: BusSettings) -> None:
    async with Sidemand(bus, tenant=SHARED_TENANT, source="redaktion") as editor:
        report = await editor.load(knowledge_at(SAMPLES / "guidance", SHARED_TENANT))
    assert report.indexed > 0


def _is_lawful(event: CaseEvent, registry: LegalBasisRegistry) -> bool:
    return registry.find(event.tenant, event.facts.kle, event.purpose) is not None


def _writer(language_model: LanguageModelServer) -> dict[str, str]:
    return {
        "GENERATION_WRITER": "openai",
        "GENERATION_BASE_URL": language_model.base_url,
        "GENERATION_MODEL": "under-fire",
        "GENERATION_TIMEOUT_S": str(_ANSWER_SECONDS),
    }


def _index(server: WeaviateServer | None, folder: Path) -> dict[str, str]:
    if server is None:
        return {"RETRIEVAL_INDEX": "sqlite", "RETRIEVAL_INDEX_FILE": str(folder / "index.db")}
    return index_on(server, "UnderFire")
