"""What the service does: persons become tokens on the way in, tokens persons on the way out."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from sidemand.bus.errors import Poison
from sidemand.redaction.entities import party_entity
from sidemand.redaction.finding import Unredactable
from sidemand.redaction.handling import KEEP_ALL, TenantHandling
from sidemand.redaction.knowledge import LAW, LawReader, masks
from sidemand.redaction.known_addresses import beside, candidates
from sidemand.redaction.ports import CaseForgotten, Redactor, Vault
from sidemand.redaction.redacting import FoundTexts, find_together, headings_of, moved_sections
from sidemand.redaction.restore import UnknownToken, restore, tokens_of
from sidemand.redaction.rewriting import rewrite
from sidemand.schemas.casework import (
    Abstention,
    CaseErased,
    ErasureConfirmed,
    FeedbackRedacted,
    RedactedCaseDocument,
    RedactedParty,
    Statement,
    SuggestionDrafted,
)
from sidemand.schemas.governance import AccessRecorded
from sidemand.schemas.identity import CaseRef
from sidemand.schemas.knowledge import KnowledgeIndexed, KnowledgeIngested, KnowledgeRedacted
from sidemand.schemas.raw import CaseDocument, FeedbackGiven, Party, SuggestionChanged

SERVICE: Final = "redaction"

_REFUSED: Final = {
    "text_too_long": "Dokumentet er for langt til at blive læst sikkert. Del det op i flere.",
    "script_unknown": "Dokumentet er ikke skrevet med latinske bogstaver og kan ikke læses.",
}
_UNREADABLE: Final = "Dokumentet kan ikke læses sikkert. Kontrollér teksten, og udgiv det igen."
_NOBODY_KNOWN: Final = Abstention(
    code="no_proof",
    reason="Forslaget henviste til personer eller oplysninger, som ikke findes i sagen.",
)


async def redact_document(
    document: CaseDocument,
    redactor: Redactor,
    vault: Vault,
    handling: Mapping[str, TenantHandling] = KEEP_ALL,
) -> RedactedCaseDocument | None:
    """Replace the personal data in `document` with tokens that only the vault can undo.

    `handling` says for each tenant what is done with special categories that `redactor` finds.

    A document of an erased case is dropped.
    """
    headings = headings_of(document.sections)
    texts = (document.title, document.text, *headings)
    found = (await _find(redactor, texts, document.parties)).handled(
        handling.get(document.case.tenant, {})
    )
    entities = [party_entity(party) for party in document.parties]
    try:
        tokens = await vault.tokens(document.case, found.entities | set(entities))
    except CaseForgotten:
        return None
    title, text, *new_headings = found.with_tokens(tokens)
    renamed = dict(zip(headings, (h.text for h in new_headings), strict=True))
    return RedactedCaseDocument(
        **document.model_dump(include=set(_CARRIED)),
        title=title.text,
        text=text.text,
        sections=moved_sections(document.sections, text, renamed),
        parties=tuple(
            RedactedParty(role=party.role, token=str(tokens[entity]))
            for party, entity in zip(document.parties, entities, strict=True)
        ),
    )


_CARRIED: Final = (
    "case",
    "document_id",
    "facts",
    "kind",
    "occurred_at",
    "published_at",
    "purpose",
    "legal_basis",
    "requests",
)


async def restore_suggestion(
    drafted: SuggestionDrafted, vault: Vault
) -> Sequence[SuggestionChanged | AccessRecorded]:
    """Turn the tokens of a suggestion back, for its own case only, and record that it was done.

    A statement with a token that the case does not know is dropped and counted. A suggestion for
    an erased case is dropped as a whole.
    """
    suggestion = drafted.suggestion
    wanted = {token for s in suggestion.statements for token in tokens_of(s.text)}
    try:
        values = await vault.values(drafted.case, wanted)
    except CaseForgotten:
        return ()
    kept: list[Statement] = []
    for statement in suggestion.statements:
        try:
            text = restore(statement.text, values)
        except UnknownToken:
            continue
        kept.append(statement.model_copy(update={"text": text}))
    dropped = len(suggestion.statements) - len(kept)
    changes: dict[str, object] = {"statements": tuple(kept)}
    if dropped and not kept:
        changes["abstention"] = _NOBODY_KNOWN
    changed = SuggestionChanged(
        case=drafted.case,
        suggestion=suggestion.model_copy(update=changes),
        dropped_statements=dropped,
        published_at=drafted.published_at,
    )
    return (changed, _access(drafted, len(values))) if values else (changed,)


def _access(drafted: SuggestionDrafted, tokens: int) -> AccessRecorded:
    return AccessRecorded(
        case=drafted.case,
        actor=f"sidemand/{SERVICE}",
        action="restored",
        purpose=f"Forslag til sagsbehandleren ({drafted.suggestion.kind})",
        tokens=tokens,
        recorded_at=datetime.now(UTC),
    )


async def redact_feedback(
    feedback: FeedbackGiven,
    redactor: Redactor,
    vault: Vault,
    handling: Mapping[str, TenantHandling] = KEEP_ALL,
) -> FeedbackRedacted | None:
    """Replace the personal data in a comment; persons whom the case knows are certain."""
    try:
        names = await vault.names(feedback.case)
        known = [Party(role="other", name=name[:200]) for name in names if name]
        found = (await _find(redactor, (feedback.comment,), known)).handled(
            handling.get(feedback.case.tenant, {})
        )
        found = await _with_known_addresses(found, feedback.case, vault)
        tokens = await vault.tokens(feedback.case, found.entities)
    except CaseForgotten:
        return None
    (comment,) = found.with_tokens(tokens)
    return FeedbackRedacted(
        **feedback.model_dump(exclude={"comment"}),
        comment=comment.text,
    )


async def _with_known_addresses(found: FoundTexts, case: CaseRef, vault: Vault) -> FoundTexts:
    """`found` in a comment, and the addresses that the case knows, protected ones too."""
    (comment,), (mentions,) = found.texts, found.mentions
    possible = candidates(comment)
    known = await vault.known(case, {mention.entity for mention in possible})
    return replace(found, mentions=(tuple(beside(mentions, possible, known)),))


async def mask_knowledge(
    document: KnowledgeIngested, redactor: Redactor
) -> KnowledgeRedacted | KnowledgeIndexed:
    """Mask private persons in `document` for good, or refuse it with a receipt that says why."""
    headings = headings_of(document.sections)
    texts = (document.text, document.title, *headings, *document.asked_as)
    reader = LawReader() if document.kind in LAW else redactor
    try:
        found = await asyncio.to_thread(find_together, reader, texts, ())
    except Unredactable as error:
        return _refusal(document, error.code)
    places = [list(masks(mentions, document.kind)) for mentions in found.mentions]
    text, title, *rest = map(rewrite, found.texts, places)
    renamed = dict(zip(headings, (r.text for r in rest[: len(headings)]), strict=True))
    return KnowledgeRedacted(
        **document.model_dump(exclude={"text", "title", "sections", "asked_as"}),
        text=text.text,
        title=title.text[:500],
        sections=moved_sections(document.sections, text, renamed),
        asked_as=tuple(question.text[:500] for question in rest[len(headings) :]),
        masked=sum(map(len, places)),
    )


def _refusal(document: KnowledgeIngested, code: str) -> KnowledgeIndexed:
    return KnowledgeIndexed(
        document=document.document,
        version=document.version,
        outcome="refused",
        reason=_REFUSED.get(code, _UNREADABLE),
        published_at=document.published_at,
        settled_at=datetime.now(UTC),
    )


async def erase_case(erased: CaseErased, vault: Vault) -> ErasureConfirmed:
    """Destroy the case's key and values, and confirm it."""
    count = await vault.erase(erased.case)
    return ErasureConfirmed(
        case=erased.case, service=SERVICE, erased=count, confirmed_at=datetime.now(UTC)
    )


async def _find(redactor: Redactor, texts: Sequence[str], parties: Sequence[Party]) -> FoundTexts:
    """In a thread: heartbeats share the loop. What cannot be read goes to the dead letters."""
    try:
        return await asyncio.to_thread(find_together, redactor, texts, parties)
    except Unredactable as error:
        raise Poison(error.code, "the text cannot be redacted safely") from None
