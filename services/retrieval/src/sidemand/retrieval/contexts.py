"""Answering a case document with passages: once when it comes, again when knowledge changes."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass

from sidemand.retrieval.calibration import Calibration
from sidemand.retrieval.fusion import offer, rank
from sidemand.retrieval.metrics import CONTEXTS
from sidemand.retrieval.ports import PassageIndex, Reach, Resting, SuggestionLedger
from sidemand.retrieval.queries import query_of
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

    async def shaken(self, suggestion: Resting, reach: Reach) -> bool:
        """Whether a passage that the suggestion rests on is gone, or says something else."""
        cited = suggestion.passages
        return bool(cited and await self.index.gone(reach, cited))

    async def contexts_resting_on(
        self, document: DocumentRef, tenant: str | None = None
    ) -> AsyncIterator[RetrievedContext]:
        """Search again for the case documents, of `tenant` if given, that this change shakes."""
        for affected in await self.ledger.affected(document, tenant):
            reach = affected.reach
            shaken = [each for each in affected.suggestions if await self.shaken(each, reach)]
            if shaken:
                context = await self.context_again(reach, shaken)
                if context is not None:
                    yield context

    async def context_again(
        self, reach: Reach, shaken: Sequence[Resting]
    ) -> RetrievedContext | None:
        """Search again for the document of `reach`; none where it was forgotten meanwhile."""
        document = await self.ledger.recall(reach.case, reach.document_id)
        return None if document is None else await self.context(document, shaken)
