"""Documents whose versions and deletions come in a bad order, and what must become of each."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sidemand.bus import BusSettings, Publisher
from sidemand.bus.decoding import Record
from sidemand.schemas import topics
from sidemand.schemas.identity import SHARED_TENANT, DocumentRef, Tombstone
from sidemand.schemas.knowledge import KnowledgePublished
from sidemand.schemas.text import Content

from .onlooker import Onlooker

Step = int | None
"""A version that is published, or a deletion."""

_NEWEST: Final = 5
_OLDEST: Final = 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a step."""

    version: Step
    outcome: str
    passages: int = 0
    """How many of the document can be found then. A version n has n of them."""


@dataclass
class Library:
    """Publishes documents, and follows their receipts, each id once."""

    bus: BusSettings
    publisher: Publisher
    published: dict[str, list[Step]] = field(default_factory=lambda: defaultdict(list))
    receipts: dict[str, list[Receipt]] = field(default_factory=lambda: defaultdict(list))
    came: int = 0
    """Receipts of any document, those that came again as well."""
    _seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        names = [topics.KNOWLEDGE_INDEXED.of(SHARED_TENANT)]
        onlooker = Onlooker(self.bus, names, self._see)
        self.catch_up, self.close = onlooker.catch_up, onlooker.close

    async def publish(self, document_id: str, step: Step) -> None:
        """Publish a version, or a deletion."""
        self.published[document_id].append(step)
        await self.publisher.publish(topics.KNOWLEDGE_PUBLISHED, _payload(document_id, step))

    async def ask_what_is_there(self) -> None:
        """Publish the oldest version of every document: its receipt says what can be found."""
        for document_id in list(self.published):
            await self.publish(document_id, _OLDEST)

    def unfinished(self) -> Iterator[str]:
        """The documents that lack receipts."""
        for document_id, steps in self.published.items():
            if len(self.receipts[document_id]) < len(steps):
                yield f"{document_id}: {len(self.receipts[document_id])} receipts of {len(steps)}"

    def wrong(self) -> Iterator[str]:
        """The documents whose receipts are not what their steps, in their order, lead to."""
        for document_id, steps in self.published.items():
            if self.receipts[document_id] != list(expected(steps)):
                yield f"{document_id}, {steps}: {self.receipts[document_id]}"

    def _see(self, record: Record) -> None:
        self.came += 1
        headers = {name: (value or b"").decode() for name, value in record.headers}
        if headers["ce_subject"] in self.published and headers["ce_id"] not in self._seen:
            self._seen.add(headers["ce_id"])
            body = json.loads(record.value or b"{}")
            receipt = Receipt(body["version"], body["outcome"], body["passages"])
            self.receipts[headers["ce_subject"]].append(receipt)


def any_step(chance: random.Random) -> Step:
    """Any version, newer or older than what is there, or a deletion."""
    step: Step = chance.choice([None, *range(1, _NEWEST + 1)])
    return step


def expected(steps: Sequence[Step]) -> Iterator[Receipt]:
    """What must become of a document's steps, in their order.

    The highest version stands; after a deletion any may come back.
    """
    standing: Step = None
    for step in steps:
        if step is None:
            standing = None
            yield Receipt(None, "removed")
        elif standing is None or step > standing:
            standing = step
            yield Receipt(step, "indexed", step)
        else:
            yield Receipt(step, "superseded", standing)


def _payload(document_id: str, step: Step) -> KnowledgePublished | Tombstone:
    document = DocumentRef(tenant=SHARED_TENANT, document_id=document_id)
    if step is None:
        return Tombstone(document=document)
    sections = (f"## Hylde {each}\n\nHer står bog {each} af {step}." for each in range(step))
    return KnowledgePublished(
        document=document,
        version=step,
        title="Bøger på hylder",
        valid_from=date(2026, 1, 1),
        content=Content(media_type="text/markdown", text="\n\n".join(sections)),
    )
