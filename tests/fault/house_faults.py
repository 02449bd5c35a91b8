"""What can go wrong with the five services, beside what every service can suffer."""

import asyncio
import signal
import uuid
from dataclasses import dataclass
from typing import Final

from sidemand.schemas import topics
from sidemand.schemas.identity import CaseRef, Payload
from sidemand.schemas.topics import Topic

from .faults import Fault
from .group import forget_offsets
from .house import House
from .language_model import OUTAGES
from .library import any_step

_READING: Final[dict[str, Topic[Payload]]] = {
    "embedding": topics.KNOWLEDGE_REDACTED,
    "retrieval": topics.KNOWLEDGE_EMBEDDED,
}
_DOCUMENTS, _STEPS = 6, 8
_WAITING_FOR: Final[dict[str, Topic[Payload]]] = {
    "embedding": topics.CASE_DOCUMENT_REDACTED,
    "generation": topics.CONTEXT_RETRIEVED,
}


@dataclass
class WeaviateAway(Fault[House]):
    """kill -9 for the index; it comes back with what was written."""

    seconds: float
    ends = 1

    async def inject(self, site: House) -> None:
        async with site.crew.hindered():
            await asyncio.to_thread(site.weaviate.program.kill)
        await asyncio.sleep(self.seconds)

    async def heal(self, site: House) -> None:
        await asyncio.to_thread(site.weaviate.program.start)


@dataclass
class LanguageModelAway(Fault[House]):
    """The language model's server is away in every way that servers are, one after the other."""

    seconds: float

    async def inject(self, site: House) -> None:
        for how in OUTAGES:
            async with site.crew.hindered():
                await site.language_model.go(how)
            await asyncio.sleep(self.seconds)
            await site.language_model.come_back()


class RollingRestart(Fault[House]):
    """An upgrade: every service is told to end and started anew, one after the other."""

    ends = 5

    async def inject(self, site: House) -> None:
        for member in site.crew.members:
            assert await member.end(signal.SIGTERM) == 0, member.log.read_text()[-2000:]
            await site.crew.until_ready([member])


class ErasureOvertakesItsCase(Fault[House]):
    """A case is erased everywhere while an event of it waits halfway; another comes after that."""

    async def inject(self, site: House) -> None:
        service = site.chance.choice(sorted(_WAITING_FOR))
        self._frozen = next(each for each in site.crew.members if each.name == service)
        self._frozen.tell(signal.SIGSTOP)
        sample = site.chance.choice(site.lawful)
        number = uuid.UUID(int=site.chance.getrandbits(128))
        case = CaseRef(tenant=sample.event.tenant, case_id=number)
        await site.publish(sample, case)
        await site.until(lambda: site.chain.has_reached(_WAITING_FOR[service], case))
        await site.erase(case)
        await site.publish(sample, case)

    async def heal(self, site: House) -> None:
        self._frozen.tell(signal.SIGCONT)


class KnowledgeOutOfOrder(Fault[House]):
    """Versions and deletions of documents in a bad order, and kill -9 on their way."""

    ends = 1

    async def inject(self, site: House) -> None:
        names = [f"bog-{site.chance.getrandbits(32):08x}" for _ in range(_DOCUMENTS)]
        for _ in range(_STEPS):
            for name in names:
                await site.library.publish(name, any_step(site.chance))
        await site.anyone.end(signal.SIGKILL)


class AllKnowledgeAgain(Fault[House]):
    """Kafka has forgotten what was embedded and indexed: every version and deletion comes again."""

    ends = 2

    async def inject(self, site: House) -> None:
        await site.until(lambda: not list(site.library.unfinished()))
        async with site.crew.stopped(*_READING):
            for service, topic in _READING.items():
                await asyncio.to_thread(forget_offsets, site.bus, f"{service}.{topic.name}")
