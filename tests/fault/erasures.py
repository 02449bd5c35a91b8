"""Cases that are erased while their events are on the way, and what services say they forgot."""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sidemand.bus import BusSettings, Publisher
from sidemand.bus.decoding import Record
from sidemand.schemas import topics
from sidemand.schemas.casework import CaseErased
from sidemand.schemas.envelope import cause_id
from sidemand.schemas.identity import CaseRef

from .onlooker import Onlooker


@dataclass
class Erasures:
    """Follows the confirmations of every erasure."""

    bus: BusSettings
    tenants: Sequence[str]
    confirmed: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """By the erasure's event: how many records each service removed."""

    def __post_init__(self) -> None:
        names = [topics.ERASURE_CONFIRMED.of(tenant) for tenant in self.tenants]
        onlooker = Onlooker(self.bus, names, self._see)
        self.catch_up, self.close = onlooker.catch_up, onlooker.close

    async def erase(self, case: CaseRef, publisher: Publisher) -> str:
        """Publish an erasure; its name among the confirmations."""
        erased = CaseErased(case=case, erased_at=datetime.now(UTC))
        envelope = await publisher.publish(topics.CASE_ERASED, erased, event_id=str(uuid.uuid4()))
        return cause_id(envelope.source, envelope.id)

    def missing(self, erasure: str) -> set[str]:
        """The services with state that did not say yet that they have forgotten the case."""
        return set(topics.STATEFUL) - self.confirmed[erasure].keys()

    def left_over(self, erasures: Sequence[str]) -> Iterator[str]:
        """What a further erasure of the same cases still found: came back, or was never gone."""
        for erasure in erasures:
            for service, count in self.confirmed[erasure].items():
                if count:
                    yield f"{service}: {count} records of an erased case"

    def _see(self, record: Record) -> None:
        headers = {name: (value or b"").decode() for name, value in record.headers}
        body = json.loads(record.value or b"{}")
        found = self.confirmed[headers["ce_causationid"]]
        found.setdefault(body["service"], body["erased"])
