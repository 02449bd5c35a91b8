"""Files in the object store."""

from typing import Final

from sidemand.bus.errors import Transient
from sidemand.ingestion.readers import UnreadableError
from sidemand.schemas import topics
from sidemand.schemas.identity import CaseRef
from sidemand.schemas.text import ContentRef
from sidemand.storage import Objects, outage_raises
from sidemand.storage.claims import claims_prefix, content_prefix
from sidemand.storage.errors import ObjectDamaged, ObjectMissing, PathRefused

_TOPICS: Final = (topics.CASE_EVENT_PUBLISHED, topics.CASE_DOCUMENT_INGESTED)
"""Those whose large bodies ingestion reads or writes."""


class ObjectFiles:
    """The port `Files` over `sidemand.storage`."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    async def read(self, ref: ContentRef) -> bytes:
        """See the port."""
        try:
            with outage_raises(Transient("object store")):
                return await self._objects.get(ref)
        except ObjectMissing:
            raise UnreadableError("missing") from None
        except ObjectDamaged:
            raise UnreadableError("damaged") from None
        except PathRefused:
            raise UnreadableError("foreign") from None

    async def erase(self, case: CaseRef) -> int:
        """See the port."""
        subject = str(case.case_id)
        prefixes = [claims_prefix(topic.name, case.tenant, subject) for topic in _TOPICS]
        with outage_raises(Transient("object store")):
            return sum(
                [
                    await self._objects.delete_prefix(prefix)
                    for prefix in (content_prefix(case.tenant, subject), *prefixes)
                ]
            )
