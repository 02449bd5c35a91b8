"""Answering a case document with passages: once when it comes, again when knowledge changes."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from sidemand.retrieval.calibration import Calibration
from sidemand.retrieval.fusion import offer, rank
from sidemand.retrieval.metrics import CONTEXTS
from sidemand.retrieval.ports import PassageIndex, Resting, SuggestionLedger
from sidemand.retrieval.queries import query_of, reach_of
from sidemand.schemas.casework import CaseContext, EmbeddedCaseDocument, RetrievedContext
from sidemand.schemas.identity import DocumentRef


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What every handler works with."""

    index: PassageIndex
    ledger: SuggestionLedger
    calibration: Calibration

    async def context(
        self, document: EmbeddedCaseDocument, replaced: Iterable[Resting] = ()
    ) -> RetrievedContext:
        """Search for `document`. `replaced` are its suggestions that rest on what changed."""
        replaces = tuple(each.suggestion for each in replaced)
        query = query_of(document)
        as_of = await self.index.as_of(query.reach)  # never newer than what the search sees
        hits = await self.index.search(query)
        ranking = await asyncio.to_thread(rank, query, hits, self.calibration)
        passages = offer(ranking)
        context = RetrievedContext(
            **{name: getattr(document, name) for name in CaseContext.model_fields},
            passages=passages,
            knowledge_as_of=as_of,
            reason="knowledge_changed" if replaces else "case_event",
            replaces=replaces,
        )
        CONTEXTS.labels(context.reason, "offered" if passages else "nothing").inc()
        return context

    async def shaken(self, suggestion: Resting, document: EmbeddedCaseDocument) -> bool:
        """Whether a passage that the suggestion rests on is gone, or says something else."""
        return bool(await self.index.gone(reach_of(document), suggestion.passages))

    async def contexts_resting_on(
        self, document: DocumentRef, tenant: str | None = None
    ) -> AsyncIterator[RetrievedContext]:
        """Search again for the case documents, of `tenant` if given, that this change shakes."""
        for affected in await self.ledger.affected(document, tenant):
            shaken = [
                each for each in affected.suggestions if await self.shaken(each, affected.document)
            ]
            if shaken:
                yield await self.context(affected.document, shaken)
