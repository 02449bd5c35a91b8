"""Builds the SQLite index from every act of the shared data and measures it.

python -m tests.bench.bench_retrieval writes build/bench/retrieval.json: passages, seconds to apply
them, megabytes, and for questions of one part and of eight the milliseconds of a search with its
weighing (p50, p95; budget 60). Without SIDEMAND_SHARED or ../shared it says so.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from sidemand.client.knowledge import Skipped, knowledge_at
from sidemand.embedding.adapters.onnx import OnnxEmbedder
from sidemand.evaluation.retrieval import case_document, embedded, read_questions
from sidemand.retrieval.adapters.sqlite import SqliteIndex
from sidemand.retrieval.calibration import shipped_calibration
from sidemand.retrieval.fusion import offer, rank
from sidemand.retrieval.ports import Query
from sidemand.retrieval.queries import MOST_PARTS, query_of
from sidemand.schemas.identity import SHARED_TENANT

from .measuring import SHARED, machine, write

AT_THE_SAME_TIME = 8
SEARCHES = 100


@dataclass
class Built:
    """What building took, apart from embedding."""

    documents: int = 0
    passages: int = 0
    seconds: float = 0.0


async def build(index: SqliteIndex, embedder: OnnxEmbedder) -> Built:
    """Apply every provision, eight at a time as the bus does."""
    built, waiting = Built(), []
    for document in knowledge_at(SHARED / "data/law/all_newest.jsonl.gz", SHARED_TENANT):
        if not isinstance(document, Skipped):
            waiting.append(await embedded(document, embedder))
        if len(waiting) == AT_THE_SAME_TIME:
            started = time.perf_counter()
            applied = await asyncio.gather(*(index.apply(each) for each in waiting))
            built.seconds += time.perf_counter() - started
            built.documents += len(applied)
            built.passages += sum(each.passages for each in applied)
            waiting.clear()
    return built


async def changes(index: SqliteIndex, embedder: OnnxEmbedder) -> dict[str, float]:
    """Milliseconds of a new version and of a deletion in the full index."""
    applied, removed = [], []
    some = knowledge_at(SHARED / "data/law/municipal.jsonl.gz", SHARED_TENANT)
    for document, _ in zip(some, range(SEARCHES), strict=False):
        if isinstance(document, Skipped):
            continue
        newer = (await embedded(document, embedder)).model_copy(
            update={"version": document.version + 100_000}
        )
        applied.append(await timed(index.apply(newer)))
        removed.append(
            await timed(index.remove(newer.document, newer.published_at + timedelta(days=1)))
        )
    return {"apply_p95_ms": percentile(applied, 95), "remove_p95_ms": percentile(removed, 95)}


async def searches(index: SqliteIndex, queries: Sequence[Query]) -> dict[str, float]:
    """Milliseconds of a search with its weighing."""
    calibration = shipped_calibration()

    async def answer(query: Query) -> None:
        offer(rank(query, await index.search(query), calibration))

    for query in queries[:5]:
        await answer(query)
    taken = [await timed(answer(query)) for query in queries]
    return {"p50_ms": percentile(taken, 50), "p95_ms": percentile(taken, 95)}


async def timed(work: Awaitable[object]) -> float:
    """Milliseconds that `work` takes."""
    started = time.perf_counter()
    await work
    return (time.perf_counter() - started) * 1000


def percentile(milliseconds: Sequence[float], share: float) -> float:
    """Rounded to a tenth."""
    return round(float(np.percentile(milliseconds, share)), 1)


async def asked(embedder: OnnxEmbedder) -> tuple[list[Query], list[Query]]:
    """Questions of one part, and long ones of eight: neighbouring questions made into one text."""
    questions = read_questions(SHARED / "data/retrieval/train/queries_0.jsonl")
    texts = [each.text for each in questions if len(each.text) < 160][: SEARCHES + MOST_PARTS]
    long = ["\n".join(texts[n : n + MOST_PARTS + 2]) for n in range(SEARCHES)]
    short_queries = [query_of(await case_document(text, embedder)) for text in texts]
    long_queries = [query_of(await case_document(text, embedder)) for text in long]
    return (
        [query for query in short_queries if len(query.parts) == 1][:SEARCHES],
        [query for query in long_queries if len(query.parts) == MOST_PARTS],
    )


async def main() -> None:
    """Measure and write the figures."""
    if not (SHARED / "data/law").is_dir():
        print(f"nothing measured: {SHARED}/data/law is not there; set SIDEMAND_SHARED")
        return
    about = machine()
    embedder = OnnxEmbedder()
    with tempfile.TemporaryDirectory() as folder:
        index = SqliteIndex(Path(folder) / "index.db")
        await index.open()
        built = await build(index, embedder)
        short, long = await asked(embedder)
        figures = {
            "documents": built.documents,
            "passages": built.passages,
            "build_seconds": round(built.seconds, 1),
            "megabytes": round((Path(folder) / "index.db").stat().st_size / 1e6, 1),
            "one_part": await searches(index, short),
            "eight_parts": await searches(index, long),
            **await changes(index, embedder),
        }
        await index.close()
    print(json.dumps(figures, indent=2))
    write("retrieval", {**figures, "machine": about})


if __name__ == "__main__":
    asyncio.run(main())
