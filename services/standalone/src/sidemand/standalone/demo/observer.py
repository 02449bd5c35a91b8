"""Follows every topic from outside and keeps what the demo shows and counts."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self
from uuid import UUID

from sidemand.bus import BusSettings, Rejected
from sidemand.bus.decoding import Record, decode
from sidemand.bus.reader import RecordReader
from sidemand.client import CaseEventRefused, SuggestionChanged
from sidemand.schemas import topics
from sidemand.schemas.casework import (
    CaseContext,
    EmbeddedCaseDocument,
    RedactedCaseDocument,
    RetrievedContext,
    Suggestion,
    SuggestionDrafted,
)
from sidemand.schemas.identity import SHARED_TENANT, CaseRef, Payload
from sidemand.schemas.kafka_topics import dead_letters
from sidemand.schemas.knowledge import KnowledgeEmbedded, KnowledgeIndexed
from sidemand.storage import ClaimStore, Objects


@dataclass
class Seen:
    """What passed over Kafka."""

    changed: list[SuggestionChanged] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)
    refused: list[CaseEventRefused] = field(default_factory=list)
    drafted: list[Suggestion] = field(default_factory=list)
    redacted: dict[UUID, RedactedCaseDocument] = field(default_factory=dict)
    """The case documents as the services behind the gate have them, by document id."""
    behind_gate: dict[CaseRef, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Every text of a case on a topic behind the gate."""
    texts: dict[tuple[str, int], str] = field(default_factory=dict)
    """Texts that can be quoted, by document key and version."""
    passages: dict[str, int] = field(default_factory=dict)
    """Passages of the newest version of each document, by document key."""
    dead_letters: Counter[str] = field(default_factory=Counter)
    """By code."""

    def quotes_verbatim(self) -> tuple[int, int]:
        """How many quotes of all drafts stand verbatim in their source, and how many there are.

        A quote of the case's own document is looked up in that document.
        """
        citations = [
            citation
            for suggestion in self.drafted
            for statement in suggestion.statements
            for citation in statement.citations
        ]
        verbatim = sum(
            self._source(citation.document.key, citation.document.document_id, citation.version)[
                citation.start : citation.end
            ]
            == citation.quote
            for citation in citations
        )
        return verbatim, len(citations)

    def _source(self, key: str, document_id: str, version: int) -> str:
        with suppress(ValueError, KeyError):
            return self.redacted[UUID(document_id)].text
        return self.texts.get((key, version), "")


class Observer:
    """Reads along, from entering to leaving `async with`."""

    def __init__(self, bus: BusSettings, tenants: Sequence[str]) -> None:
        letters = [name for topic in topics.ALL for name in dead_letters(topic)]
        self._events = RecordReader(bus, sorted(set(_read(tenants))), "earliest")
        self._letters = RecordReader(bus, letters, "earliest")
        self._claims = ClaimStore(Objects.at(bus.objects))
        self._changed = asyncio.Condition()
        self._reading: list[asyncio.Task[None]] = []
        self.seen = Seen()

    async def __aenter__(self) -> Self:
        for reader in (self._events, self._letters):
            await reader.__aenter__()
            self._reading.append(asyncio.create_task(self._follow(reader)))
        return self

    async def __aexit__(self, *_: object) -> None:
        for reading in self._reading:
            reading.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)
        for reader in (self._events, self._letters):
            await reader.__aexit__()

    async def until(self, condition: Callable[[Seen], bool], seconds: float) -> bool:
        """Wait until `condition` holds; False where it does not within `seconds`."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: condition(self.seen))
        except TimeoutError:
            return False
        return True

    async def _follow(self, reader: RecordReader) -> None:
        async for record in reader:
            await self._note(record)
            async with self._changed:
                self._changed.notify_all()

    async def _note(self, record: Record) -> None:
        if record.topic.endswith(".dlq"):
            code = dict(record.headers).get("dlq-code", b"")
            self.seen.dead_letters[code.decode()] += 1
            return
        topic = topics.find(record.topic)
        if topic is None:
            return
        event = await decode(record, topic, self._claims)
        if not isinstance(event, Rejected):
            self._keep(event.data)

    def _keep(self, data: Payload) -> None:
        seen = self.seen
        match data:
            case SuggestionChanged():
                seen.changed.append(data)
                if data.suggestion.state == "created":
                    waited = datetime.now(UTC) - data.published_at
                    seen.latencies_ms.append(waited.total_seconds() * 1000)
            case CaseEventRefused():
                seen.refused.append(data)
            case SuggestionDrafted():
                seen.drafted.append(data.suggestion)
                seen.behind_gate[data.case] += _statements(data.suggestion)
            case RedactedCaseDocument():
                seen.redacted[data.document_id] = data
                seen.behind_gate[data.case] += _texts(data)
            case EmbeddedCaseDocument():
                queries = [query.text for query in data.queries]
                own = [each.passage.text for each in data.passages]
                seen.behind_gate[data.case] += [*_texts(data), *queries, *own]
            case RetrievedContext():
                seen.behind_gate[data.case] += _texts(data)
            case KnowledgeEmbedded():
                seen.texts[data.key, data.version] = data.text
            case KnowledgeIndexed():
                self._count_passages(data)
            case _:
                pass

    def _count_passages(self, receipt: KnowledgeIndexed) -> None:
        if receipt.outcome == "indexed":
            self.seen.passages[receipt.key] = receipt.passages
        elif receipt.outcome == "removed":
            self.seen.passages.pop(receipt.key, None)


_READ = (
    topics.CASE_EVENT_REFUSED,
    topics.CASE_DOCUMENT_REDACTED,
    topics.CASE_DOCUMENT_EMBEDDED,
    topics.CONTEXT_RETRIEVED,
    topics.SUGGESTION_DRAFTED,
    topics.SUGGESTION_CHANGED,
    topics.KNOWLEDGE_EMBEDDED,
    topics.KNOWLEDGE_INDEXED,
)
"""What comes out, and all that stands behind the gate."""


def _read(tenants: Sequence[str]) -> Iterator[str]:
    for topic in _READ:
        for tenant in tenants:
            if topic.lane == "knowledge" or tenant != SHARED_TENANT:
                yield topic.of(tenant)


def _texts(context: CaseContext) -> list[str]:
    return [context.title, context.text]


def _statements(suggestion: Suggestion) -> list[str]:
    return [statement.text for statement in suggestion.statements]
