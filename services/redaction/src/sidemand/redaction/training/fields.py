"""Fits conditional random fields, and measures them on news."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pycrfsuite
from sidemand.redaction.features import ATTRIBUTES, OFFSETS
from sidemand.redaction.tagger import CrfWeights, Scheme, Tagger
from sidemand.redaction.training import corpora
from sidemand.redaction.training.corpora import Sentence
from sidemand.redaction.word_classes import WordClasses

_PARAMETERS: Final = {
    "c2": 0.05,
    "period": 5,
    "delta": 1e-4,
    "calibration.samples": 600,
    "feature.possible_transitions": True,
}


def train(
    examples: Iterable[Sentence], classes: WordClasses, scheme: Scheme, passes: int
) -> CrfWeights:
    """Fit the field by stochastic gradient descent, a fraction of what L-BFGS takes."""
    trainer: Any = pycrfsuite.Trainer(algorithm="l2sgd", verbose=False)  # type: ignore[attr-defined]
    known: dict[str, list[list[str]]] = {}
    for sentence in examples:
        trainer.append(_items(sentence.words, classes, scheme, known), sentence.labels)
    trainer.set_params({**_PARAMETERS, "max_iterations": passes})
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "tagger.crfsuite")
        trainer.train(path)
        model: Any = pycrfsuite.Tagger()  # type: ignore[attr-defined]
        model.open(path)
        info = model.info()
    column = {label: index for index, label in enumerate(scheme.labels)}
    states = np.zeros((ATTRIBUTES, len(column)), dtype=np.float32)
    for (attribute, label), weight in info.state_features.items():
        states[int(attribute), column[label]] = weight
    transitions = np.zeros((len(column), len(column)), dtype=np.float32)
    for (before, after), weight in info.transitions.items():
        transitions[column[before], column[after]] = weight
    return CrfWeights(states, transitions)


def _items(
    words: list[str], classes: WordClasses, scheme: Scheme, known: dict[str, list[list[str]]]
) -> list[list[str]]:
    """For each word the attributes that it and its neighbours switch on."""
    for word in words:
        if word not in known:
            known[word] = [[str(row) for row in rows] for rows in scheme.attributes(word, classes)]
    items: list[list[str]] = []
    for position in range(len(words)):
        active: list[str] = []
        for index, offset in enumerate(OFFSETS):
            if 0 <= position + offset < len(words):
                active += known[words[position + offset]][index]
        items.append(active)
    return items


def person_scores(tagger: Tagger, path: Path) -> dict[str, float]:
    """The share of words of persons that are found in news, and of other words that are masked."""
    hit = named = masked = other = 0
    for sentence in corpora.news(path):
        text = " ".join(sentence.words)
        covered = np.zeros(len(text) + 1, dtype=bool)
        for span in tagger.find(text):
            covered[span.start : span.end] = True
        at = 0
        for word, label in zip(sentence.words, sentence.labels, strict=True):
            found = bool(covered[at])
            hit, named = hit + (found and label != "O"), named + (label != "O")
            masked, other = masked + (found and label == "O"), other + (label == "O")
            at += len(word) + 1
    return {
        "person_words_found": round(hit / max(1, named), 4),
        "other_words_masked": round(masked / max(1, other), 4),
    }
