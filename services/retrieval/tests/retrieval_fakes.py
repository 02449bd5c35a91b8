"""Knowledge and cases for the tests, and the index in memory.

A word's vector is a direction of its own, so that meaning can be told from words: `passage`
takes the words that a passage means beside those that it says.
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
from sidemand.retrieval.analysed import heading_key, passage_terms, unpacked
from sidemand.retrieval.calibration import Answerability, Calibration, MadeFrom, Weights
from sidemand.retrieval.ports import (
    Applied,
    Hit,
    PassageRef,
    Query,
    QueryPart,
    Reach,
)
from sidemand.retrieval.queries import query_of
from sidemand.retrieval.versions import (
    EarlierPassage,
    KnownDocument,
    is_seen_deletion,
    only_deleted,
    since_when,
    standing,
)
from sidemand.schemas.casework import (
    CASE_DOCUMENT,
    CaseFacts,
    EmbeddedCaseDocument,
    EmbeddedQuery,
    LegalBasis,
    VectorsBeside,
)
from sidemand.schemas.identity import SHARED_TENANT, CaseRef, DocumentRef
from sidemand.schemas.knowledge import KnowledgeEmbedded, SectionRef
from sidemand.schemas.text import EmbeddedPassage, EmbeddingModel, Passage, Vector

DIMENSION = 64
A_MODEL = EmbeddingModel(model_id="prøve-1", sha256="a" * 64, dimension=DIMENSION)
ANOTHER_MODEL = EmbeddingModel(model_id="prøve-2", sha256="b" * 64, dimension=DIMENSION)
PUBLISHED = datetime(2026, 3, 1, 8, tzinfo=UTC)
OCCURRED = datetime(2026, 4, 1, 9, tzinfo=UTC)

CALIBRATION = Calibration(
    made_from=MadeFrom(
        model_id="prøve-1",
        model_sha256="a" * 64,
        documents=1,
        answerable=1,
        unanswerable=1,
        long_documents=0,
    ),
    weights=Weights(words=1.0, words_of_part=0.5, meaning=3.0, meaning_of_part=1.0, intercept=-3.0),
    short=Answerability(first=1.0, agreement=0.0, length=0.0, intercept=1.0, threshold=0.4),
    long=Answerability(first=1.0, agreement=0.0, length=0.0, intercept=1.0, threshold=0.4),
)


def meaning(words: str) -> Vector:
    """A vector of unit length: the sum of the words' own directions."""
    total = sum((_direction(word) for word in words.lower().split()), np.zeros(DIMENSION))
    return Vector.of([float(each) for each in total / np.linalg.norm(total)])


def _direction(word: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).normal(size=DIMENSION)


def passage(
    text: str, *, headings: Sequence[str] = (), means: str | None = None
) -> EmbeddedPassage:
    """A passage whose id is made from its text."""
    return EmbeddedPassage(
        passage=Passage(
            passage_id=hashlib.sha256(text.encode()).hexdigest()[:12],
            heading_path=tuple(headings),
            locator=None,
            start=0,
            end=len(text),
            text=text,
        ),
        vector=meaning(means or text),
    )


def knowledge(
    document_id: str, *passages: EmbeddedPassage | str, tenant: str = SHARED_TENANT
) -> KnowledgeEmbedded:
    """Version 1 of a document, in force since 2025; change it with `model_copy`."""
    embedded = tuple(passage(each) if isinstance(each, str) else each for each in passages)
    return KnowledgeEmbedded(
        document=DocumentRef(tenant=tenant, document_id=document_id),
        version=1,
        title="Vejledning",
        valid_from=date(2025, 1, 1),
        published_at=PUBLISHED,
        text="\n".join(each.passage.text for each in embedded),
        model=A_MODEL,
        passages=embedded,
    )


def newer(document: KnowledgeEmbedded, *passages: EmbeddedPassage | str) -> KnowledgeEmbedded:
    """The next version of `document`, published a day later, with these passages."""
    embedded = tuple(passage(each) if isinstance(each, str) else each for each in passages)
    return document.model_copy(
        update={
            "version": document.version + 1,
            "published_at": document.published_at + timedelta(days=1),
            "passages": embedded,
        }
    )


def overriding(document: KnowledgeEmbedded, section: str) -> KnowledgeEmbedded:
    """`document` as a local rule in place of `document#heading`."""
    return document.model_copy(update={"overrides": SectionRef.parse(section)})


def a_case(tenant: str = "storaadal") -> CaseRef:
    """A new case."""
    return CaseRef(tenant=tenant, case_id=uuid.uuid4())


def case_document(text: str, case: CaseRef | None = None, *parts: str) -> EmbeddedCaseDocument:
    """A case document of sensitivity 2; its own passage is the whole text."""
    return EmbeddedCaseDocument(
        case=case or a_case(),
        document_id=uuid.uuid4(),
        title="Sag",
        facts=CaseFacts(kle="27.36.04", progress="Oplyst", sensitivity=2),
        kind="question_asked",
        occurred_at=OCCURRED,
        published_at=OCCURRED,
        purpose="partshoering",
        legal_basis=LegalBasis(title="Partshøring", hjemmel=("forvaltningsloven § 19",)),
        requests=("answer",),
        text=text,
        model=A_MODEL,
        queries=tuple(EmbeddedQuery(text=each, vector=meaning(each)) for each in (text, *parts)),
        passages=(passage(text),),
    )


def beside(document: EmbeddedCaseDocument) -> EmbeddedCaseDocument:
    """`document` with the vectors of another model beside its own."""
    queries, passages = document.queries, document.passages
    vectors = VectorsBeside(
        model=ANOTHER_MODEL,
        queries=tuple(_turned(each.vector) for each in queries),
        passages=tuple(_turned(each.vector) for each in passages),
    )
    return document.model_copy(update={"beside": (vectors,)})


def in_other_model(document: KnowledgeEmbedded) -> KnowledgeEmbedded:
    """`document` as another model embeds it."""
    passages = tuple(
        each.model_copy(update={"vector": _turned(each.vector)}) for each in document.passages
    )
    return document.model_copy(update={"model": ANOTHER_MODEL, "passages": passages})


def _turned(vector: Vector) -> Vector:
    """The same meaning in another model's space, where it is nowhere near the first's."""
    return Vector.of([-each for each in vector.components])


def asking(text: str, tenant: str = "storaadal") -> Query:
    """What a case of `tenant` searches for with a document of these words."""
    return query_of(case_document(text, a_case(tenant)))


@dataclass
class _Document:
    known: KnownDocument
    content: KnowledgeEmbedded
    changed_at: datetime
    since: dict[str, int]


@dataclass
class InMemoryIndex:
    """A `PassageIndex` that looks at everything it has."""

    documents: dict[DocumentRef, _Document] = field(default_factory=dict)
    deleted_only: dict[DocumentRef, KnownDocument] = field(default_factory=dict)
    case_documents: dict[tuple[CaseRef, uuid.UUID], EmbeddedCaseDocument] = field(
        default_factory=dict
    )

    async def apply(self, document: KnowledgeEmbedded) -> Applied:
        old = self.documents.get(document.document)
        known = old.known if old else self.deleted_only.get(document.document)
        how = standing(known, document)
        if how != "new":
            held = len(old.content.passages) if old and old.known.present else 0
            return Applied("indexed" if how == "repeated" else "superseded", held)
        removed_at = known.removed_at if known else None
        model, published = document.model.sha256, document.published_at
        self.documents[document.document] = _Document(
            KnownDocument(document.version, published, model, True, removed_at),
            document,
            published,
            since_when(
                (each.passage for each in document.passages), _earlier(old), document.version
            ),
        )
        return Applied("indexed", len(document.passages))

    async def remove(self, document: DocumentRef, at: datetime) -> Applied:
        held = self.documents.get(document)
        if held is None:
            self.deleted_only[document] = only_deleted(at)
        elif not is_seen_deletion(held.known, at):
            held.known = replace(held.known, present=False, removed_at=at)
            held.changed_at = at
        return Applied("removed")

    async def search(self, query: Query) -> list[Hit]:
        hits = [*self._knowledge(query), *self._of_case(query)]
        return [hit for hit in hits if any(_is_near(hit, part) for part in query.parts)]

    async def model(self, among: Sequence[EmbeddingModel]) -> EmbeddingModel:
        present = [each.known.model for each in self.documents.values() if each.known.present]
        return max(among, key=lambda model: present.count(model.sha256))

    async def is_searched(self) -> bool:
        return True

    async def gone(self, reach: Reach, cited: frozenset[PassageRef]) -> frozenset[PassageRef]:
        return frozenset(ref for ref in cited if not self._stands(reach, ref))

    async def add_case(self, document: EmbeddedCaseDocument) -> None:
        self.case_documents[document.case, document.document_id] = document

    async def erase_case(self, case: CaseRef) -> int:
        gone = [key for key in self.case_documents if key[0] == case]
        return sum(len(self.case_documents.pop(key).passages) for key in gone)

    async def as_of(self, reach: Reach) -> datetime:
        changes = (
            each.changed_at for ref, each in self.documents.items() if ref.tenant in reach.tenants
        )
        return max(changes, default=datetime.fromtimestamp(0, UTC))

    def _within(self, reach: Reach) -> Iterable[tuple[_Document, EmbeddedPassage]]:
        hidden = {
            (each.content.overrides.document_id, heading_key(each.content.overrides.heading))
            for each in self.documents.values()
            if each.content.overrides
            and each.content.tenant == reach.case.tenant
            and each.known.present
            and _is_in_force(each.content, reach.on)
        }
        for each in self.documents.values():
            content = each.content
            if (
                each.known.present
                and content.tenant in reach.tenants
                and _is_in_force(content, reach.on)
                and content.sensitivity <= reach.sensitivity
            ):
                for embedded in content.passages:
                    headings = map(heading_key, embedded.passage.heading_path)
                    places = {(content.document.document_id, heading) for heading in headings}
                    if content.tenant != SHARED_TENANT or not places & hidden:
                        yield each, embedded

    def _stands(self, reach: Reach, ref: PassageRef) -> bool:
        in_case = any(
            case == reach.case
            and str(document_id) == ref.document.document_id
            and any(each.passage.passage_id == ref.passage_id for each in document.passages)
            for (case, document_id), document in self.case_documents.items()
        )
        return in_case or any(
            document.content.document == ref.document
            and embedded.passage.passage_id == ref.passage_id
            and document.since[ref.passage_id] <= ref.version
            for document, embedded in self._within(reach)
        )

    def _knowledge(self, query: Query) -> Iterable[Hit]:
        for document, embedded in self._within(query.reach):
            content = document.content
            same_model = content.model.sha256 == query.model.sha256
            yield Hit(
                document=content.document,
                version=content.version,
                title=content.title,
                kind=content.kind,
                source=content.source,
                asked_as=content.asked_as,
                passage=embedded.passage,
                terms=passage_terms(content.title, embedded.passage, content.asked_as),
                vector=unpacked(embedded.vector) if same_model else None,
            )

    def _of_case(self, query: Query) -> Iterable[Hit]:
        for (case, document_id), document in self.case_documents.items():
            if case != query.reach.case or document_id == query.reach.document_id:
                continue
            for embedded in document.passages:
                same_model = document.model.sha256 == query.model.sha256
                yield Hit(
                    document=DocumentRef(tenant=case.tenant, document_id=str(document_id)),
                    version=1,
                    title=document.title,
                    kind=CASE_DOCUMENT,
                    source=None,
                    asked_as=(),
                    passage=embedded.passage,
                    terms=passage_terms(document.title, embedded.passage, ()),
                    vector=unpacked(embedded.vector) if same_model else None,
                )


def _earlier(document: _Document | None) -> dict[str, EarlierPassage]:
    if document is None or not document.known.present:
        return {}
    return {
        each.passage.passage_id: EarlierPassage(
            each.passage.text, document.since[each.passage.passage_id]
        )
        for each in document.content.passages
    }


def _is_in_force(document: KnowledgeEmbedded, on: date) -> bool:
    return document.valid_from <= on and (document.valid_to is None or on <= document.valid_to)


def _is_near(hit: Hit, part: QueryPart) -> bool:
    if hit.kind == CASE_DOCUMENT or set(hit.terms.all.split()) & set(part.terms):
        return True
    return hit.vector is not None and float(hit.vector @ part.vector) > 0.5
