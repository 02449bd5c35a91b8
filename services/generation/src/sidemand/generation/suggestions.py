"""Suggestions: one per kind that is asked for, or per earlier one whose knowledge changed."""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sidemand.generation.ports import Writer, WriterRefused, WritingTask
from sidemand.generation.proof import DropReason, Proof, prove
from sidemand.generation.record import making_record
from sidemand.schemas.casework import (
    CASE_DOCUMENT,
    Abstention,
    RetrievedContext,
    Suggestion,
    SuggestionKind,
    SuggestionRef,
)

_SUGGESTIONS: Final = uuid.UUID("5c0a2a0d-4a0f-5f0e-9c63-1b6f0e3d7a42")

NO_SOURCES: Final = (
    "Kilderne indeholder ikke svaret: Ingen kilde i videnbasen handler om det, der spørges om."
)
NO_PROOF: Final = (
    "Kilderne indeholder ikke svaret: De nærmeste kilder blev læst, men intet udsagn kunne "
    "underbygges med et citat fra dem."
)
WRITER_REFUSED: Final = (
    "Sprogmodellen kunne ikke skrive et forslag til dette dokument. Kilderne kan stadig "
    "indeholde svaret."
)
WITHDRAWN: Final = (
    "Den viden, som forslaget byggede på, er ændret eller fjernet, og forslaget kan ikke længere "
    "underbygges. Se bort fra det tidligere forslag."
)


@dataclass(frozen=True, slots=True)
class Drafting:
    """A suggestion and what was left out of it."""

    suggestion: Suggestion
    dropped: Counter[DropReason]
    """Statements that could not be proved, by reason."""


@dataclass(frozen=True, slots=True)
class _Result:
    """What came of writing: proved statements, or why there are none."""

    proof: Proof
    abstention: Abstention | None = None


def wanted(context: RetrievedContext) -> Iterator[SuggestionRef]:
    """The revisions that `context` calls for, each with the number it will carry.

    A case event calls for the first revision of each requested kind. A change of knowledge calls
    for the next revision of each suggestion that rests on it.
    """
    if context.reason == "knowledge_changed":
        for earlier in context.replaces:
            yield earlier.model_copy(update={"revision": earlier.revision + 1})
        return
    for kind in dict.fromkeys(context.requests):
        yield SuggestionRef(suggestion_id=suggestion_id(context, kind), kind=kind, revision=1)


def suggestion_id(context: RetrievedContext, kind: SuggestionKind) -> uuid.UUID:
    """Name the suggestion of `kind` on a case document: the same at every redelivery."""
    return uuid.uuid5(_SUGGESTIONS, f"{context.case.key}|{context.document_id}|{kind}")


async def draft_suggestion(
    context: RetrievedContext, revision: SuggestionRef, writer: Writer, made_at: datetime
) -> Drafting:
    """Write `revision`, keep what can be proved, and abstain or withdraw where nothing can.

    Every passage of `context` may be quoted: see `with_knowledge_only`.
    """
    result = await _write(WritingTask(context, revision.kind), writer)
    suggestion = Suggestion(
        suggestion_id=revision.suggestion_id,
        revision=revision.revision,
        state="created",
        kind=revision.kind,
        document_id=context.document_id,
        statements=result.proof.statements,
        abstention=result.abstention,
        knowledge_as_of=context.knowledge_as_of,
        record=making_record(writer.identity, context, made_at),
    )
    if context.reason == "knowledge_changed":
        suggestion = _as_revision(suggestion)
    return Drafting(suggestion, result.proof.dropped)


def with_knowledge_only(context: RetrievedContext) -> RetrievedContext:
    """Without the case's own documents: what a party writes is no source for what applies."""
    knowledge = tuple(ranked for ranked in context.passages if ranked.kind != CASE_DOCUMENT)
    return context.model_copy(update={"passages": knowledge})


async def _write(task: WritingTask, writer: Writer) -> _Result:
    nothing = Proof((), Counter())
    if not task.context.passages:
        return _Result(nothing, Abstention(code="no_sources", reason=NO_SOURCES))
    try:
        draft = await writer.write(task)
    except WriterRefused:
        return _Result(nothing, Abstention(code="writer_refused", reason=WRITER_REFUSED))
    proof = prove(draft, task.context)
    if not proof.statements:
        return _Result(proof, Abstention(code="no_proof", reason=NO_PROOF))
    return _Result(proof)


def _as_revision(suggestion: Suggestion) -> Suggestion:
    """The same as the next revision of an earlier suggestion: updated, or withdrawn."""
    if suggestion.statements:
        return suggestion.model_copy(update={"state": "updated"})
    return suggestion.model_copy(
        update={"state": "withdrawn", "abstention": None, "withdrawn_because": WITHDRAWN}
    )
