"""What is learnt of many words at once is what is learnt of each alone."""

import random
import zlib

import pytest
from sidemand.redaction import tagger
from sidemand.redaction.features import (
    ATTRIBUTES,
    OFFSETS,
    attributes_of,
    near_attributes,
    rows_by_distance,
    rows_of,
)
from sidemand.redaction.tagger import Tagger, shipped_weights
from sidemand.redaction.word_classes import WordClasses

WORDS = ["Tornbjerg", "1237", "\n", ",", "østergaards", "X", "blåbærgrød", "Y1t", "a" * 3000]


def fresh_classes() -> WordClasses:
    return WordClasses.from_arrays(shipped_weights()[1].to_arrays())


def test_a_row_is_the_hash_of_a_distance_and_an_attribute() -> None:
    classes = fresh_classes()
    for word in WORDS:
        near = near_attributes(word, classes)
        for offset, rows in zip(OFFSETS, rows_by_distance(near), strict=True):
            named = [f"{offset}{attribute}".encode() for attribute in near[: len(rows)]]
            assert rows == [zlib.crc32(name) % ATTRIBUTES for name in named]


def test_far_from_a_word_only_its_first_attributes_count() -> None:
    near = near_attributes("Tornbjerg", fresh_classes())
    assert [len(rows) for rows in rows_by_distance(near)] == [4, 5, *[len(near)] * 3, 5, 4]


def test_words_have_the_same_rows_together_as_alone() -> None:
    classes = fresh_classes()
    nears = [near_attributes(word, classes) for word in WORDS]
    for index, (rows, starts) in enumerate(rows_of(nears)):
        ends = [*starts[1:], len(rows)]
        together = [rows[s:e].tolist() for s, e in zip(starts, ends, strict=True)]
        assert together == [rows_by_distance(near)[index] for near in nears]


def test_words_have_the_same_scores_together_as_alone() -> None:
    together, alone = fresh_classes(), fresh_classes()
    apart = [near_attributes(word, alone) for word in WORDS]
    assert attributes_of(WORDS, together) == apart
    for word in WORDS:
        assert together.scores(word.lower()) == alone.scores(word.lower())


def test_a_tagger_that_forgets_words_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = random.Random(5)
    words = ["".join(drawn.choices("abdefgiklmnorstuvæø", k=6)) for _ in range(150)]
    text = " ".join(f"{word} hos Lan {word.title()}sen," for word in words)
    weights = shipped_weights()
    expected = [*Tagger(*weights).find(text, caution=1.0)]
    assert expected
    monkeypatch.setattr(tagger, "_KNOWN_WORDS", 200)
    small = Tagger(*weights)
    for _ in range(2):
        assert [*small.find(text, caution=1.0)] == expected
