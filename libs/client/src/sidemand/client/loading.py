"""Loading knowledge: documents out, receipts back, never more under way than Kafka can hold."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sized
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from sidemand.bus import BusSettings, Publisher
from sidemand.client.errors import ClientError
from sidemand.client.following import Following
from sidemand.client.knowledge.source import Skipped
from sidemand.client.load_report import LoadReport, Progress
from sidemand.client.publishing import publish
from sidemand.client.tenants import check_topic
from sidemand.schemas import topics
from sidemand.schemas.knowledge import KnowledgeIndexed, KnowledgePublished

WINDOW: Final = 200
"""Documents published and without a receipt. The embedded Kafka drops what lies behind the newest
5 MiB of a partition, read or not; on any Kafka it keeps a load from running away from the index."""


@dataclass(frozen=True, slots=True)
class LoadTerms:
    """What a load works with."""

    settings: BusSettings
    existing: frozenset[str]
    """The topics that Kafka has."""
    patience: float
    """Seconds without any receipt after which the load gives up."""
    progress: Callable[[Progress], None] | None = None


class Load:
    """One load. Use it once."""

    def __init__(self, terms: LoadTerms, publisher: Publisher) -> None:
        self._terms = terms
        self._publisher = publisher
        self._report = LoadReport()
        self._total: int | None = None
        self._window = asyncio.Semaphore(WINDOW)
        self._waiting: dict[str, int] = {}
        """Key and version of the documents that were published and have no receipt yet."""
        self._keys: set[str] = set()
        self._readers = AsyncExitStack()
        self._following: dict[str, asyncio.Task[None]] = {}
        self._none_waiting = asyncio.Event()
        self._deadline = asyncio.timeout(None)

    async def run(self, documents: Iterable[KnowledgePublished | Skipped]) -> LoadReport:
        """Publish all and wait for their receipts. Raises `ClientError` when these stop coming."""
        self._total = len(documents) if isinstance(documents, Sized) else None
        started = time.monotonic()
        try:
            async with self._deadline, self._readers, asyncio.TaskGroup() as tasks:
                self._postpone_deadline()
                for each in documents:
                    await self._take(each, tasks)
                while self._waiting:
                    self._none_waiting.clear()
                    await self._none_waiting.wait()
                for task in self._following.values():
                    task.cancel()
        except TimeoutError:
            raise self._stalled() from None
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
        self._report.seconds = time.monotonic() - started
        return self._report

    async def _take(self, each: KnowledgePublished | Skipped, tasks: asyncio.TaskGroup) -> None:
        """Start the publication of a document as soon as the window has room for it."""
        document = each if isinstance(each, Skipped) else self._unobjectionable(each)
        if isinstance(document, Skipped):
            self._report.skipped.append(document)
            self._settled()
            return
        if document.tenant not in self._following:
            # Before the first document of the tenant, so that no receipt is missed.
            receipts = Following.of(self._terms.settings, topics.KNOWLEDGE_INDEXED, document.tenant)
            await self._readers.enter_async_context(receipts)
            self._following[document.tenant] = tasks.create_task(self._count(receipts))
        await self._window.acquire()
        self._keys.add(document.key)
        self._waiting[document.key] = document.version
        tasks.create_task(publish(self._publisher, topics.KNOWLEDGE_PUBLISHED, document))

    def _unobjectionable(self, document: KnowledgePublished) -> KnowledgePublished | Skipped:
        """The document, or why it cannot be published."""
        if document.key in self._keys:
            return Skipped(document.subject, "this id came before in the same load")
        try:
            check_topic(topics.KNOWLEDGE_PUBLISHED, document.tenant, self._terms.existing)
        except ClientError as error:
            return Skipped(document.subject, str(error))
        return document

    async def _count(self, receipts: Following[KnowledgeIndexed]) -> None:
        async for receipt in receipts:
            if self._is_awaited(receipt):
                del self._waiting[receipt.key]
                self._window.release()
                self._report.count(receipt)
                self._settled()

    def _is_awaited(self, receipt: KnowledgeIndexed) -> bool:
        """Whether it is about a version of this load. A body that nobody could read has none."""
        version = self._waiting.get(receipt.key)
        unread = receipt.version is None and receipt.outcome == "refused"
        return version is not None and (receipt.version == version or unread)

    def _settled(self) -> None:
        """A document is through: say so, and be patient again."""
        self._postpone_deadline()
        if not self._waiting:
            self._none_waiting.set()
        if self._terms.progress is not None:
            self._terms.progress(Progress(self._report.settled, self._total))

    def _postpone_deadline(self) -> None:
        now = asyncio.get_running_loop().time()
        self._deadline.reschedule(now + self._terms.patience)

    def _stalled(self) -> ClientError:
        return ClientError(
            f"No receipt came for {self._terms.patience:g} seconds: {self._report.settled} "
            f"documents are settled, {len(self._waiting)} were published and wait. See whether all "
            "five services run, and whether `sidemand dead-letters list` shows some of them; then "
            "load again: what is there already is not taken in twice."
        )
