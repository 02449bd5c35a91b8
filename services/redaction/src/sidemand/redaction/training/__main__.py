"""The command: reads the data, trains, measures on the development sets, writes the weights."""

import argparse
import hashlib
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pycrfsuite
from sidemand.redaction.features import ATTRIBUTES, OFFSETS, attributes
from sidemand.redaction.spans import Kind
from sidemand.redaction.tagger import LABELS, CrfWeights, Tagger, load_weights, pack_crf
from sidemand.redaction.training import corpora
from sidemand.redaction.training.augmentation import Augmentation
from sidemand.redaction.training.corpora import Names, Sentence
from sidemand.redaction.word_classes import CLASSES, WordClasses, fit

SEED = 20260118
_PROVISIONS = 1400
_WEIGHTS = Path(__file__).parents[1] / "weights"
_PARAMETERS = {"c1": 0.08, "c2": 0.02, "max_iterations": 110, "feature.possible_transitions": True}


def main() -> None:
    """Train with one command; the same data and seed give the same weights."""
    arguments = _arguments()
    data = arguments.shared / "data"
    if not (data / "ner").is_dir():
        sys.exit(f"{data} holds no training data; name its folder with --shared or SIDEMAND_SHARED")
    started = time.monotonic()
    names = corpora.names(data)
    classes = word_classes(names)
    _say(f"word classes after {time.monotonic() - started:.0f} s")
    # Trained on the packed numbers, so that what is trained is what is shipped.
    classes = WordClasses.from_arrays(classes.to_arrays())
    crf = train(list(sentences(data, names, arguments.case_texts)), classes)
    _say(f"tagger after {time.monotonic() - started:.0f} s")
    figures = {path.name: person_scores(Tagger(crf, classes), path) for path in _news_dev(data)}
    write(arguments.out, crf, classes, figures)
    load_weights(arguments.out)


def _arguments() -> argparse.Namespace:
    default = os.environ.get("SIDEMAND_SHARED") or Path(__file__).parents[7] / "shared"
    parser = argparse.ArgumentParser(description="Train the name tagger of the redaction service.")
    parser.add_argument("--shared", type=Path, default=Path(default), help="folder with data/")
    parser.add_argument("--out", type=Path, default=_WEIGHTS, help="where the weights go")
    parser.add_argument(
        "--case-texts", nargs="*", default=["train_a", "train_b", "train_c"], help="of data/pii"
    )
    return parser.parse_args()


def word_classes(names: Names) -> WordClasses:
    """Learn what names, places and ordinary words look like."""
    member: dict[str, npt.NDArray[np.float32]] = {}
    lists: tuple[Iterable[str], ...] = (
        (part for name in names.first for part in name.split("-")),
        (part for name in names.last for part in name.split("-")),
        (part.lower() for name in [*names.places, *names.streets] for part in name.split()),
        names.ordinary,
    )
    for column, words in enumerate(lists):
        for word in words:
            if word.isalpha():
                member.setdefault(word, np.zeros(len(CLASSES), dtype=np.float32))[column] = 1
    examples = [(w, m) for w, m in member.items() for _ in range(_weight(w, names))]
    return fit(examples, epochs=10, seed=SEED)


def _weight(word: str, names: Names) -> int:
    """How often a word is shown: by the digits of how often it is written or borne."""
    return max(
        len(str(counts.get(word, 1))) for counts in (names.first, names.last, names.ordinary)
    )


def sentences(data: Path, names: Names, case_texts: list[str]) -> Iterator[Sentence]:
    """Everything that the tagger learns from, with its variants."""
    vary = Augmentation(names, SEED)
    for name in case_texts:
        for sentence in corpora.case_texts(data / f"pii/{name}.jsonl"):
            yield sentence
            yield vary.renamed(sentence)
            yield vary.renamed(sentence)
            yield vary.lowered(vary.renamed(sentence))
    for file in ("ddt_train.iob2.gz", "danplus_news_train.tsv.gz"):
        for index, sentence in enumerate(corpora.news(data / "ner" / file)):
            named = f"B-{Kind.PERSON}" in sentence.labels
            if named or index % 3 == 0:
                yield sentence
            if named:
                yield vary.renamed(sentence)
            if named and index % 2 == 0:
                yield vary.lowered(vary.renamed(sentence))
    yield from corpora.law(data / "law/municipal.jsonl.gz", _PROVISIONS)
    yield from corpora.help_texts(data / "parallel/gnome_help_da.po.gz")


def train(examples: list[Sentence], classes: WordClasses) -> CrfWeights:
    """Fit the field with L-BFGS and an L1 penalty that leaves few weights."""
    trainer: Any = pycrfsuite.Trainer(verbose=False)  # type: ignore[attr-defined]
    known: dict[str, list[list[str]]] = {}
    for sentence in examples:
        trainer.append(_items(sentence.words, classes, known), sentence.labels)
    trainer.set_params(_PARAMETERS)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "tagger.crfsuite")
        trainer.train(path)
        model: Any = pycrfsuite.Tagger()  # type: ignore[attr-defined]
        model.open(path)
        info = model.info()
    states = np.zeros((ATTRIBUTES, len(LABELS)), dtype=np.float32)
    for (attribute, label), weight in info.state_features.items():
        states[int(attribute), LABELS.index(label)] = weight
    transitions = np.zeros((len(LABELS), len(LABELS)), dtype=np.float32)
    for (before, after), weight in info.transitions.items():
        transitions[LABELS.index(before), LABELS.index(after)] = weight
    return CrfWeights(states, transitions)


def _items(
    words: list[str], classes: WordClasses, known: dict[str, list[list[str]]]
) -> list[list[str]]:
    """For each word the attributes that it and its neighbours switch on."""
    for word in words:
        if word not in known:
            known[word] = [[str(row) for row in rows] for rows in attributes(word, classes)]
    items: list[list[str]] = []
    for position in range(len(words)):
        active: list[str] = []
        for index, offset in enumerate(OFFSETS):
            if 0 <= position + offset < len(words):
                active += known[words[position + offset]][index]
        items.append(active)
    return items


def person_scores(tagger: Tagger, path: Path) -> dict[str, float]:
    """Precision, recall of words that belong to persons, and the share of others masked."""
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


def _news_dev(data: Path) -> list[Path]:
    return sorted((data / "ner").glob("*_dev.*.gz"))


def write(
    folder: Path, crf: CrfWeights, classes: WordClasses, figures: dict[str, dict[str, float]]
) -> None:
    """Write the weights and the manifest that names their hash and figures."""
    folder.mkdir(parents=True, exist_ok=True)
    packed = io.BytesIO()
    np.savez_compressed(packed, **pack_crf(crf), **classes.to_arrays())  # type: ignore[arg-type]
    (folder / "tagger.npz").write_bytes(packed.getvalue())
    manifest = {
        "sha256": hashlib.sha256(packed.getvalue()).hexdigest(),
        "bytes": len(packed.getvalue()),
        "seed": SEED,
        "labels": list(LABELS),
        "figures": figures,
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / "tagger.json").write_text(text, "utf-8")
    _say(text)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
