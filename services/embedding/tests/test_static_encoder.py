"""The encoder's own arithmetic; needs the extra `training`."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs the extra `training`")
pytest.importorskip("onnx", reason="needs the extra `training`")

from sidemand.embedding.adapters.onnx import OnnxEmbedder
from sidemand.embedding.features import FeatureHashing
from sidemand.embedding.model_files import StaticModel, write_model
from sidemand.embedding.training.contrast import Contrast, train_on
from sidemand.embedding.training.data import Vocabulary
from sidemand.embedding.training.encoder import StaticEncoder, Words
from sidemand.embedding.training.export import as_onnx
from sidemand.embedding.training.lessons import feature_matrix

HASHING = FeatureHashing(buckets=512, ngrams=(4,))
TEXTS = ("boligstøtte til lejere", "klage over afslag", "børnehave og skole", "hjælp i hjemmet")
QUESTIONS = ("støtte til min husleje", "jeg vil klage", "plads i børnehaven", "hjemmehjælp")


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(HASHING)


def read(vocabulary: Vocabulary, texts: Sequence[str]) -> list[Words]:
    return [vocabulary.read(text) for text in texts]


def new_encoder(vocabulary: Vocabulary, seed: int = 0) -> StaticEncoder:
    return StaticEncoder(feature_matrix(vocabulary), 16, np.random.default_rng(seed))


def test_training_brings_each_question_to_its_own_text(vocabulary: Vocabulary) -> None:
    contrast = Contrast(read(vocabulary, QUESTIONS), read(vocabulary, TEXTS))
    encoder = new_encoder(vocabulary)
    before = train_on(encoder, contrast)
    for _ in range(60):
        after = train_on(encoder, contrast)
    likeness = (
        encoder.encode(contrast.queries, "query") @ encoder.encode(contrast.passages, "passage").T
    )
    assert after < before / 5
    assert list(likeness.argmax(1)) == [0, 1, 2, 3]


def test_an_excluded_passage_is_not_pushed_away(vocabulary: Vocabulary) -> None:
    queries, passages = read(vocabulary, QUESTIONS[:2]), read(vocabulary, TEXTS[:2])
    everything_else = ~np.eye(2, dtype=bool)
    loss = train_on(new_encoder(vocabulary), Contrast(queries, passages, everything_else))
    assert loss == pytest.approx(0, abs=1e-6)


def test_the_same_seed_makes_the_same_model(vocabulary: Vocabulary) -> None:
    contrast = Contrast(read(vocabulary, QUESTIONS), read(vocabulary, TEXTS))
    models = []
    for _ in range(2):
        encoder = new_encoder(vocabulary, seed=7)
        train_on(encoder, contrast)
        models.append(as_onnx(encoder))
    assert models[0] == models[1]


async def test_the_onnx_model_gives_the_encoders_vectors_for_both_sides(
    vocabulary: Vocabulary, tmp_path: Path
) -> None:
    words = read(vocabulary, TEXTS)
    encoder = new_encoder(vocabulary)
    encoder.turns["query"] += np.random.default_rng(1).normal(0, 0.1, (16, 16)).astype(np.float32)
    weights = as_onnx(encoder)
    digest = hashlib.sha256(weights).hexdigest()
    write_model(tmp_path, StaticModel("small", digest, 16, HASHING), weights)
    embedder = OnnxEmbedder(tmp_path)
    for side, embed in (("query", embedder.queries), ("passage", embedder.passages)):
        likeness = (encoder.encode(words, side) * await embed(TEXTS)).sum(1)
        assert likeness.min() > 0.999
