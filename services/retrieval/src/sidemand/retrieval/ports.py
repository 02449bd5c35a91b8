"""What retrieval needs from outside: an index of passages, and a memory of suggestions."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from sidemand.danish.figures import Figure
from sidemand.retrieval.analysed import FloatArray, PassageTerms
from sidemand.schemas.casework import CASE_DOCUMENT, EmbeddedCaseDocument, SuggestionRef
from sidemand.schemas.identity import SHARED_TENANT, CaseRef, DocumentRef
from sidemand.schemas.knowledge import KnowledgeEmbedded
from sidemand.schemas.text import EmbeddingModel, Passage


@dataclass(frozen=True, slots=True)
class Reach:
    """What a case document may see of the knowledge base."""

    case: CaseRef
    """Its municipality's knowledge, what all share, and the case's own documents."""
    document_id: uuid.UUID
    """The document itself, which is not its own source."""
    on: date
    """Knowledge valid on this day applies."""
    sensitivity: int
    """Knowledge up to this level, 1 to 4, may be shown."""

    @property
    def tenants(self) -> tuple[str, str]:
        """Whose knowledge is seen: the municipality's own, and what all share."""
        return self.case.tenant, SHARED_TENANT


@dataclass(frozen=True, slots=True)
class QueryPart:
    """A stretch of a case document that is searched for by itself."""

    terms: tuple[str, ...]
    """Analysed terms, each once."""
    vector: FloatArray
    """Its place in the model's space; unit length."""
    depth: int
    """How many passages to look at that are nearest by words, and how many by meaning."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for, and where."""

    reach: Reach
    parts: tuple[QueryPart, ...]
    """The whole document first; at least one."""
    model: EmbeddingModel
    """What made the vectors; passages of another model are found by their words alone."""
    asked: frozenset[Figure] = frozenset()
    """The figures that the document's questions ask for."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that may be relevant, with what is needed to weigh it."""

    document: DocumentRef
    version: int
    title: str
    kind: str
    source: str | None
    asked_as: tuple[str, ...]
    passage: Passage
    terms: PassageTerms
    """Its words, for the lexical score."""
    vector: FloatArray | None
    """Its place in the model's space, for the dense score; none where the query's model differs."""

    @property
    def is_of_case(self) -> bool:
        """Whether it stands in the case's own documents rather than in the knowledge base."""
        return self.kind == CASE_DOCUMENT


@dataclass(frozen=True, slots=True)
class PassageRef:
    """A passage of a version of a document, as a suggestion cites it."""

    document: DocumentRef
    version: int
    passage_id: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a version or a deletion."""

    outcome: Literal["indexed", "superseded", "removed"]
    """`superseded`: an equal or newer version is there already."""
    passages: int = 0
    """Passages of the document that can be found now."""


class PassageIndex(Protocol):
    """Finds passages by words and by meaning.

    Every method waits for a disk or a server without blocking the event loop, may be repeated
    with the same arguments without further effect, and raises `Transient` where the index is
    away. What a call changed is seen by every search that begins after it has returned.
    """

    async def apply(self, document: KnowledgeEmbedded) -> Applied:
        """Replace what is known of a document by this version, unless it is superseded.

        A version is superseded by an equal or higher one, except where that one was made with
        another embedding model, or was deleted and this one was published after it. The
        publication that was applied last is `indexed` again when it is delivered again.
        """
        ...

    async def remove(self, document: DocumentRef, at: datetime) -> Applied:
        """Forget a document that was deleted at `at`. A deletion seen before does nothing."""
        ...

    async def search(self, query: Query) -> list[Hit]:
        """The passages within reach that may be relevant, in no order; each at most once.

        Among them are the nearest by words and by meaning for each part of the query. A local
        document that overrides a section hides that section's passages from its municipality.
        """
        ...

    async def model(self, among: Sequence[EmbeddingModel]) -> EmbeddingModel:
        """That of `among` in which the knowledge that is searched is embedded; else the first."""
        ...

    async def is_searched(self) -> bool:
        """Whether what is written is what is searched, and no generation that is being filled."""
        ...

    async def gone(self, reach: Reach, cited: frozenset[PassageRef]) -> frozenset[PassageRef]:
        """Those of `cited` that are no longer within `reach`, or no longer say what they said."""
        ...

    async def add_case(self, document: EmbeddedCaseDocument) -> None:
        """Take in a case document's own passages, to be found by its own case alone."""
        ...

    async def erase_case(self, case: CaseRef) -> int:
        """Forget the passages of a case's documents; says how many they were."""
        ...

    async def as_of(self, reach: Reach) -> datetime:
        """The newest change of the knowledge of `reach.tenants`; the epoch where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Resting:
    """A suggestion and the passages that it rests on."""

    case: CaseRef
    document_id: uuid.UUID
    """The case document that it answers."""
    suggestion: SuggestionRef
    passages: frozenset[PassageRef]
    """What it cites; empty for a suggestion that was withdrawn or abstained."""


@dataclass(frozen=True, slots=True)
class Affected:
    """Suggestions on one case document that rest on a piece of knowledge."""

    reach: Reach
    """What the case document may see."""
    suggestions: tuple[Resting, ...]


class CaseForgotten(Exception):
    """The case was erased; what came of it later was not kept."""


class SuggestionLedger(Protocol):
    """Remembers which suggestion rests on which passage, and how to search again.

    Every method is one transaction, may be repeated without further effect, and raises
    `Transient` where the database is away. Those of one case never pass each other: what is kept
    is either erased by the case's erasure, or refused because of it.
    """

    async def remember(self, document: EmbeddedCaseDocument) -> None:
        """Keep a case document, so that it can be searched for again. Raises `CaseForgotten`."""
        ...

    async def rest(self, suggestion: Resting) -> Reach | None:
        """Keep what a suggestion rests on now, and say what its case document may see.

        None for an old revision, of which nothing is kept, and where the document is unknown.
        Raises `CaseForgotten`.
        """
        ...

    async def recall(self, case: CaseRef, document_id: uuid.UUID) -> EmbeddedCaseDocument | None:
        """A case document that was kept, without its own passages: enough to search again."""
        ...

    async def affected(self, document: DocumentRef, tenant: str | None = None) -> list[Affected]:
        """The suggestions that cite `document`, of `tenant` if given, by their case document.

        Those whose case document is unknown are left out.
        """
        ...

    async def erase(self, case: CaseRef) -> int:
        """Forget a case, and remember that it is erased. Says how many records went."""
        ...
