"""The services' own handlers one after the other, without Kafka: what a case document goes through.

So that figures are those of the real thing: a case event passes the border, is redacted with its
parties known, embedded with its heading, searched for, and answered. State is in a folder that is
gone afterwards.
"""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sidemand.client import CaseFile, SuggestionChanged
from sidemand.client.knowledge import Skipped, knowledge_at
from sidemand.embedding.handlers import embed_document, embed_knowledge
from sidemand.embedding.ports import Embedder
from sidemand.generation.handlers import draft_suggestions
from sidemand.generation.ports import Writer
from sidemand.ingestion.adapters.objects import ObjectFiles
from sidemand.ingestion.adapters.sql import SqlLedger
from sidemand.ingestion.handlers import Border, accept_case_event, accept_knowledge
from sidemand.ingestion.legal_basis import LegalBasisRegistry
from sidemand.ingestion.tenants import Tenants
from sidemand.redaction.adapters.file_keys import FileKeys
from sidemand.redaction.adapters.sql import SqlVault
from sidemand.redaction.finding import Finder
from sidemand.redaction.handlers import mask_knowledge, redact_document, restore_suggestion
from sidemand.redaction.knowledge import CAUTION
from sidemand.redaction.ports import Redactor, Vault
from sidemand.redaction.tagger import Tagger, shipped_weights
from sidemand.retrieval.adapters.ledger_sql import SqlLedger as SuggestionLedger
from sidemand.retrieval.adapters.sqlite import SqliteIndex
from sidemand.retrieval.calibration import shipped_calibration
from sidemand.retrieval.contexts import Retrieval
from sidemand.retrieval.handlers import index_document, retrieve_context
from sidemand.schemas.casework import (
    CaseEventRefused,
    Citation,
    EmbeddedCaseDocument,
    RetrievedContext,
    Suggestion,
)
from sidemand.schemas.envelope import Envelope, Event
from sidemand.schemas.identity import SHARED_TENANT
from sidemand.schemas.knowledge import KnowledgeIndexed, KnowledgePublished
from sidemand.storage import Objects

_NOW: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
_SOURCE: Final = "evaluering"


@dataclass(frozen=True, slots=True)
class Chain:
    """What the handlers work with."""

    border: Border
    redactor: Redactor
    masker: Redactor
    vault: Vault
    embedder: Embedder
    retrieval: Retrieval
    _texts: dict[tuple[str, int], str] = field(default_factory=dict)

    async def document(self, case: CaseFile) -> EmbeddedCaseDocument | CaseEventRefused:
        """The case document as retrieval gets it, or why the border refuses it."""
        event = case.event
        envelope = _envelope(event.tenant, event.subject, case.event_id or event.subject)
        accepted = await accept_case_event(Event(envelope, event), self.border)
        if isinstance(accepted, CaseEventRefused):
            return accepted
        redacted = await redact_document(accepted, self.redactor, self.vault) if accepted else None
        if redacted is None:
            raise ValueError(f"the event {envelope.id} was measured before: give each an own id")
        return await embed_document(redacted, self.embedder)

    async def suggestions(self, case: CaseFile, writer: Writer) -> list[Suggestion]:
        """What comes back for a case event, its persons named; nothing where it is refused."""
        document = await self.document(case)
        if isinstance(document, CaseEventRefused):
            return []
        context = await retrieve_context(document, self.retrieval)
        return [each async for each in self._written(context, writer)] if context else []

    def source(self, citation: Citation) -> str | None:
        """The text of the cited version, as it was learnt."""
        return self._texts.get((citation.document.key, citation.version))

    async def learn(self, document: KnowledgePublished) -> None:
        """Make a document searchable. One that is refused is left out, as in the real thing."""
        envelope = _envelope(document.tenant, document.subject, document.subject)
        accepted = await accept_knowledge(Event(envelope, document), self.border)
        masked = (
            accepted
            if isinstance(accepted, KnowledgeIndexed)
            else await mask_knowledge(accepted, self.masker)
        )
        if not isinstance(masked, KnowledgeIndexed):
            self._texts[masked.key, masked.version] = masked.text
            await index_document(await embed_knowledge(masked, self.embedder), self.retrieval)

    async def _written(
        self, context: RetrievedContext, writer: Writer
    ) -> AsyncIterator[Suggestion]:
        envelope = _envelope(context.case.tenant, str(context.case.case_id), "")
        for drafted in await draft_suggestions(Event(envelope, context), writer):
            for restored in await restore_suggestion(drafted, self.vault):
                if isinstance(restored, SuggestionChanged):
                    yield restored.suggestion


@asynccontextmanager
async def chain(
    registries: Path, knowledge: Sequence[Path], embedder: Embedder
) -> AsyncIterator[Chain]:
    """A chain with the registries of a folder as `samples`, that knows the files of `knowledge`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger = SqlLedger(f"sqlite+aiosqlite:///{folder / 'ingestion.db'}")
        vault = SqlVault.at(f"sqlite+aiosqlite:///{folder / 'vault.db'}", FileKeys(folder / "keys"))
        index = SqliteIndex(folder / "index.db")
        suggestions = SuggestionLedger(f"sqlite+aiosqlite:///{folder / 'suggestions.db'}")
        await ledger.open()
        await vault.start()
        await index.open()
        await suggestions.open()
        try:
            tagger = Tagger(*shipped_weights())
            made = Chain(
                border=_border(registries, ledger, folder),
                redactor=Finder(tagger),
                masker=Finder(tagger, caution=CAUTION),
                vault=vault,
                embedder=embedder,
                retrieval=Retrieval(index, suggestions, shipped_calibration()),
            )
            await _learn(made, knowledge)
            yield made
        finally:
            await suggestions.close()
            await index.close()
            await vault.stop()
            await ledger.close()


async def _learn(made: Chain, knowledge: Sequence[Path]) -> None:
    for source in knowledge:
        for document in knowledge_at(source, SHARED_TENANT):
            if not isinstance(document, Skipped):
                await made.learn(document)


def _border(registries: Path, ledger: SqlLedger, folder: Path) -> Border:
    tenants = Tenants.load(registries / "tenants.yaml")
    return Border(
        tenants=tenants,
        legal_basis=LegalBasisRegistry.load(registries / "legal-basis.yaml", tenants),
        ledger=ledger,
        files=ObjectFiles(Objects.at(f"file://{folder / 'objects'}")),
    )


def _envelope(tenant: str, subject: str, event_id: str) -> Envelope:
    return Envelope(id=event_id, source=_SOURCE, type="", time=_NOW, tenant=tenant, subject=subject)
