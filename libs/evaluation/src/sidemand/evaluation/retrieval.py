"""Measures retrieval, and calibrates it: the services' own code on questions with known answers.

Questions are JSON Lines, `{"query", "kind", "relevant": [[act_id, ref]]}`, perhaps with `also_ok`
(provisions that count for nothing); a question without relevant provisions is unanswerable.

    python -m sidemand.evaluation.retrieval measure ../shared/data
    python -m sidemand.evaluation.retrieval calibrate ../shared/data
    python -m sidemand.evaluation.retrieval cases ../shared/samples
"""

import argparse
import asyncio
import json
import math
import random
import sys
import tempfile
import time
import uuid
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeAlias, TypedDict

import numpy as np
import yaml
from sidemand.client.knowledge import Skipped, knowledge_at, provision_of
from sidemand.danish.sentences import sentences
from sidemand.embedding.adapters.onnx import OnnxEmbedder
from sidemand.embedding.handlers import embed_knowledge
from sidemand.embedding.model_files import SHIPPED
from sidemand.embedding.ports import Embedder
from sidemand.embedding.queries import embed_queries
from sidemand.ingestion.readers import read
from sidemand.retrieval.adapters.sqlite import SqliteIndex
from sidemand.retrieval.analysed import FloatArray
from sidemand.retrieval.calibration import FILE_NAME, Calibration, MadeFrom, shipped_calibration
from sidemand.retrieval.fitting import Judged, fit_answerability, fit_weights
from sidemand.retrieval.fusion import Scores, offer, rank, scores_of
from sidemand.retrieval.ports import Hit, PassageIndex, Query
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
_CASE_DEPTH: Final = 8
_TENANT: Final = "storaadal"
_TODAY: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
_HELD_OUT: Final = 8
"""The encoder was not trained on one provision in eight; only there its scores are honest."""
_IN_NOTES: Final = 400
_REFUSED: Final = 0.05
"""Share of answerable questions that the threshold may refuse."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the provisions that answer it."""

    text: str
    kind: str
    relevant: frozenset[Provision]
    tolerated: frozenset[Provision]

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
    """The questions of a JSON Lines file."""
    lines = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return [
        Question(
            text=each["query"],
            kind=each["kind"],
            relevant=frozenset((act, ref) for act, ref in each.get("relevant", ())),
            tolerated=frozenset((act, ref) for act, ref in each.get("also_ok", ())),
        )
        for each in lines
    ]


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


async def calibrate(data: Path, embedder: Embedder) -> Calibration:
    """Fit a calibration to the training questions below `data` that the encoder never saw."""
    folder = data / "retrieval/train"
    files = sorted(folder.glob("queries_*.jsonl"))
    known = [each for path in files for each in read_questions(path)]
    answerable = [each for each in known if each.relevant and each.is_held_out]
    unanswerable = read_questions(folder / "unanswerable.jsonl")
    in_notes = list(_hidden_in_notes(answerable, sorted((data / "pii").glob("train_*.jsonl"))))
    law = data / "law/municipal.jsonl.gz"
    async with library([law], embedder) as index:
        answered = [await _found(index, each, embedder) for each in answerable]
        hidden = [await _found(index, each, embedder) for each in in_notes]
        unanswered = [await _found(index, each, embedder) for each in unanswerable]
    draft = Calibration(
        made_from=MadeFrom(
            model_id=embedder.model.model_id,
            model_sha256=embedder.model.sha256,
            documents=sum(not isinstance(e, Skipped) for e in knowledge_at(law, SHARED_TENANT)),
            answerable=len(answerable),
            in_long_notes=len(in_notes),
            unanswerable=len(unanswerable),
        ),
        weights=fit_weights([each.judged() for each in (*answered, *hidden)]),
        answerability=fit_answerability(_wholes(answered), _wholes(unanswered)),
        threshold=0.0,
        threshold_of_parts=0.0,
    )
    thresholds = {
        "threshold": _threshold(answered, draft),
        "threshold_of_parts": _threshold(hidden, draft),
    }
    return draft.model_copy(update=thresholds)


async def measure_cases(samples: Path, law: Path | None, embedder: Embedder) -> dict[str, float]:
    """Share of the documents that the sample cases expect, among the first eight passages."""
    sources = [samples / "guidance", *([law] if law else [])]
    calibration, shares, refused = shipped_calibration(), [], 0
    async with library(sources, embedder) as index:
        for path in sorted((samples / "cases").glob("*.yaml")):
            case = yaml.safe_load(path.read_text("utf-8"))
            wanted = set(case["expect"].get("cites") or ())
            if case["expect"]["outcome"] != "suggestion" or not wanted:
                continue
            query = query_of(await _sample_case(case, embedder))
            ranking = rank(query, await index.search(query), calibration)
            offered = offer(ranking)
            refused += not offered
            found = {each.document.document_id for each in offered[:_CASE_DEPTH]}
            shares.append(len(wanted & found) / len(wanted))
    return {
        "cases": len(shares),
        "hit_at_8": sum(share > 0 for share in shares) / len(shares),
        "recall_at_8": sum(shares) / len(shares),
        "refused": refused / len(shares),
    }


@dataclass(frozen=True, slots=True)
class _Found:
    question: Question
    query: Query
    hits: list[Hit]
    scores: Scores

    def judged(self) -> Judged:
        """What was found without what counts for nothing."""
        named = [_provision(hit) for hit in self.hits]
        counts = np.array([each not in self.question.tolerated for each in named])
        relevant = np.array([each in self.question.relevant for each in named])
        return Judged(self.scores.of_passages()[counts], relevant[counts])


async def _found(index: PassageIndex, question: Question, embedder: Embedder) -> _Found:
    query = query_of(await case_document(question.text, embedder))
    hits = await index.search(query)
    return _Found(question, query, hits, scores_of(query, hits))


def _threshold(answered: Iterable[_Found], draft: Calibration) -> float:
    """The certainty below which only `_REFUSED` of these answerable questions lie."""
    certainty = [rank(each.query, each.hits, draft).answerable for each in answered]
    return round(float(np.quantile(certainty, _REFUSED)), 3)


def _wholes(found: Iterable[_Found]) -> FloatArray:
    """What the answerability of each whole question is judged by."""
    return np.stack([each.scores.of_parts()[0] for each in found])


def _hidden_in_notes(questions: Sequence[Question], notes: Sequence[Path]) -> Iterator[Question]:
    """Some of `questions`, each among sentences of a case text on something else."""
    chance = random.Random(0)
    texts = [
        json.loads(line)["text"] for path in notes for line in path.read_text("utf-8").splitlines()
    ]
    for question in chance.sample(questions, min(_IN_NOTES, len(questions))) if texts else ():
        text = chance.choice(texts)
        around = [span.of(text) for span in sentences(text)][: chance.randint(4, 14)]
        place = chance.randint(0, len(around))
        yield replace(question, text="\n".join([*around[:place], question.text, *around[place:]]))


async def case_document(text: str, embedder: Embedder) -> EmbeddedCaseDocument:
    """A question as a case document of a municipality without knowledge of its own."""
    return EmbeddedCaseDocument(
        case=CaseRef(tenant=_TENANT, case_id=uuid.uuid4()),
        document_id=uuid.uuid4(),
        title="",
        facts=CaseFacts(kle="00.00.00", progress="Opstaaet", sensitivity=4),
        kind="question_asked",
        occurred_at=_TODAY,
        published_at=_TODAY,
        purpose="evaluering",
        legal_basis=LegalBasis(title="Evaluering", hjemmel=("ingen",)),
        requests=("answer",),
        text=text,
        model=embedder.model,
        queries=await embed_queries(text, embedder),
        passages=(),
    )


async def _sample_case(case: dict[str, Any], embedder: Embedder) -> EmbeddedCaseDocument:
    document = await case_document(case["text"], embedder)
    return document.model_copy(
        update={
            "case": CaseRef(tenant=case["tenant"], case_id=document.case.case_id),
            "title": case["case"]["title"],
            "occurred_at": datetime.fromisoformat(case["occurred_at"]),
        }
    )


def _provision(hit: Hit) -> Provision:
    return provision_of(hit.document.document_id) or ("", hit.document.document_id)


def _by_words(scores: Scores, hits: Sequence[Hit]) -> list[Hit]:
    """The same hits in the order of BM25 with the whole text."""
    return [hits[number] for number in np.argsort(-scores.words[:, 0], kind="stable")]


def _shown(hits: Iterable[Hit], question: Question) -> list[Provision]:
    """The first ten provisions, each once, without those that count for nothing."""
    named = dict.fromkeys(_provision(hit) for hit in hits)
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


async def _measure_data(data: Path, embedder: Embedder) -> dict[str, RetrievalFigures]:
    train = data / "retrieval/train"
    known = [
        each for path in sorted(train.glob("queries_*.jsonl")) for each in read_questions(path)
    ]
    held_out = [each for each in known if each.relevant and each.is_held_out]
    async with library([data / "law/municipal.jsonl.gz"], embedder) as index:
        return {
            "held_out": await measure(
                index, [*held_out, *read_questions(train / "unanswerable.jsonl")], embedder
            ),
            "municipal_dev": await measure(
                index, read_questions(data / "retrieval/municipal_dev.jsonl"), embedder
            ),
        }


async def _run(chosen: argparse.Namespace) -> object:
    embedder = OnnxEmbedder(chosen.model)
    if chosen.command == "calibrate":
        return (await calibrate(chosen.folder, embedder)).model_dump()
    if chosen.command == "cases":
        return await measure_cases(chosen.folder, chosen.law, embedder)
    return await _measure_data(chosen.folder, embedder)


def main() -> None:
    """Run one of the three commands and print what came of it as JSON."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("command", choices=["measure", "calibrate", "cases"])
    arguments.add_argument("folder", type=Path, help="the shared data, or the samples for `cases`")
    arguments.add_argument("--law", type=Path, help="a law file beside the samples' guidance")
    arguments.add_argument("--model", type=Path, default=SHIPPED, help="another embedding model")
    chosen = arguments.parse_args()
    result = json.dumps(asyncio.run(_run(chosen)), ensure_ascii=False, indent=2) + "\n"
    if chosen.command == "calibrate":
        Path(str(resources.files("sidemand.retrieval") / FILE_NAME)).write_text(result, "utf-8")
    sys.stdout.write(result)


if __name__ == "__main__":
    main()
