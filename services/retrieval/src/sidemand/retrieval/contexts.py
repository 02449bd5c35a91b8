"""Answering a case document with passages: once when it comes, again when knowledge changes."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sidemand.retrieval.calibration import Calibration
from sidemand.retrieval.fusion import offer, rank
from sidemand.retrieval.metrics import CONTEXTS
from sidemand.retrieval.ports import (
    Affected,
    Hit,
    PassageIndex,
    PassageRef,
    Query,
    Reach,
    Resting,
    SuggestionLedger,
)
from sidemand.retrieval.queries import in_model, models_of, query_of, reach_of
from sidemand.schemas.casework import CaseContext, EmbeddedCaseDocument, RetrievedContext
from sidemand.schemas.identity import DocumentRef


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What every handler works with."""

    index: PassageIndex
    ledger: SuggestionLedger
    calibration: Calibration
    further: Mapping[str, Calibration] = field(default_factory=dict)
    """Calibrations of other models, by the models' sha256."""

    async def context(
        self, document: EmbeddedCaseDocument, replaced: Iterable[Resting] = ()
    ) -> RetrievedContext:
        """Search for `document`. `replaced` are its suggestions that rest on what changed."""
        replaces = tuple(each.suggestion for each in replaced)
        as_of = await self.index.as_of(reach_of(document))  # never newer than what the search sees
        query, hits = await self._search(document)
        calibration = self.further.get(query.model.sha256, self.calibration)
        ranking = await asyncio.to_thread(rank, query, hits, calibration)
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

    async def _search(self, document: EmbeddedCaseDocument) -> tuple[Query, list[Hit]]:
        """Search with the vectors of the model in which the knowledge is embedded."""
        models = models_of(document)
        model = await self.index.model(models)
        while True:
            query = query_of(in_model(document, model))
            hits = await self.index.search(query)
            searched_with, model = model, await self.index.model(models)
            if model == searched_with:  # else the index was switched in between
                return query, hits

    async def shaken(self, suggestion: Resting, reach: Reach) -> bool:
        """Whether a passage that the suggestion rests on is gone, or says something else."""
        cited = suggestion.passages
        return bool(cited and await self.index.gone(reach, cited))

    async def contexts_resting_on(
        self, document: DocumentRef, tenant: str | None = None
    ) -> AsyncIterator[RetrievedContext]:
        """Search again for the case documents, of `tenant` if given, that this change shakes.

        The index is asked once for all cases that see the same of `document`: when all knowledge
        is replayed, every suggestion is looked at.
        """
        for alike in seeing_alike(await self.ledger.affected(document, tenant)):
            gone = await self.index.gone(alike[0].reach, cited_of(document, alike))
            for affected in alike:
                shaken = [each for each in affected.suggestions if each.passages & gone]
                if shaken:
                    context = await self.context_again(affected.reach, shaken)
                    if context is not None:
                        yield context

    async def context_again(
        self, reach: Reach, shaken: Sequence[Resting]
    ) -> RetrievedContext | None:
        """Search again for the document of `reach`; none where it was forgotten meanwhile."""
        document = await self.ledger.recall(reach.case, reach.document_id)
        return None if document is None else await self.context(document, shaken)


def seeing_alike(affected: Iterable[Affected]) -> Collection[Sequence[Affected]]:
    """Those together that see the same of the knowledge base; what only a case sees aside."""
    alike: dict[tuple[object, ...], list[Affected]] = defaultdict(list)
    for each in affected:
        alike[each.reach.tenants, each.reach.on, each.reach.sensitivity].append(each)
    return alike.values()


def cited_of(document: DocumentRef, affected: Iterable[Affected]) -> frozenset[PassageRef]:
    """The passages of `document` that any of these suggestions cites."""
    return frozenset(
        passage
        for each in affected
        for suggestion in each.suggestions
        for passage in suggestion.passages
        if passage.document == document
    )
