"""The one way from a Kafka record to an event. It never raises for what a record holds."""

import re
from dataclasses import dataclass
from typing import Final

from aiokafka import ConsumerRecord
from pydantic import ValidationError
from sidemand.bus import headers
from sidemand.bus.errors import Transient
from sidemand.bus.headers import BadHeaders
from sidemand.schemas.envelope import Event
from sidemand.schemas.identity import DocumentRef, Payload, Tombstone
from sidemand.schemas.knowledge import KnowledgeVersion
from sidemand.schemas.text import ContentRef
from sidemand.schemas.topics import Topic
from sidemand.storage import ClaimStore, outage_raises
from sidemand.storage.claims import claim_path, claims_prefix
from sidemand.storage.errors import ObjectDamaged, ObjectMissing, PathRefused

Record = ConsumerRecord[bytes | None, bytes | None]

_KEY: Final = re.compile(r"[a-z][a-z0-9-]{1,39}\|[a-z0-9][a-z0-9._:-]{0,159}")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that is no event. Nothing in it is personal data."""

    topic: Topic[Payload]
    tenant: str | None
    """The topic's, or the key's."""
    key: str | None
    """None where the record's key is not of the form `tenant|id`."""
    event_id: str | None
    """None where the record has no `ce_id` that is safe to repeat."""
    code: str
    """Why, for programs."""
    detail: str
    """Why, for people."""


class Undecodable(Exception):
    """Why a record is no event. `code` is for programs, `detail` for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


async def decode(
    record: Record, topic: Topic[Payload], claims: ClaimStore
) -> Event[Payload] | Rejected:
    """Make an event of `record`, or say why that cannot be.

    A null body is a deletion (`Tombstone`) where the topic is about documents. Raises `Transient`
    while the object store is away.
    """
    key = _key(record)
    found: dict[str, str] = {}
    try:
        found = headers.read(record.headers)
        tenant = _tenant(record, topic, key, found)
        is_elsewhere = headers.DATAREF in found
        body = await _claimed(record, topic, found, claims) if is_elsewhere else record.value
        data = _data(record, topic, body)
        subject = data.subject
        if data.tenant != tenant:
            raise Undecodable("tenant_mismatch", "the body names another tenant than the topic")
        if f"{tenant}|{subject}" != key:
            raise Undecodable("key_mismatch", f"the record's key is not {topic.keyed_by}'s key")
        envelope = headers.envelope(found, tenant, subject)
    except (BadHeaders, Undecodable) as error:
        return Rejected(
            topic=topic,
            tenant=topic.tenant_of(record.topic) or (key.partition("|")[0] if key else None),
            key=key,
            event_id=_safe_id(found.get("ce_id")),
            code=error.code,
            detail=error.detail,
        )
    return Event(envelope, data, found.get(headers.REPLAY_OF) or position_of(record))


def position_of(record: Record) -> str:
    """Where a record stands: `topic/partition/offset`."""
    return f"{record.topic}/{record.partition}/{record.offset}"


def tenant_of(record: Record) -> bytes:
    """Whose event it is, as the key says it before anything was checked."""
    return (record.key or b"").partition(b"|")[0]


def _key(record: Record) -> str | None:
    try:
        key = (record.key or b"").decode("ascii")
    except UnicodeDecodeError:
        return None
    return key if _KEY.fullmatch(key) else None


def _safe_id(event_id: str | None) -> str | None:
    return event_id if event_id and headers.is_name(event_id) else None


def _tenant(record: Record, topic: Topic[Payload], key: str | None, found: dict[str, str]) -> str:
    """The topic decides whose event it is; the key and a header may only agree."""
    if key is None:
        raise Undecodable("bad_key", f"the record's key is not tenant|{topic.keyed_by}")
    owner = key.partition("|")[0]
    tenant = topic.tenant_of(record.topic) or owner
    if not tenant == owner == found.get("ce_tenant", owner):
        raise Undecodable("tenant_mismatch", "key or ce_tenant name another tenant than the topic")
    if found.get("ce_type", topic.name) != topic.name:
        raise Undecodable("type_mismatch", f"ce_type is not {topic.name}")
    return tenant


def _data(record: Record, topic: Topic[Payload], body: bytes | None) -> Payload:
    if body:
        return _validated(topic, body)
    if body is None and issubclass(topic.payload, KnowledgeVersion):
        tenant, _, document_id = (record.key or b"").decode("ascii").partition("|")
        return Tombstone(document=DocumentRef(tenant=tenant, document_id=document_id))
    raise Undecodable("empty_body", "the record has no body")


async def _claimed(
    record: Record, topic: Topic[Payload], found: dict[str, str], claims: ClaimStore
) -> bytes:
    """Fetch a body from the object store: only the one that this very event put there."""
    tenant, _, subject = (record.key or b"").decode("ascii").partition("|")
    try:
        ref = ContentRef.model_validate_json(found[headers.DATAREF])
        prefix = claims_prefix(topic.name, tenant, subject)
        if ref.uri != claim_path(prefix, found.get("ce_id", ""), ref.sha256):
            raise Undecodable("foreign_body", "ce_dataref names the body of another event")
        with outage_raises(Transient("object store")):
            return await claims.get(ref)
    except (ObjectMissing, ObjectDamaged, PathRefused, ValidationError):
        raise Undecodable(
            "lost_body", "the body in the object store is gone or damaged: publish the event again"
        ) from None


def _validated(topic: Topic[Payload], body: bytes) -> Payload:
    try:
        return topic.payload.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)
        if first[0]["type"] == "json_invalid":
            raise Undecodable("not_json", "the body is no JSON in UTF-8") from None
        raise Undecodable(
            "invalid_payload", "; ".join(_fault(fault) for fault in first[:5])
        ) from None


def _fault(fault: object) -> str:
    """Name field and rule; the contract's rules do not repeat what was sent."""
    assert isinstance(fault, dict)
    where = ".".join(str(part) for part in fault["loc"]) or "the body"
    return f"{where}: {fault['msg']}"
