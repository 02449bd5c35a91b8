"""The small network: what it computes, what it keeps when it is packed, that it learns."""

import numpy as np
import pytest
from sidemand.redaction.features import OFFSETS, REACH, attributes_of, looks, rows_of
from sidemand.redaction.neural import FARTHER, ROWS, Network, NetworkWeights
from sidemand.redaction.tagger import NAMES, shipped_weights
from sidemand.redaction.training import convolution
from sidemand.redaction.training.corpora import Sentence

CLASSES = shipped_weights()[1]
TEXT = "i går ringede hr Tornbjerg fra Mosevænget 3 , og han var vred".split()


def drawn_weights() -> NetworkWeights:
    rng = np.random.default_rng(7)
    sizes = {
        "embeddings": (ROWS, 4),
        "looks": (8, 4),
        "near": (len(OFFSETS), 4, 5),
        "near_bias": (5,),
        "far": (len(FARTHER), 5, 3),
        "far_bias": (3,),
        "out": (8, 2),
        "out_bias": (2,),
    }
    drawn = {name: rng.standard_normal(size).astype(np.float32) for name, size in sizes.items()}
    return NetworkWeights(**drawn)


def scores_of(weights: NetworkWeights, words: list[str]) -> np.ndarray:
    network = Network(weights)
    own, starts = rows_of(attributes_of(words, CLASSES))[REACH]
    table = network.contributions(own, starts, [looks(word, CLASSES) for word in words])
    return network.scores(table, np.arange(len(words)))


def score_by_hand(weights: NetworkWeights, words: list[str], place: int) -> np.ndarray:
    def first(at: int) -> np.ndarray:
        total = weights.near_bias.copy()
        for index, offset in enumerate(OFFSETS):
            if 0 <= at + offset < len(words):
                rows = np.array(NAMES.attributes(words[at + offset], CLASSES)[REACH]) % ROWS
                embedded = weights.embeddings[rows].sum(axis=0) / len(rows) ** 0.5
                embedded += np.array(looks(words[at + offset], CLASSES)) @ weights.looks
                total += embedded @ weights.near[index]
        return np.maximum(total, 0)

    total = weights.far_bias.copy()
    for index, offset in enumerate(FARTHER):
        if 0 <= place + offset < len(words):
            total += first(place + offset) @ weights.far[index]
    hidden = np.concatenate([first(place), np.maximum(total, 0)])
    return hidden @ weights.out + weights.out_bias


@pytest.mark.parametrize("place", [0, 4, len(TEXT) - 1])
def test_a_word_is_scored_by_the_words_around_it(place: int) -> None:
    weights = drawn_weights()
    by_hand = score_by_hand(weights, TEXT, place)
    assert scores_of(weights, TEXT)[place] == pytest.approx(by_hand, rel=1e-3)


def test_packed_weights_score_almost_as_the_trained_ones() -> None:
    weights = drawn_weights()
    packed = NetworkWeights.from_arrays(weights.to_arrays())
    before, after = scores_of(weights, TEXT), scores_of(packed, TEXT)
    assert np.abs(before - after).max() < 0.02 * np.abs(before).max()


def test_the_network_learns_what_stands_behind_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convolution, "_WORDS_A_STEP", 80)
    rest = ["kom", "forbi"]
    names = "Storm Bro Vang Lind Kvist Mose Tang Brink Holm Krat".split()
    examples = [
        Sentence([title, name, *rest], ["O", label, *["O"] * len(rest)])
        for name in names
        for title, label in (("hr", "B-PERSON"), ("ved", "B-ADDRESS"))
    ]
    weights = convolution.train(examples, CLASSES, NAMES, passes=80, seed=3)
    for title, label in (("hr", "B-PERSON"), ("ved", "B-ADDRESS")):
        best = scores_of(weights, [title, "Krog", *rest])[1].argmax()
        assert NAMES.labels[best] == label
