"""What retrieval does: keeps the index, answers case documents, watches what suggestions rest on.

Topics are not ordered among each other, so each pair of events that meet has a rule: knowledge is
applied before the suggestions that rest on it are looked up, and a suggestion is noted before its
passages are looked up, so that one of the two sees the other. A case's data goes into the index
before it goes into the ledger, which refuses it once the case is erased; an erasure goes to the
ledger first and then to the index, so that whichever of the two is second there takes it away.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sidemand.retrieval.contexts import Retrieval
from sidemand.retrieval.metrics import ERASED, KNOWLEDGE
from sidemand.retrieval.ports import Applied, CaseForgotten, PassageRef, Resting
from sidemand.schemas.casework import (
    CaseErased,
    EmbeddedCaseDocument,
    ErasureConfirmed,
    RetrievedContext,
    Suggestion,
    SuggestionDrafted,
    SuggestionRef,
)
from sidemand.schemas.envelope import Event
from sidemand.schemas.identity import SHARED_TENANT, CaseRef, DocumentRef, Payload, Tombstone
from sidemand.schemas.knowledge import KnowledgeEmbedded, KnowledgeIndexed


async def index_document(document: KnowledgeEmbedded, retrieval: Retrieval) -> Sequence[Payload]:
    """Take in a version: its receipt, and new contexts for the suggestions that it shakes."""
    return await settle_version(document, await retrieval.index.apply(document), retrieval)


async def settle_version(
    document: KnowledgeEmbedded, applied: Applied, retrieval: Retrieval
) -> Sequence[Payload]:
    """What follows from a version that was applied."""
    KNOWLEDGE.labels(applied.outcome).inc()
    receipt = KnowledgeIndexed(
        document=document.document,
        version=document.version,
        outcome=applied.outcome,
        passages=applied.passages,
        masked=document.masked,
        published_at=document.published_at,
        settled_at=datetime.now(UTC),
    )
    if applied.outcome == "superseded":
        return [receipt]
    return [receipt, *await _shaken_by_version(document, retrieval)]


async def remove_document(event: Event[Tombstone], retrieval: Retrieval) -> Sequence[Payload]:
    """Forget a deleted document: its receipt, and new contexts for what rested on it."""
    await retrieval.index.remove(event.data.document, event.envelope.time)
    return await settle_deletion(event, retrieval)


async def settle_deletion(event: Event[Tombstone], retrieval: Retrieval) -> Sequence[Payload]:
    """What follows from a deletion that was applied."""
    document, deleted_at = event.data.document, event.envelope.time
    KNOWLEDGE.labels("removed").inc()
    receipt = KnowledgeIndexed(
        document=document,
        version=None,
        outcome="removed",
        published_at=deleted_at,
        settled_at=datetime.now(UTC),
    )
    return [receipt, *[each async for each in retrieval.contexts_resting_on(document)]]


async def retrieve_context(
    document: EmbeddedCaseDocument, retrieval: Retrieval
) -> RetrievedContext | None:
    """Answer a case document with ranked passages, and keep it to search again."""
    await retrieval.index.add_case(document)
    try:
        await retrieval.ledger.remember(document)
    except CaseForgotten:
        ERASED.inc()
        await retrieval.index.erase_case(document.case)
        return None
    return await retrieval.context(document)


async def note_suggestion(
    drafted: SuggestionDrafted, retrieval: Retrieval
) -> RetrievedContext | None:
    """Keep what a suggestion rests on; a new context where that is already gone."""
    resting = _resting(drafted.case, drafted.suggestion)
    try:
        reach = await retrieval.ledger.rest(resting)
    except CaseForgotten:
        ERASED.inc()
        return None
    if reach is None or not await retrieval.shaken(resting, reach):
        return None
    return await retrieval.context_again(reach, [resting])


async def forget_case(erased: CaseErased, retrieval: Retrieval) -> ErasureConfirmed:
    """Forget everything of a case, now and whatever of it comes later."""
    noted = await retrieval.ledger.erase(erased.case)
    found = await retrieval.index.erase_case(erased.case)
    return ErasureConfirmed(
        case=erased.case,
        service="retrieval",
        erased=noted + found,
        confirmed_at=datetime.now(UTC),
    )


async def _shaken_by_version(
    document: KnowledgeEmbedded, retrieval: Retrieval
) -> list[RetrievedContext]:
    """Looks at what stands now, so that a redelivery finds what a crash left undone."""
    contexts = [each async for each in retrieval.contexts_resting_on(document.document)]
    if document.overrides is not None:
        overridden = DocumentRef(tenant=SHARED_TENANT, document_id=document.overrides.document_id)
        contexts += [
            each async for each in retrieval.contexts_resting_on(overridden, document.tenant)
        ]
    return contexts


def _resting(case: CaseRef, suggestion: Suggestion) -> Resting:
    return Resting(
        case=case,
        document_id=suggestion.document_id,
        suggestion=SuggestionRef(
            suggestion_id=suggestion.suggestion_id,
            kind=suggestion.kind,
            revision=suggestion.revision,
        ),
        passages=frozenset(
            PassageRef(citation.document, citation.version, citation.passage_id)
            for statement in suggestion.statements
            for citation in statement.citations
        ),
    )
