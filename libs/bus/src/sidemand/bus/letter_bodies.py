"""The body of a dead letter, for a person who may see it. It can be personal data."""

from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError
from sidemand.bus.dead_letters import DeadLetter, printable
from sidemand.bus.decoding import Record
from sidemand.bus.errors import BusError
from sidemand.bus.headers import DATAREF
from sidemand.bus.redriving import read_letter
from sidemand.bus.settings import BusSettings
from sidemand.schemas.text import ContentRef
from sidemand.storage import ClaimStore, Objects
from sidemand.storage.claims import claim_path, claims_prefix
from sidemand.storage.errors import StorageError

_DANISH_OF_OLD: Final = "cp1252"


@dataclass(frozen=True, slots=True)
class Body:
    """What stands in a dead letter."""

    text: str | None
    """Fit for a terminal; none where it is no text, or not there."""
    note: str
    """What there is to say of it; holds nothing of the body."""


async def read_body(settings: BusSettings, letter: DeadLetter, most: int) -> Body:
    """Read the body of `letter`, from the object store where it lies there.

    At most `most` bytes of it become text. Raises `BusError` where Kafka has the letter no more.
    """
    record = await read_letter(settings, letter)
    if record is None:
        raise BusError(f"The letter at {letter.position} is gone: its retention is over.")
    reference = dict(record.headers).get(DATAREF)
    if reference is None:
        return body_of(record.value or b"", most)
    try:
        claimed = await _claimed(
            settings, record, letter, ContentRef.model_validate_json(reference)
        )
    except (StorageError, ValidationError) as error:
        return Body(None, f"the object store does not give it ({type(error).__name__})")
    if claimed is None:
        return Body(None, "not fetched: ce_dataref names the body of another event")
    return body_of(claimed, most)


def body_of(body: bytes, most: int) -> Body:
    """Make text of `body`, at most of its first `most` bytes; what is no text is only measured."""
    if not body:
        return Body(None, "none: it was empty, a deletion, or too large to be kept")
    size = f"{len(body)} bytes" if len(body) <= most else f"the first {most} of {len(body)} bytes"
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        wrong = f"byte 0x{body[error.start]:02X} at {error.start} is no UTF-8"
    else:
        if b"\0" in body:
            return Body(None, f"{len(body)} bytes that are no text")
        return Body(_shown(body[:most].decode("utf-8", "ignore")), size)
    text = body[:most].decode(_DANISH_OF_OLD, "replace")
    if any(each < " " and each not in "\t\r\n" for each in text):
        return Body(None, f"{len(body)} bytes that are no text; {wrong}")
    return Body(_shown(text), f"{size}; {wrong}, so it is read as Windows-1252")


def _shown(text: str) -> str:
    return printable(text.replace("\r\n", "\n"))


async def _claimed(
    settings: BusSettings, record: Record, letter: DeadLetter, reference: ContentRef
) -> bytes | None:
    """The body from the object store; none where the reference leads to another event's."""
    tenant, _, subject = (record.key or b"").decode("utf-8", "replace").partition("|")
    event_id = dict(record.headers).get("ce_id") or b""
    prefix = claims_prefix(letter.topic.name, tenant, subject)
    own = claim_path(prefix, event_id.decode("utf-8", "replace"), reference.sha256)
    if reference.uri != own:
        return None
    return await ClaimStore(Objects.at(settings.objects)).get(reference)
