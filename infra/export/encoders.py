"""Compares ways to make the encoder that the package carries, on questions kept out of training.

Each way starts from the same table, which has only read the law; what is compared is whether words
are read in their context and whether an English teacher helps. Nothing of it is shipped.
"""

import sys
import time
import zlib
from argparse import Namespace
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from contextual import ContextualEncoder
from sentence_transformers import SentenceTransformer
from sidemand.embedding.features import FeatureHashing
from sidemand.embedding.training.contrast import Contrast, train_on
from sidemand.embedding.training.curriculum import (
    CLOZE_PASSES,
    SLOWER_EACH_PASS,
    Lessons,
    inverse_cloze,
    questions_with_hard_negatives,
)
from sidemand.embedding.training.data import Vocabulary, read_corpus
from sidemand.embedding.training.encoder import BUCKETS, Floats, StaticEncoder, Words
from sidemand.embedding.training.evaluation import Bm25, fused, judge_each, standard_error
from sidemand.embedding.training.lessons import beginner, make_lessons
from sidemand.embedding.training.parallel import read_pairs

FOLDS = 5
LONGEST_SHOWN = 80
"""Words of a passage that a step reads; evaluated are 220, as shipped."""
PAIRS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Way:
    """One way to train."""

    layers: int
    distilled: bool

    def __str__(self) -> str:
        body = f"{self.layers} layer(s) of context" if self.layers else "static"
        return f"{body}, {'with' if self.distilled else 'without'} the teacher"


@dataclass(frozen=True, slots=True)
class Taught:
    """Danish texts as word numbers, and the teacher's vectors of the same in English."""

    texts: Sequence[Words]
    vectors: Floats


def compare(chosen: Namespace) -> None:
    """Train every way with every seed, and print what each finds beside the first."""
    torch.set_num_threads(1)
    trial = Trial(chosen)
    baseline: dict[str, Floats] | None = None
    ways = [Way(layers, distilled) for layers in chosen.layers for distilled in (False, True)]
    for way in ways:
        found = [trial.run(way, seed) for seed in range(chosen.seeds)]
        each = {name: np.mean([run[name] for run in found], axis=0) for name in found[0]}
        baseline = baseline or each
        for name, scores in each.items():
            means = " ".join(f"{run[name].mean():.3f}" for run in found)
            better = scores - baseline[name]
            _say(
                f"{way}: {name} nDCG@10 {scores.mean():.4f} (seeds {means}),"
                f" {better.mean():+.4f} ± {standard_error(better, trial.asked):.4f}"
            )


class Trial:
    """The texts of one fold, the table to start from, and what the teacher says."""

    def __init__(self, chosen: Namespace) -> None:
        self._passes, self._cloze_steps = chosen.passes, chosen.cloze_steps
        self._corpus = read_corpus(chosen.data)
        self.asked = [q for q in self._corpus.queries if _fold(q.relevant[0]) == chosen.fold]
        shown = [
            query
            for query in self._corpus.queries
            if all(_fold(key) != chosen.fold for key in query.relevant)
        ]
        bm25 = Bm25(self._corpus.municipal)
        self._lexical = bm25.scores([query.text for query in self.asked])
        vocabulary = Vocabulary(FeatureHashing(BUCKETS))
        lexical = bm25.scores([query.text for query in shown])
        self._lessons = make_lessons(self._corpus, shown, lexical, vocabulary)
        self._queries = [vocabulary.read(query.text) for query in self.asked]
        pairs = read_pairs(chosen.data / "parallel")
        danish = [vocabulary.read(text) for _, text in pairs]
        kept = [number for number, words in enumerate(danish) if len(words)]
        kept = sorted(np.random.default_rng(0).permutation(kept)[: chosen.pairs])
        vectors = _taught_by(chosen.teacher, [pairs[number][0] for number in kept])
        self._taught = Taught([danish[number] for number in kept], vectors)
        _say(f"{len(shown)} questions shown, {len(self.asked)} asked, {len(kept)} pairs")
        self._start = _after_the_law(self._lessons, vocabulary)

    def run(self, way: Way, seed: int) -> dict[str, Floats]:
        """nDCG@10 of each question that is asked, by the encoder alone and beside BM25."""
        started = time.process_time()
        rng = np.random.default_rng(seed)
        encoder = ContextualEncoder(deepcopy(self._start), way.layers, seed)
        if way.layers:
            for contrast in islice(inverse_cloze(self._lessons.articles, rng), self._cloze_steps):
                encoder.train_on(_shortened(contrast))
        if way.distilled:
            for texts, vectors, side in _lessons_of(self._taught, rng):
                encoder.distil_on(texts, vectors, side)
        for _ in range(self._passes):
            losses = [
                encoder.train_on(_own_only(contrast))
                for contrast in questions_with_hard_negatives(self._lessons, rng)
            ]
            encoder.slow_down(SLOWER_EACH_PASS)
        trained = time.process_time()
        passages = encoder.encode(self._lessons.passages, "passage")
        speed = len(passages) / (time.process_time() - trained)
        dense = encoder.encode(self._queries, "query") @ passages.T
        _say(
            f"  {way}, seed {seed}: loss {np.mean(losses):.3f}, {trained - started:.0f} s,"
            f" {speed:.0f} provisions a second"
        )
        ways = {"alone": dense, "with BM25": fused(self._lexical, dense)}
        return {
            name: judge_each(scores, self.asked, self._corpus.municipal)[:, 3]
            for name, scores in ways.items()
        }


def _after_the_law(lessons: Lessons, vocabulary: Vocabulary) -> StaticEncoder:
    rng = np.random.default_rng(0)
    encoder = beginner(lessons, vocabulary, rng)
    for _ in range(CLOZE_PASSES):
        for contrast in inverse_cloze(lessons.articles, rng):
            train_on(encoder, contrast)
    return encoder


def _taught_by(folder: Path, english: Sequence[str]) -> Floats:
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    vectors = model.encode(list(english), batch_size=128, normalize_embeddings=True)
    return np.asarray(vectors, np.float32)


def _own_only(contrast: Contrast) -> Contrast:
    """Without wrong answers from elsewhere, which changed nothing and cost three times as much."""
    count = len(contrast.queries)
    excluded = contrast.excluded
    own = replace(
        contrast,
        passages=contrast.passages[:count],
        excluded=None if excluded is None else excluded[:, :count],
    )
    return _shortened(own)


def _shortened(contrast: Contrast) -> Contrast:
    return replace(contrast, passages=[words[:LONGEST_SHOWN] for words in contrast.passages])


def _lessons_of(
    taught: Taught, rng: np.random.Generator
) -> Iterator[tuple[list[Words], Floats, str]]:
    """One pass over the pairs for each side."""
    for side in ("passage", "query"):
        order = rng.permutation(len(taught.texts))
        for start in range(0, len(order) - PAIRS_AT_ONCE + 1, PAIRS_AT_ONCE):
            part = order[start : start + PAIRS_AT_ONCE]
            yield [taught.texts[number] for number in part], taught.vectors[part], side


def _fold(key: tuple[str, str]) -> int:
    return zlib.crc32("|".join(("fold", *key)).encode()) % FOLDS


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
