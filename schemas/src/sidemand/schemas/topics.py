"""Every topic of Sidemand, declared once.

JSON Schemas, AsyncAPI, the topic files for Kafka and `docs/events.md` are generated from here
(`python -m sidemand.schemas.generate`).
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, Literal, TypeVar

from sidemand.schemas import casework, governance, knowledge, raw
from sidemand.schemas.identity import CasePayload, Payload

P_co = TypeVar("P_co", bound=Payload, covariant=True)

Holds = Literal["raw", "tokens", "masked", "public", "none"]
"""Personal data in a topic: as it is, as tokens, masked for good, published anyway, or none."""

STATEFUL: Final = ("ingestion", "redaction", "retrieval")
"""Services that remember something of a case, and so must forget it."""

_TENANT = r"[a-z][a-z0-9-]{1,39}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic(Generic[P_co]):
    """One topic. An edge topic exists once per tenant, with the tenant before its name."""

    name: str
    """`<domain>.<entity>.<past participle>.v<N>`, without tenant."""
    payload: type[P_co]
    """What it carries."""
    about: str
    """What it is for, in one sentence."""
    holds: Holds
    """Which personal data it holds."""
    edge: bool = False
    """Whether tenants touch it."""
    compacted: bool = False
    """Whether the newest event of a key is kept for ever, and a null value deletes it."""
    retention: timedelta | None = None
    """How long events are kept; none where compaction decides."""
    partitions: int = 12
    """How far one service can be scaled out: one member per partition."""
    producers: tuple[str, ...]
    """Who writes it."""
    consumers: tuple[str, ...]
    """Who reads it."""

    @property
    def keyed_by(self) -> Literal["case", "document"]:
        """What the key names after the tenant."""
        return "case" if issubclass(self.payload, CasePayload) else "document"

    @property
    def lane(self) -> str:
        """`casework` is live, `knowledge` may be a backfill; they never share a subscriber."""
        return self.name.partition(".")[0]

    def of(self, tenant: str) -> str:
        """The Kafka topic for `tenant`: prefixed at the edge, shared within."""
        return f"{tenant}.{self.name}" if self.edge else self.name

    @property
    def pattern(self) -> str:
        """Regular expression of the Kafka topics of all tenants."""
        escaped = re.escape(self.name)
        return f"^{_TENANT}\\.{escaped}$" if self.edge else f"^{escaped}$"

    def tenant_of(self, kafka_topic: str) -> str | None:
        """The tenant that an edge topic belongs to; none for an inner topic."""
        return kafka_topic.removesuffix(f".{self.name}") if self.edge else None

    def dead_letters(self, service: str) -> str:
        """Where events go that `service` can never handle."""
        return f"{self.name}.{service}.dlq"


CASE_EVENT_PUBLISHED: Final = Topic(
    name="casework.event.published.v1",
    payload=raw.CaseEvent,
    about="Something happened in a case, and the case system asks for a suggestion.",
    holds="raw",
    edge=True,
    retention=timedelta(days=3),
    producers=("fagsystem",),
    consumers=("ingestion",),
)
CASE_EVENT_REFUSED: Final = Topic(
    name="casework.event.refused.v1",
    payload=casework.CaseEventRefused,
    about="A case event was not accepted; says why and what to do, in Danish.",
    holds="none",
    edge=True,
    retention=timedelta(days=7),
    producers=("ingestion",),
    consumers=("fagsystem",),
)
CASE_DOCUMENT_INGESTED: Final = Topic(
    name="casework.document.ingested.v1",
    payload=raw.CaseDocument,
    about="A case event passed the border; its content is text with sections.",
    holds="raw",
    retention=timedelta(days=1),
    producers=("ingestion",),
    consumers=("redaction",),
)
CASE_DOCUMENT_REDACTED: Final = Topic(
    name="casework.document.redacted.v1",
    payload=casework.RedactedCaseDocument,
    about="Personal data of a case document was replaced by tokens.",
    holds="tokens",
    retention=timedelta(days=3),
    producers=("redaction",),
    consumers=("embedding",),
)
CASE_DOCUMENT_EMBEDDED: Final = Topic(
    name="casework.document.embedded.v1",
    payload=casework.EmbeddedCaseDocument,
    about="A case document got the vectors that search knowledge for it.",
    holds="tokens",
    retention=timedelta(days=3),
    producers=("embedding",),
    consumers=("retrieval",),
)
CONTEXT_RETRIEVED: Final = Topic(
    name="casework.context.retrieved.v1",
    payload=casework.RetrievedContext,
    about="The passages that may answer a case document were found.",
    holds="tokens",
    retention=timedelta(days=3),
    producers=("retrieval",),
    consumers=("generation",),
)
SUGGESTION_DRAFTED: Final = Topic(
    name="casework.suggestion.drafted.v1",
    payload=casework.SuggestionDrafted,
    about="A suggestion was written and every sentence of it proved.",
    holds="tokens",
    retention=timedelta(days=3),
    producers=("generation",),
    consumers=("redaction", "retrieval"),
)
SUGGESTION_CHANGED: Final = Topic(
    name="casework.suggestion.changed.v1",
    payload=raw.SuggestionChanged,
    about="A suggestion was created, updated or withdrawn; persons have their names again.",
    holds="raw",
    edge=True,
    retention=timedelta(days=3),
    producers=("redaction",),
    consumers=("fagsystem",),
)
FEEDBACK_GIVEN: Final = Topic(
    name="casework.feedback.given.v1",
    payload=raw.FeedbackGiven,
    about="A caseworker said what became of a suggestion.",
    holds="raw",
    edge=True,
    retention=timedelta(days=3),
    producers=("fagsystem",),
    consumers=("redaction",),
)
FEEDBACK_REDACTED: Final = Topic(
    name="casework.feedback.redacted.v1",
    payload=casework.FeedbackRedacted,
    about="Feedback without personal data.",
    holds="tokens",
    retention=timedelta(days=3),
    producers=("redaction",),
    consumers=("generation",),
)
CASE_ERASED: Final = Topic(
    name="casework.case.erased.v1",
    payload=casework.CaseErased,
    about="The case system deleted a case; everybody forgets it.",
    holds="none",
    edge=True,
    retention=timedelta(days=30),
    producers=("fagsystem",),
    consumers=STATEFUL,
)
ERASURE_CONFIRMED: Final = Topic(
    name="casework.erasure.confirmed.v1",
    payload=casework.ErasureConfirmed,
    about="A service has forgotten a case.",
    holds="none",
    edge=True,
    retention=timedelta(days=365),
    producers=STATEFUL,
    consumers=("fagsystem", "audit"),
)
KNOWLEDGE_PUBLISHED: Final = Topic(
    name="knowledge.document.published.v1",
    payload=knowledge.KnowledgePublished,
    about="A document of the knowledge base in full: the truth that the index is derived from.",
    holds="public",
    edge=True,
    compacted=True,
    producers=("editors", "connectors"),
    consumers=("ingestion",),
)
KNOWLEDGE_INGESTED: Final = Topic(
    name="knowledge.document.ingested.v1",
    payload=knowledge.KnowledgeIngested,
    about="A document is text with sections.",
    holds="public",
    retention=timedelta(days=3),
    producers=("ingestion",),
    consumers=("redaction",),
)
KNOWLEDGE_REDACTED: Final = Topic(
    name="knowledge.document.redacted.v1",
    payload=knowledge.KnowledgeRedacted,
    about="Private persons in a document were masked for good.",
    holds="masked",
    retention=timedelta(days=3),
    producers=("redaction",),
    consumers=("embedding",),
)
KNOWLEDGE_EMBEDDED: Final = Topic(
    name="knowledge.document.embedded.v1",
    payload=knowledge.KnowledgeEmbedded,
    about="A document as the index takes it in; replayed to build a new index.",
    holds="masked",
    compacted=True,
    producers=("embedding",),
    consumers=("retrieval",),
)
KNOWLEDGE_INDEXED: Final = Topic(
    name="knowledge.document.indexed.v1",
    payload=knowledge.KnowledgeIndexed,
    about="A receipt: searchable from when, gone since when, or refused and why.",
    holds="none",
    edge=True,
    retention=timedelta(days=7),
    producers=("retrieval", "ingestion", "redaction"),
    consumers=("editors",),
)
ACCESS_RECORDED: Final = Topic(
    name="governance.access.recorded.v1",
    payload=governance.AccessRecorded,
    about="Somebody turned tokens back into persons, or looked into a dead letter, and why.",
    holds="none",
    retention=timedelta(days=5 * 365),
    producers=("redaction", "client"),
    consumers=("audit",),
)

ALL: Final[tuple[Topic[Payload], ...]] = (
    CASE_EVENT_PUBLISHED,
    CASE_EVENT_REFUSED,
    CASE_DOCUMENT_INGESTED,
    CASE_DOCUMENT_REDACTED,
    CASE_DOCUMENT_EMBEDDED,
    CONTEXT_RETRIEVED,
    SUGGESTION_DRAFTED,
    SUGGESTION_CHANGED,
    FEEDBACK_GIVEN,
    FEEDBACK_REDACTED,
    CASE_ERASED,
    ERASURE_CONFIRMED,
    KNOWLEDGE_PUBLISHED,
    KNOWLEDGE_INGESTED,
    KNOWLEDGE_REDACTED,
    KNOWLEDGE_EMBEDDED,
    KNOWLEDGE_INDEXED,
    ACCESS_RECORDED,
)
"""All topics, in the order in which events pass them."""


def find(kafka_topic: str) -> Topic[Payload] | None:
    """The topic that has this name in Kafka, with or without a tenant before it."""
    return next((topic for topic in ALL if re.match(topic.pattern, kafka_topic)), None)
