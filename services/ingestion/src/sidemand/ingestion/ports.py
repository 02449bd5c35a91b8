"""What ingestion needs from outside. Nothing here may block the event loop."""

from datetime import datetime
from typing import Protocol

from sidemand.ingestion.deliveries import Delivery, Verdict
from sidemand.schemas.identity import CaseRef
from sidemand.schemas.text import ContentRef


class Ledger(Protocol):
    """Remembers which events came, and which cases are erased. Outlives the process."""

    async def remember(self, delivery: Delivery) -> Verdict:
        """Keep the event's source, id and hash, and say what it is; all at once or not at all.

        Ids are unique within tenant and source. Raises `Transient`.
        """
        ...

    async def erase(self, case: CaseRef) -> int:
        """Forget the case's events and remember that it is gone; say how many events went.

        Repeating it is harmless. Only a hash of the case stays. Raises `Transient`.
        """
        ...

    async def forget(self, before: datetime, most: int) -> int:
        """Forget up to `most` events that were let through last before `before`; say how many.

        What another transaction works on is left for the next call. An erased case stays erased.
        Raises `Transient`.
        """
        ...


class Files(Protocol):
    """The files that events point to, in the object store."""

    async def read(self, ref: ContentRef) -> bytes:
        """The file, verified. Raises `UnreadableError` (`missing`, `damaged`), `Transient`."""
        ...

    async def erase(self, case: CaseRef) -> int:
        """Delete the case's files and the bodies of its large events; say how many went.

        Repeating it is harmless. Raises `Transient`.
        """
        ...


class RejectedRecord(Protocol):
    """A record that is no event, as the bus describes it. Nothing in it is personal data."""

    @property
    def tenant(self) -> str | None:
        """The topic's."""

    @property
    def key(self) -> str | None:
        """`tenant|id`, or none where the record's key has another form."""

    @property
    def event_id(self) -> str | None:
        """`ce_id`, where it can be read and is safe to repeat."""

    @property
    def code(self) -> str:
        """Why, for programs."""

    @property
    def detail(self) -> str:
        """Why, in words: fields and rules, never values."""
