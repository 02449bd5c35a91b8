"""Wiring of ingestion."""

from sidemand.bus import BusError, Event, Service, Transient
from sidemand.ingestion import handlers
from sidemand.ingestion.adapters.objects import ObjectFiles
from sidemand.ingestion.adapters.sql import SqlLedger
from sidemand.ingestion.forgetting import Forgetting
from sidemand.ingestion.handlers import Border
from sidemand.ingestion.legal_basis import LegalBasisRegistry
from sidemand.ingestion.registry_file import RegistryError
from sidemand.ingestion.settings import Settings
from sidemand.ingestion.tenants import Tenants
from sidemand.schemas import topics
from sidemand.schemas.casework import CaseErased, CaseEventRefused, ErasureConfirmed
from sidemand.schemas.identity import Tombstone
from sidemand.schemas.knowledge import KnowledgeIndexed, KnowledgeIngested, KnowledgePublished
from sidemand.schemas.raw import CaseDocument, CaseEvent
from sidemand.storage import Objects
from sidemand.storage.errors import StorageError


def build(settings: Settings, border: Border) -> Service:
    """The service behind `border`, not yet running."""
    service = Service("ingestion", settings.bus)

    @service.consumes(
        topics.CASE_EVENT_PUBLISHED,
        publishes=(topics.CASE_DOCUMENT_INGESTED, topics.CASE_EVENT_REFUSED),
        rejects=handlers.refuse_case_record,
    )
    async def on_case_event_published(
        event: Event[CaseEvent],
    ) -> CaseDocument | CaseEventRefused | None:
        return await handlers.accept_case_event(event, border)

    @service.consumes(topics.CASE_ERASED, publishes=topics.ERASURE_CONFIRMED)
    async def on_case_erased(event: Event[CaseErased]) -> ErasureConfirmed:
        return await handlers.forget_case(event, border.ledger, border.files)

    @service.consumes(
        topics.KNOWLEDGE_PUBLISHED,
        publishes=(topics.KNOWLEDGE_INGESTED, topics.KNOWLEDGE_INDEXED),
        rejects=handlers.refuse_knowledge_record,
    )
    async def on_knowledge_published(
        event: Event[KnowledgePublished],
    ) -> KnowledgeIngested | KnowledgeIndexed:
        return await handlers.accept_knowledge(event, border)

    @service.deletes(topics.KNOWLEDGE_PUBLISHED, publishes=topics.KNOWLEDGE_INGESTED)
    async def on_knowledge_deleted(event: Event[Tombstone]) -> Tombstone:
        return event.data

    return service


def create(settings: Settings | None = None) -> Service:
    """The service as `settings`, or else the environment, describe it. Raises `BusError`."""
    settings = settings or Settings()
    try:
        tenants = Tenants.load(settings.tenants)
        legal_basis = LegalBasisRegistry.load(settings.legal_basis, tenants)
        ledger = SqlLedger(settings.ledger)
        files = ObjectFiles(Objects.at(settings.bus.objects))
        service = build(settings, Border(tenants, legal_basis, ledger, files))
    except (RegistryError, StorageError) as error:
        raise BusError(str(error)) from None
    service.on_start(lambda: _open(ledger))
    service.on_stop(ledger.close)
    Forgetting(ledger).live_with(service)
    return service


async def _open(ledger: SqlLedger) -> None:
    try:
        await ledger.open()
    except Transient:
        raise BusError(
            "The ledger's database does not answer. Start it, or let INGESTION_LEDGER name another."
        ) from None
