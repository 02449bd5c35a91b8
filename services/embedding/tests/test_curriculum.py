"""What the encoder is shown as wrong; needs the extra `training`."""

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs the extra `training`")

from sidemand.embedding.features import FeatureHashing
from sidemand.embedding.training.curriculum import hard_negatives, questions_with_hard_negatives
from sidemand.embedding.training.data import Corpus, Provision, Query, Term, Vocabulary
from sidemand.embedding.training.lessons import make_lessons

PROVISIONS = tuple(
    Provision(("lov", str(number)), "Lov", f"Bestemmelse ord{number} om noget helt bestemt.")
    for number in range(60)
)
ASKED = range(0, 60, 2)
QUERIES = tuple(
    Query(f"spørgsmål om ord{number} nummer {turn}", "citizen", (("lov", str(number)),))
    for number in ASKED
    for turn in range(10)
)
CORPUS = Corpus(PROVISIONS, PROVISIONS, QUERIES, (Term("leje betaling", ("husleje",)),))


def test_what_looks_right_and_is_asked_about_is_a_hard_negative() -> None:
    scores = np.arange(60, 0, -1, dtype=np.float32)
    hard = hard_negatives(scores, (6,), frozenset(ASKED))
    assert hard[0] == 4
    assert 6 not in hard
    assert set(hard) <= set(ASKED)


def test_a_provision_that_nobody_asks_about_is_never_shown_as_wrong() -> None:
    vocabulary = Vocabulary(FeatureHashing(buckets=512, ngrams=(4,)))
    lexical = np.random.default_rng(0).random((len(QUERIES), len(PROVISIONS)), np.float32)
    lessons = make_lessons(CORPUS, QUERIES, lexical, vocabulary)
    unasked = {vocabulary.numbers[f"ord{number}"] for number in range(1, 60, 2)}
    batches = list(questions_with_hard_negatives(lessons, np.random.default_rng(0)))
    shown = {int(word) for batch in batches for words in batch.passages for word in words}
    assert shown
    assert not shown & unasked
