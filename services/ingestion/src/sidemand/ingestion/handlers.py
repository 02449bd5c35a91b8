"""What ingestion does: it lets in what may come in, as text with sections, and answers the rest."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sidemand.ingestion import refusals
from sidemand.ingestion.content import read_content
from sidemand.ingestion.deliveries import Delivery
from sidemand.ingestion.kle import is_kle
from sidemand.ingestion.legal_basis import LegalBasisRegistry
from sidemand.ingestion.metrics import BORDER
from sidemand.ingestion.ports import Files, Ledger, RejectedRecord
from sidemand.ingestion.readers import ReadText, UnreadableError
from sidemand.ingestion.refusals import Refusal
from sidemand.ingestion.tenants import Tenants
from sidemand.schemas.casework import CaseErased, CaseEventRefused, ErasureConfirmed, LegalBasis
from sidemand.schemas.envelope import Envelope, Event
from sidemand.schemas.identity import CaseRef, DocumentRef
from sidemand.schemas.knowledge import (
    KnowledgeIndexed,
    KnowledgeIngested,
    KnowledgePublished,
    KnowledgeVersion,
)
from sidemand.schemas.raw import CaseDocument, CaseEvent
from sidemand.storage.claims import content_prefix

_UNKNOWN_ID: Final = "ukendt"
_DOCUMENTS: Final = uuid.UUID("3d1c6a52-8f0e-5f7b-9b0a-6c1f2e7d4a90")


@dataclass(frozen=True, slots=True)
class Border:
    """Who may come in, for what, and what came before."""

    tenants: Tenants
    legal_basis: LegalBasisRegistry
    ledger: Ledger
    files: Files


async def accept_case_event(
    event: Event[CaseEvent], border: Border
) -> CaseDocument | CaseEventRefused | None:
    """Let a case event in as a document, or say why not. None for one that is through already.

    It is remembered last: whatever fails before leaves no trace, and the event may come again.
    """
    allowed = _legal_basis(event.data, border)
    if isinstance(allowed, Refusal):
        return _refused(event, allowed)
    try:
        read = await read_content(event.data.content, border.files, _own_files(event))
    except UnreadableError as error:
        return _refused(event, refusals.unreadable(error.fault))
    match await border.ledger.remember(_delivery(event)):
        case "conflict":
            return _refused(event, refusals.CONFLICT)
        case "erased":
            return _refused(event, refusals.ERASED_CASE)
        case "redelivery":
            BORDER.labels("casework", "redelivery").inc()
            return None
        case "new":
            BORDER.labels("casework", "accepted").inc()
            return _document(event, allowed, read)


def refuse_case_record(rejected: RejectedRecord) -> CaseEventRefused | None:
    """Answer a record that is no event, where its key says which case it was about."""
    case = _case_of(rejected)
    if case is None:
        return None
    return _refusal(case, rejected.event_id or _UNKNOWN_ID, refusals.rejection(rejected))


async def forget_case(event: Event[CaseErased], ledger: Ledger, files: Files) -> ErasureConfirmed:
    """Forget a case for good: its events in the ledger, and its files."""
    case = event.data.case
    # The ledger first: from then on nothing new of the case comes in.
    erased = await ledger.erase(case) + await files.erase(case)
    return ErasureConfirmed(
        case=case, service="ingestion", erased=erased, confirmed_at=datetime.now(UTC)
    )


async def accept_knowledge(
    event: Event[KnowledgePublished], border: Border
) -> KnowledgeIngested | KnowledgeIndexed:
    """Let a document of the knowledge base in as text, or say on its receipt why not."""
    document = event.data
    if border.tenants.find(document.tenant) is None:
        return _receipt(document.document, refusals.UNKNOWN_TENANT, event)
    try:
        read = await read_content(document.content, border.files, _own_files(event))
    except UnreadableError as error:
        return _receipt(document.document, refusals.unreadable(error.fault), event)
    BORDER.labels("knowledge", "accepted").inc()
    carried = {name: getattr(document, name) for name in KnowledgeVersion.model_fields}
    return KnowledgeIngested(
        **carried, published_at=event.envelope.time, text=read.text, sections=read.sections
    )


def refuse_knowledge_record(rejected: RejectedRecord) -> KnowledgeIndexed | None:
    """Answer a record that is no document, where its key says which one it was about."""
    if rejected.tenant is None or rejected.key is None:
        return None
    named = rejected.key.partition("|")[2]
    document = DocumentRef(tenant=rejected.tenant, document_id=named)
    return _receipt(document, refusals.rejection(rejected), None)


def _legal_basis(event: CaseEvent, border: Border) -> LegalBasis | Refusal:
    if border.tenants.find(event.tenant) is None:
        return refusals.UNKNOWN_TENANT
    if not is_kle(event.facts.kle):
        return refusals.UNKNOWN_KLE
    listed = border.legal_basis.find(event.tenant, event.facts.kle, event.purpose)
    return listed or refusals.NO_LEGAL_BASIS


def _delivery(event: Event[CaseEvent]) -> Delivery:
    # Only what was sent counts: a field that the contract gets later changes no hash.
    sent = event.data.model_dump(mode="json", exclude_unset=True)
    canonical = json.dumps(sent, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Delivery(
        case=event.data.case,
        source=event.envelope.source,
        event_id=event.envelope.id,
        content_sha256=hashlib.sha256(canonical.encode()).hexdigest(),
        position=event.position,
    )


def _document(event: Event[CaseEvent], legal_basis: LegalBasis, read: ReadText) -> CaseDocument:
    came = event.data
    return CaseDocument(
        case=came.case,
        document_id=_document_id(event.envelope),
        case_number=came.case_number,
        title=came.title,
        facts=came.facts,
        kind=came.kind,
        occurred_at=came.occurred_at,
        published_at=event.envelope.time,
        purpose=came.purpose,
        legal_basis=legal_basis,
        parties=came.parties,
        text=read.text,
        sections=read.sections,
        requests=came.requests,
    )


def _document_id(envelope: Envelope) -> uuid.UUID:
    """The event's id where that is a UUID, else one made from source and id."""
    try:
        return uuid.UUID(envelope.id)
    except ValueError:
        return uuid.uuid5(_DOCUMENTS, f"{envelope.tenant}|{envelope.source}|{envelope.id}")


def _own_files(event: Event[CaseEvent] | Event[KnowledgePublished]) -> str:
    return content_prefix(event.data.tenant, event.data.subject)


def _case_of(rejected: RejectedRecord) -> CaseRef | None:
    """The case in the key, as one of the topic's tenant: no other may get the answer."""
    if rejected.tenant is None or rejected.key is None:
        return None
    try:
        return CaseRef(tenant=rejected.tenant, case_id=uuid.UUID(rejected.key.partition("|")[2]))
    except ValueError:
        return None


def _refused(event: Event[CaseEvent], refusal: Refusal) -> CaseEventRefused:
    return _refusal(event.data.case, event.envelope.id, refusal)


def _refusal(case: CaseRef, event_id: str, refusal: Refusal) -> CaseEventRefused:
    BORDER.labels("casework", refusal.code).inc()
    return CaseEventRefused(
        case=case,
        event_id=event_id,
        code=refusal.code,
        explanation=refusal.explanation,
        remedy=refusal.remedy,
        refused_at=datetime.now(UTC),
    )


def _receipt(
    document: DocumentRef, refusal: Refusal, event: Event[KnowledgePublished] | None
) -> KnowledgeIndexed:
    """A receipt that says that nothing became of it; what cannot be read counts from now."""
    BORDER.labels("knowledge", refusal.code).inc()
    now = datetime.now(UTC)
    return KnowledgeIndexed(
        document=document,
        version=event.data.version if event else None,
        outcome="refused",
        reason=refusal.reason,
        published_at=event.envelope.time if event else now,
        settled_at=now,
    )
