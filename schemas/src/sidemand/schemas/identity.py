"""Who owns an event, and what it is about: tenants, cases, documents."""

import uuid
from typing import Annotated, Final, Self

from pydantic import StringConstraints
from sidemand.schemas.model import Model

SHARED_TENANT: Final = "faelles"
"""The tenant whose knowledge every municipality sees."""

Tenant = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
"""A municipality's short slug, such as `storaadal`. It stands in topic names and keys."""

DocumentId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._:-]{0,159}$")]
"""A stable name of a piece of knowledge. It outlives versions, and holds no personal data."""

_CASES: Final = uuid.UUID("6f2f0f56-9d2e-5c1b-8a57-1f6a3d1c7e10")


class CaseRef(Model):
    """A case of a tenant."""

    tenant: Tenant
    """The municipality that the case belongs to."""
    case_id: uuid.UUID
    """Opaque: never a CPR number, a name or a case number."""

    @classmethod
    def of_number(cls, tenant: Tenant, source: str, case_number: str) -> Self:
        """Name the case of a case system that has no UUIDs: made from system and case number."""
        return cls(tenant=tenant, case_id=uuid.uuid5(_CASES, f"{tenant}|{source}|{case_number}"))

    @property
    def key(self) -> str:
        """The Kafka key: events of one case are handled in order."""
        return f"{self.tenant}|{self.case_id}"


class DocumentRef(Model):
    """A piece of knowledge of a tenant: a provision, a guidance document, a decision."""

    tenant: Tenant
    """Its owner: a municipality, or `faelles` for what all share."""
    document_id: DocumentId
    """Stable over versions."""

    @property
    def key(self) -> str:
        """The Kafka key: versions of one document are handled in order."""
        return f"{self.tenant}|{self.document_id}"


class CasePayload(Model):
    """A payload that belongs to one case."""

    case: CaseRef
    """The case that this is about; it makes the Kafka key."""

    @property
    def tenant(self) -> str:
        """The municipality that the payload belongs to."""
        return self.case.tenant

    @property
    def subject(self) -> str:
        """What the event is about, in the words of CloudEvents: the case."""
        return str(self.case.case_id)

    @property
    def key(self) -> str:
        """The Kafka key."""
        return self.case.key


class DocumentPayload(Model):
    """A payload that belongs to one piece of knowledge."""

    document: DocumentRef
    """The document that this is about; it makes the Kafka key."""

    @property
    def tenant(self) -> str:
        """The owner of the document."""
        return self.document.tenant

    @property
    def subject(self) -> str:
        """What the event is about, in the words of CloudEvents: the document."""
        return self.document.document_id

    @property
    def key(self) -> str:
        """The Kafka key."""
        return self.document.key


class Tombstone(DocumentPayload):
    """A deleted document. On the wire it is a null value under the document's key."""


Payload = CasePayload | DocumentPayload
"""What an event can carry."""
