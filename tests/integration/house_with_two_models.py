"""Embedding, retrieval and re-embedding as processes, a case system beside them, an operator."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from sidemand.bus import BusSettings, Publisher, Reader
from sidemand.embedding.adapters.onnx import OnnxEmbedder
from sidemand.embedding.handlers import embed_document, embed_knowledge
from sidemand.retrieval.adapters.ledger_sql import SqlLedger
from sidemand.retrieval.adapters.sqlite import SqliteIndex
from sidemand.retrieval.calibration import shipped_calibration
from sidemand.retrieval.contexts import Retrieval
from sidemand.schemas import topics
from sidemand.schemas.casework import (
    CaseFacts,
    LegalBasis,
    RedactedCaseDocument,
    RetrievedContext,
)
from sidemand.schemas.identity import CaseRef, DocumentRef, Tombstone
from sidemand.schemas.knowledge import KnowledgeRedacted
from sidemand.schemas.text import Section
from sidemand.testing.processes import Process

STABLE = "stabil"
"""Documents whose names begin so stay as they are; by their scores a model is told."""
_PATIENCE = 90.0
_BETWEEN_CASES = 0.2
_BETWEEN_LOOKS = 0.5
_ALIKE = 0.005
"""Scores of one model differ by less: an index keeps unit vectors, another what it was given."""


def document(name: str, text: str, version: int = 1) -> KnowledgeRedacted:
    """A piece of shared knowledge as it leaves redaction."""
    return KnowledgeRedacted(
        document=DocumentRef(tenant="faelles", document_id=name),
        version=version,
        title="Partshøring",
        valid_from=date(2025, 1, 1),
        published_at=datetime.now(UTC),
        text=text,
        sections=(Section(heading_path=("Frist",), start=0, end=len(text)),),
    )


def case_document() -> RedactedCaseDocument:
    """The same question in a new case each time."""
    return RedactedCaseDocument(
        case=CaseRef(tenant="storaadal", case_id=uuid.uuid4()),
        document_id=uuid.uuid4(),
        title="Hjemmehjælp",
        facts=CaseFacts(kle="27.36.04", progress="Oplyst", sensitivity=3),
        kind="note_written",
        occurred_at=datetime(2026, 5, 4, tzinfo=UTC),
        published_at=datetime.now(UTC),
        purpose="partshoering",
        legal_basis=LegalBasis(title="Partshøring", hjemmel=("forvaltningsloven § 19",)),
        requests=("answer",),
        text="Hvor lang frist skal borgeren have til at svare på partshøringen?",
        sections=(),
    )


Scores = Mapping[str, float]
"""Scores of the stable documents, by their names."""


def scores_in(context: RetrievedContext) -> Scores:
    return {
        each.document.document_id: each.score
        for each in context.passages
        if each.document.document_id.startswith(STABLE)
    }


async def scores_by(model: Path, knowledge: list[KnowledgeRedacted], folder: Path) -> Scores:
    """What an installation offers that has never had another model."""
    embedder = OnnxEmbedder(model)
    index = SqliteIndex(folder / f"{model.name}.db")
    await index.open()
    for each in knowledge:
        await index.apply(await embed_knowledge(each, embedder))
    ledger = SqlLedger(f"sqlite+aiosqlite:///{folder}/unused.db")
    retrieval = Retrieval(index, ledger, shipped_calibration())
    context = await retrieval.context(await embed_document(case_document(), embedder))
    await index.close()
    await ledger.close()
    return scores_in(context)


@dataclass
class CaseSystem:
    """Asks without a pause, and keeps every answer."""

    bus: BusSettings
    references: Mapping[str, Scores]
    """Of each model, by its name."""
    asked: list[uuid.UUID] = field(default_factory=list)
    answers: dict[uuid.UUID, RetrievedContext] = field(default_factory=dict)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator["CaseSystem"]:
        contexts = Reader(self.bus, topics.CONTEXT_RETRIEVED)
        async with Publisher(self.bus, "postsag") as publisher, contexts:
            working = [
                asyncio.create_task(self._ask(publisher)),
                asyncio.create_task(self._listen(contexts)),
            ]
            yield self
            working[0].cancel()
            await until(lambda: self.answers.keys() >= {*self.asked})
            working[1].cancel()
            for task in working:
                with suppress(asyncio.CancelledError):
                    await task

    async def models_of(self, count: int) -> set[str]:
        """The models by which the next `count` documents are answered."""
        first = len(self.asked)
        await until(lambda: len(self.asked) >= first + count)
        wanted = self.asked[first : first + count]
        await until(lambda: self.answers.keys() >= {*wanted})
        return {self.model_of(self.answers[each]) for each in wanted}

    def model_of(self, context: RetrievedContext) -> str:
        """The one model whose scores all stable documents of a context have."""
        scores = scores_in(context)
        (model,) = (
            name
            for name, reference in self.references.items()
            if scores.keys() == reference.keys()
            and all(abs(scores[each] - reference[each]) < _ALIKE for each in scores)
        )
        return model

    async def _ask(self, publisher: Publisher) -> None:
        while True:
            asked = case_document()
            await publisher.publish(topics.CASE_DOCUMENT_REDACTED, asked)
            self.asked.append(asked.document_id)
            await asyncio.sleep(_BETWEEN_CASES)

    async def _listen(self, contexts: Reader[RetrievedContext]) -> None:
        async for event in contexts:
            self.answers[event.data.document_id] = event.data


@dataclass
class House:
    """What an operator starts, stops and types."""

    bus: BusSettings
    environment: Mapping[str, str]
    folder: Path
    started: list[Process] = field(default_factory=list)

    async def start(self, service: str, **changed: str) -> Process:
        """Start a service and wait until it is ready."""
        process = Process(
            f"{service}-{len(self.started)}",
            f"sidemand.{service}",
            {**self.environment, **changed},
            self.folder,
        )
        process.start()
        self.started.append(process)
        await until(
            lambda: process.answers("/ready") or process.running.poll() is not None,
            lambda: process.log.read_text()[-2000:],
        )
        assert process.running.poll() is None, process.log.read_text()[-2000:]
        return process

    async def stop(self, process: Process) -> None:
        """Stop a service as a platform does, and wait until it has left."""
        process.running.terminate()
        assert await asyncio.to_thread(process.running.wait, 60) == 0

    async def replace(self, old: Process, service: str, **changed: str) -> Process:
        """Start a service anew beside the old process, then stop that: as a platform rolls out."""
        new = await self.start(service, **changed)
        await self.stop(old)
        return new

    def end(self) -> None:
        """End whatever still runs."""
        for process in self.started:
            process.running.kill()
            process.running.wait()

    async def until_level(self) -> None:
        """Wait until the second generation holds what is searched, in its own model."""
        deadline = asyncio.get_running_loop().time() + _PATIENCE
        while not await self._is_level():
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(_BETWEEN_LOOKS)

    async def _is_level(self) -> bool:
        _, second = await self.type("generations", "--compare")
        return second[-2:] == ["0", "0"]

    async def type(self, *words: str, **changed: str) -> list[list[str]]:
        """Type a command of `sidemand-retrieval`, and read its table."""
        done = await self._typed(words, changed)
        assert done.returncode == 0, done.stderr
        return [line.split() for line in done.stdout.splitlines()[1:]]

    async def refused(self, *words: str, **changed: str) -> str:
        """Type a command that is refused, and read why."""
        done = await self._typed(words, changed)
        assert done.returncode == 1, done.stdout
        return done.stderr

    async def _typed(
        self, words: Sequence[str], changed: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "sidemand.retrieval.command", *words],
            env={**self.environment, **changed},
            capture_output=True,
            text=True,
            check=False,
        )

    async def publish(self, *changes: KnowledgeRedacted | Tombstone) -> None:
        """Publish changes of knowledge, and wait until the live index has each."""
        receipts = Reader(self.bus, topics.KNOWLEDGE_INDEXED, tenant="faelles")
        async with Publisher(self.bus, "redaktion") as publisher, receipts:
            for each in changes:
                await publisher.publish(topics.KNOWLEDGE_REDACTED, each)
            waiting = {each.document.document_id for each in changes}
            async with asyncio.timeout(_PATIENCE):
                async for event in receipts:
                    waiting.discard(event.data.document.document_id)
                    if not waiting:
                        return


async def until(condition: Callable[[], bool], otherwise: Callable[[], str] = str) -> None:
    """Wait for a condition; what is the case instead goes into the failure."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE
    while not await asyncio.to_thread(condition):
        assert asyncio.get_running_loop().time() < deadline, otherwise()
        await asyncio.sleep(0.1)
