"""Measures retrieval: the services' own code on questions with known answers.

Questions are JSON Lines, `{"query", "kind", "relevant": [[act_id, ref]]}`, perhaps with `also_ok`
(provisions that count for nothing); a question without relevant provisions is unanswerable.
"""

import math
import tempfile
import time
import uuid
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias, TypedDict

import numpy as np
from sidemand.client.knowledge import Skipped, knowledge_at, provision_of
from sidemand.embedding.handlers import embed_knowledge
from sidemand.embedding.ports import Embedder
from sidemand.embedding.queries import embed_queries
from sidemand.evaluation.data import located, read_lines
from sidemand.ingestion.readers import read
from sidemand.retrieval.adapters.sqlite import SqliteIndex
from sidemand.retrieval.calibration import shipped_calibration
from sidemand.retrieval.fusion import Scores, offer, rank, scores_of
from sidemand.retrieval.ports import Hit, PassageIndex
from sidemand.retrieval.queries import query_of
from sidemand.schemas.casework import CaseFacts, EmbeddedCaseDocument, LegalBasis
from sidemand.schemas.identity import SHARED_TENANT, CaseRef
from sidemand.schemas.knowledge import (
    KnowledgeEmbedded,
    KnowledgePublished,
    KnowledgeRedacted,
    KnowledgeVersion,
)

Provision: TypeAlias = tuple[str, str]
"""Act and ref."""

_DEPTH: Final = 10
_TENANT: Final = "storaadal"
_TODAY: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
_HELD_OUT: Final = 8
"""The encoder was not trained on one provision in eight; only there its scores are honest."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the provisions that answer it."""

    text: str
    kind: str
    relevant: frozenset[Provision]
    tolerated: frozenset[Provision]
    title: str = ""
    """Of the case in which it is asked."""

    @property
    def is_held_out(self) -> bool:
        """Whether the encoder never saw a question on this provision."""
        first = "|".join(min(self.relevant))
        return zlib.crc32(first.encode()) % _HELD_OUT == 0


class RetrievalFigures(TypedDict):
    """What `sidemand-eval retrieval --json` prints; shares are 0 to 1, times milliseconds."""

    hit_at_1: float
    recall_at_10: float
    ndcg_at_10: float
    mrr_at_10: float
    bm25_ndcg_at_10: float
    unanswerable_refused: float
    answerable_refused: float
    p95_ms: float
    kinds: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Outcome:
    question: Question
    shown: list[Provision]
    by_words: list[Provision]
    is_refused: bool
    seconds: float


def read_questions(path: Path) -> list[Question]:
    """The questions of a JSON Lines file. Raises `DataError`."""
    return read_lines(path, _question)


def read_training(data: Path) -> tuple[list[Question], list[Question]]:
    """The training questions of the shared data that the encoder never saw, and unanswerable ones.

    Raises `DataError`.
    """
    unanswerable = located(data, "retrieval/train/unanswerable.jsonl")
    files = sorted(unanswerable.parent.glob("queries_*.jsonl"))
    known = [each for path in files for each in read_questions(path)]
    answerable = [each for each in known if each.relevant and each.is_held_out]
    return answerable, read_questions(unanswerable)


def _question(line: dict[str, Any]) -> Question:
    return Question(
        text=line["query"],
        kind=line["kind"],
        relevant=frozenset((act, ref) for act, ref in line.get("relevant", ())),
        tolerated=frozenset((act, ref) for act, ref in line.get("also_ok", ())),
    )


async def measure(
    index: PassageIndex, questions: Sequence[Question], embedder: Embedder
) -> RetrievalFigures:
    """Ask `index` every question as a case document would, and compare with what is known."""
    calibration = shipped_calibration()
    outcomes = []
    for question in questions:
        query = query_of(await case_document(question.text, embedder))
        started = time.perf_counter()
        hits = await index.search(query)
        ranking = rank(query, hits, calibration)
        is_refused = not offer(ranking)
        seconds = time.perf_counter() - started
        fused = _shown([each.hit for each in ranking.passages], question)
        by_words = _shown(_by_words(scores_of(query, hits), hits), question)
        outcomes.append(_Outcome(question, fused, by_words, is_refused, seconds))
    return _figures(outcomes)


async def measure_questions(
    law: Path, questions: Sequence[Question], embedder: Embedder
) -> RetrievalFigures:
    """Ask all questions of a law file."""
    async with library([law], embedder) as index:
        return await measure(index, questions, embedder)


@asynccontextmanager
async def library(sources: Sequence[Path], embedder: Embedder) -> AsyncIterator[SqliteIndex]:
    """An index of law files and folders, as ingestion reads and embedding cuts them."""
    with tempfile.TemporaryDirectory() as folder:
        index = SqliteIndex(Path(folder) / "index.db")
        await index.open()
        for source in sources:
            for document in knowledge_at(source, SHARED_TENANT):
                if not isinstance(document, Skipped):
                    await index.apply(await embedded(document, embedder))
        yield index
        await index.close()


async def embedded(document: KnowledgePublished, embedder: Embedder) -> KnowledgeEmbedded:
    """`document` as it reaches the index; law and guidance name nobody who would be masked."""
    content = document.content
    text = read(content.text or content.data or b"", content.media_type)
    carried = {name: getattr(document, name) for name in KnowledgeVersion.model_fields}
    carried |= {"published_at": _TODAY, "text": text.text, "sections": text.sections}
    return await embed_knowledge(KnowledgeRedacted(**carried), embedder)


async def case_document(text: str, embedder: Embedder, title: str = "") -> EmbeddedCaseDocument:
    """A question as a case document of a municipality without knowledge of its own.

    A question alone has neither a case's title nor a legal basis, so it is embedded without them.
    """
    return EmbeddedCaseDocument(
        case=CaseRef(tenant=_TENANT, case_id=uuid.uuid4()),
        document_id=uuid.uuid4(),
        title=title,
        facts=CaseFacts(kle="00.00.00", progress="Opstaaet", sensitivity=4),
        kind="question_asked",
        occurred_at=_TODAY,
        published_at=_TODAY,
        purpose="evaluering",
        legal_basis=LegalBasis(title="Evaluering", hjemmel=("ingen",)),
        requests=("answer",),
        text=text,
        model=embedder.model,
        queries=await embed_queries(text, embedder, title),
        passages=(),
    )


def provision(hit: Hit) -> Provision:
    """Which provision a passage belongs to; a document that is no law counts as one."""
    return provision_of(hit.document.document_id) or ("", hit.document.document_id)


def _by_words(scores: Scores, hits: Sequence[Hit]) -> list[Hit]:
    """The same hits in the order of BM25 with the whole text."""
    return [hits[number] for number in np.argsort(-scores.words[:, 0], kind="stable")]


def _shown(hits: Iterable[Hit], question: Question) -> list[Provision]:
    """The first ten provisions, each once, without those that count for nothing."""
    named = dict.fromkeys(provision(hit) for hit in hits)
    return [each for each in named if each not in question.tolerated][:_DEPTH]


def _figures(outcomes: Sequence[_Outcome]) -> RetrievalFigures:
    answerable = [each for each in outcomes if each.question.relevant]
    unanswerable = [each for each in outcomes if not each.question.relevant]
    kinds = defaultdict(list)
    for each in answerable:
        kinds[each.question.kind].append(_ndcg(each.shown, each.question))
    return RetrievalFigures(
        hit_at_1=_mean(
            each.shown[:1] != [] and each.shown[0] in each.question.relevant for each in answerable
        ),
        recall_at_10=_mean(_recall(each.shown, each.question) for each in answerable),
        ndcg_at_10=_mean(_ndcg(each.shown, each.question) for each in answerable),
        mrr_at_10=_mean(_reciprocal(each.shown, each.question) for each in answerable),
        bm25_ndcg_at_10=_mean(_ndcg(each.by_words, each.question) for each in answerable),
        unanswerable_refused=_mean(each.is_refused for each in unanswerable),
        answerable_refused=_mean(each.is_refused for each in answerable),
        p95_ms=float(np.quantile([each.seconds for each in outcomes], 0.95) * 1000),
        kinds={kind: _mean(shares) for kind, shares in sorted(kinds.items())},
    )


def _recall(shown: Sequence[Provision], question: Question) -> float:
    return sum(each in question.relevant for each in shown) / len(question.relevant)


def _reciprocal(shown: Sequence[Provision], question: Question) -> float:
    places = (place for place, each in enumerate(shown, start=1) if each in question.relevant)
    return 1 / next(places, math.inf)


def _ndcg(shown: Sequence[Provision], question: Question) -> float:
    gain = sum(_discount(place) for place, each in enumerate(shown) if each in question.relevant)
    return gain / sum(_discount(place) for place in range(min(_DEPTH, len(question.relevant))))


def _discount(place: int) -> float:
    return 1 / math.log2(place + 2)


def _mean(shares: Iterable[float]) -> float:
    listed = list(shares)
    return sum(listed) / len(listed) if listed else 0.0
