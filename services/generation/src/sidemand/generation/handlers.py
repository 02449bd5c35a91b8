"""What generation does: passages in, proved suggestions out."""

import asyncio

from sidemand.generation.metrics import DROPPED, FEEDBACK, SUGGESTIONS
from sidemand.generation.ports import Writer
from sidemand.generation.suggestions import (
    Drafting,
    draft_suggestion,
    wanted,
    with_knowledge_only,
)
from sidemand.schemas.casework import FeedbackRedacted, RetrievedContext, SuggestionDrafted
from sidemand.schemas.envelope import Event


async def draft_suggestions(
    event: Event[RetrievedContext], writer: Writer
) -> tuple[SuggestionDrafted, ...]:
    """Draft what the context asks for, one suggestion per kind, each sentence proved.

    Raises `Transient` where the writer is away; then none of them is published.
    """
    context = with_knowledge_only(event.data)
    draftings = await asyncio.gather(
        *(
            draft_suggestion(context, revision, writer, event.envelope.time)
            for revision in wanted(context)
        )
    )
    for drafting in draftings:
        _count(drafting)
    return tuple(
        SuggestionDrafted(
            case=context.case,
            suggestion=drafting.suggestion,
            published_at=context.published_at,
        )
        for drafting in draftings
    )


async def count_feedback(feedback: FeedbackRedacted) -> None:
    """Count the verdict. Its comment is kept nowhere."""
    FEEDBACK.labels(feedback.verdict).inc()


def _count(drafting: Drafting) -> None:
    suggestion = drafting.suggestion
    outcome = suggestion.abstention.code if suggestion.abstention else "answered"
    SUGGESTIONS.labels(suggestion.kind, suggestion.state, outcome).inc()
    for reason, statements in drafting.dropped.items():
        DROPPED.labels(reason).inc(statements)
