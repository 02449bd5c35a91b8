"""The vendor's way in: one object that publishes, asks, follows, loads and erases."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Self, TypeVar

from pydantic import ValidationError
from sidemand.bus import BusSettings, Publisher, Reader
from sidemand.bus.provisioning import partition_counts
from sidemand.client.answering import Answer, Waiting
from sidemand.client.errors import ClientError
from sidemand.client.following import Following, Since
from sidemand.client.knowledge.source import Skipped
from sidemand.client.load_report import LoadReport, Progress
from sidemand.client.loading import Load, LoadTerms
from sidemand.client.publishing import publish
from sidemand.client.tenants import check_slug, check_source, check_topic
from sidemand.schemas import topics
from sidemand.schemas.casework import CaseErased, CaseEventRefused, ErasureConfirmed, Verdict
from sidemand.schemas.envelope import Envelope
from sidemand.schemas.identity import (
    CasePayload,
    CaseRef,
    DocumentPayload,
    DocumentRef,
    Payload,
    Tombstone,
)
from sidemand.schemas.knowledge import KnowledgeIndexed, KnowledgePublished
from sidemand.schemas.raw import CaseEvent, FeedbackGiven, SuggestionChanged
from sidemand.schemas.topics import Topic

P = TypeVar("P", bound=CasePayload | DocumentPayload)


class Sidemand:
    """A connection of one case system to Sidemand, for one tenant. Open it with `async with`.

    Everything here raises `ClientError` or `BusError`, whose texts are sentences for an operator.
    """

    def __init__(self, settings: BusSettings, *, tenant: str, source: str) -> None:
        """`source` names the case system; with it and a case number, cases get their ids."""
        check_slug(tenant)
        check_source(source)
        self.tenant = tenant
        self.source = source
        self._settings = settings
        self._publisher = Publisher(settings, source)
        self._existing: frozenset[str] = frozenset()

    async def __aenter__(self) -> Self:
        self._existing = frozenset(await partition_counts(self._settings))
        check_topic(topics.KNOWLEDGE_PUBLISHED, self.tenant, self._existing)
        await self._publisher.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._publisher.stop()

    def case(self, number: str) -> CaseRef:
        """Name the case that has this number in the case system; always the same for the same."""
        return CaseRef.of_number(self.tenant, self.source, number)

    async def publish(self, event: CaseEvent, *, event_id: str | None = None) -> Envelope:
        """Publish what happened in a case, and return when Kafka has it.

        `event_id` is the case system's own id: the same again is a redelivery and counts once.
        """
        return await self._publish(topics.CASE_EVENT_PUBLISHED, event, event_id)

    async def ask(
        self, event: CaseEvent, *, event_id: str | None = None, patience: float = 30.0
    ) -> Answer:
        """Publish, and wait up to `patience` seconds until everything asked for is answered.

        An event that came before under the same id is answered once, so not now.
        """
        async with self.suggestions() as suggestions, self.refusals() as refusals:
            envelope = await self.publish(event, event_id=event_id)
            return await Waiting(event, envelope).answer(suggestions, refusals, patience)

    def suggestions(
        self, case: CaseRef | None = None, *, since: Since = "latest"
    ) -> Following[SuggestionChanged]:
        """Follow suggestions: created, updated and withdrawn."""
        return self._follow(topics.SUGGESTION_CHANGED, case, since)

    def refusals(
        self, case: CaseRef | None = None, *, since: Since = "latest"
    ) -> Following[CaseEventRefused]:
        """Follow the case events that were not accepted."""
        return self._follow(topics.CASE_EVENT_REFUSED, case, since)

    def receipts(self, *, since: Since = "latest") -> Following[KnowledgeIndexed]:
        """Follow what becomes of the tenant's knowledge."""
        return self._follow(topics.KNOWLEDGE_INDEXED, None, since)

    async def give_feedback(
        self, changed: SuggestionChanged, verdict: Verdict, comment: str = ""
    ) -> Envelope:
        """Say what the caseworker made of a suggestion."""
        feedback = FeedbackGiven(
            case=changed.case,
            suggestion_id=changed.suggestion.suggestion_id,
            revision=changed.suggestion.revision,
            verdict=verdict,
            comment=comment,
            given_at=datetime.now(UTC),
        )
        return await self._publish(topics.FEEDBACK_GIVEN, feedback)

    async def erase_case(
        self, case: CaseRef, reason: str = "", *, patience: float = 60.0
    ) -> tuple[ErasureConfirmed, ...]:
        """Have a case forgotten for good, and wait until every service with state confirms it.

        `reason` holds no personal data. Raises `ClientError` naming the services that did not
        confirm within `patience` seconds; the erasure stands, and they confirm later.
        """
        confirmed: dict[str, ErasureConfirmed] = {}

        async def all_confirm(following: Following[ErasureConfirmed]) -> None:
            async for each in following:
                confirmed[each.service] = each
                if confirmed.keys() >= set(topics.STATEFUL):
                    return

        async with self._follow(topics.ERASURE_CONFIRMED, case, "latest") as following:
            erased = CaseErased(case=case, reason=reason, erased_at=datetime.now(UTC))
            await self._publish(topics.CASE_ERASED, erased)
            try:
                async with asyncio.timeout(patience):
                    await all_confirm(following)
            except TimeoutError:
                missing = ", ".join(sorted(set(topics.STATEFUL) - confirmed.keys()))
                raise ClientError(
                    f"{missing} did not confirm the erasure within {patience:g} seconds. It "
                    "stands, and is carried out when they run: see whether they do."
                ) from None
        return tuple(confirmed.values())

    async def load(
        self,
        documents: Iterable[KnowledgePublished | Skipped],
        *,
        progress: Callable[[Progress], None] | None = None,
        patience: float = 60.0,
    ) -> LoadReport:
        """Publish knowledge and wait for its receipts: when this returns, it can be found.

        Each document goes to its own tenant. Raises `ClientError` when no receipt comes for
        `patience` seconds.
        """
        terms = LoadTerms(self._settings, self._existing, patience, progress)
        return await Load(terms, self._publisher).run(documents)

    async def delete_document(
        self, document_id: str, *, patience: float = 30.0
    ) -> KnowledgeIndexed:
        """Delete a document of the tenant, and wait until it cannot be found any more."""
        try:
            document = DocumentRef(tenant=self.tenant, document_id=document_id)
        except ValidationError:
            raise ClientError(
                "The document id is not written as ids are: small letters a to z, digits "
                "and . _ : -, such as partshoering."
            ) from None
        async with self.receipts() as receipts:
            await self._publish(topics.KNOWLEDGE_PUBLISHED, Tombstone(document=document))
            try:
                async with asyncio.timeout(patience):
                    async for receipt in receipts:
                        if receipt.document == document and receipt.outcome == "removed":
                            return receipt
            except TimeoutError:
                pass
        raise ClientError(
            f"The deletion is published, and no receipt came within {patience:g} seconds: see "
            "whether all five services run. It is carried out when they do."
        )

    async def _publish(
        self, topic: Topic[Payload], payload: Payload, event_id: str | None = None
    ) -> Envelope:
        if payload.tenant != self.tenant:
            raise ClientError(
                f"The event belongs to {payload.tenant}, and this connection to {self.tenant}: "
                "open one for each tenant."
            )
        check_topic(topic, self.tenant, self._existing)
        return await publish(self._publisher, topic, payload, event_id)

    def _follow(self, topic: Topic[P], case: CaseRef | None, since: Since) -> Following[P]:
        check_topic(topic, self.tenant, self._existing)
        return Following(Reader(self._settings, topic, self.tenant, since), case)
