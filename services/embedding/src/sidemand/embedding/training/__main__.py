"""Trains the shipped encoder: `python -m sidemand.embedding.training ../shared/data`.

Needs the extra `training`. About ten minutes on one core; the same seed makes the same model.
"""

import argparse
import asyncio
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from sidemand.embedding.adapters.onnx import OnnxEmbedder
from sidemand.embedding.features import FeatureHashing
from sidemand.embedding.model_files import SHIPPED, StaticModel, write_model
from sidemand.embedding.training.contrast import train_on
from sidemand.embedding.training.curriculum import (
    CLOZE_PASSES,
    QUESTION_PASSES,
    SLOWER_EACH_PASS,
    Lessons,
    inverse_cloze,
    questions_with_hard_negatives,
)
from sidemand.embedding.training.data import Corpus, Query, Vocabulary, read_corpus, read_queries
from sidemand.embedding.training.encoder import BUCKETS, DIMENSION, Floats, StaticEncoder
from sidemand.embedding.training.evaluation import Bm25, Figures, report
from sidemand.embedding.training.export import as_onnx
from sidemand.embedding.training.lessons import beginner, make_lessons

MODEL_ID = "sidemand-static-da-1"


def main() -> None:
    """Read the data, train, write the model, print its figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("data", type=Path, help="the folder that holds law/ and retrieval/")
    arguments.add_argument("--out", type=Path, default=SHIPPED, help="where the model goes")
    arguments.add_argument("--seed", type=int, default=0)
    chosen = arguments.parse_args()
    corpus = read_corpus(chosen.data)
    bm25 = Bm25(corpus.municipal)
    weights = as_onnx(_train(corpus, bm25, chosen.seed))
    model = StaticModel(
        model_id=MODEL_ID,
        sha256=hashlib.sha256(weights).hexdigest(),
        dimension=DIMENSION,
        hashing=FeatureHashing(BUCKETS),
    )
    write_model(chosen.out, model, weights)
    _say(f"{len(weights) / 1e6:.1f} MB written to {chosen.out}")
    development = read_queries(chosen.data / "retrieval/municipal_dev.jsonl")
    judged = {
        "held_out": [query for query in corpus.queries if query.held_out],
        "municipal_dev": [query for query in development if query.relevant],
    }
    figures = {name: _judge(chosen.out, corpus, bm25, asked) for name, asked in judged.items()}
    print(json.dumps(figures, indent=2))  # noqa: T201


def _train(corpus: Corpus, bm25: Bm25, seed: int) -> StaticEncoder:
    rng = np.random.default_rng(seed)
    queries = [query for query in corpus.queries if not query.held_out]
    vocabulary = Vocabulary(FeatureHashing(BUCKETS))
    lexical = bm25.scores([query.text for query in queries])
    lessons = make_lessons(corpus, queries, lexical, vocabulary)
    encoder = beginner(lessons, vocabulary, rng)
    _say(f"{len(lessons.articles)} provisions and {len(lessons.questions)} questions read")
    _teach(encoder, lessons, rng)
    return encoder


def _teach(encoder: StaticEncoder, lessons: Lessons, rng: np.random.Generator) -> None:
    for turn in range(CLOZE_PASSES):
        losses = [train_on(encoder, contrast) for contrast in inverse_cloze(lessons.articles, rng)]
        _say(f"law, pass {turn + 1}: loss {np.mean(losses):.3f}")
    for turn in range(QUESTION_PASSES):
        batches = questions_with_hard_negatives(lessons, rng)
        losses = [train_on(encoder, contrast) for contrast in batches]
        encoder.slow_down(SLOWER_EACH_PASS)
        _say(f"questions, pass {turn + 1}: loss {np.mean(losses):.3f}")


def _judge(
    folder: Path, corpus: Corpus, bm25: Bm25, queries: Sequence[Query]
) -> dict[str, dict[str, float]]:
    """What the written model finds, as the service runs it."""
    embedder = OnnxEmbedder(folder)

    def encode(texts: Sequence[str], side: str) -> Floats:
        return asyncio.run((embedder.queries if side == "query" else embedder.passages)(texts))

    lexical = bm25.scores([query.text for query in queries])
    figures: dict[str, Figures] = report(queries, corpus.municipal, lexical, encode)
    return {
        way: {name: round(share, 3) for name, share in asdict(found).items()}
        for way, found in figures.items()
    }


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
