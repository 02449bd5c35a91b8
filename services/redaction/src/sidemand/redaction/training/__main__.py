"""The command: reads the data, trains, measures on the development sets, writes the weights."""

import argparse
import hashlib
import io
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from sidemand.redaction import special
from sidemand.redaction.neural import Network, NetworkWeights
from sidemand.redaction.spans import Kind
from sidemand.redaction.tagger import LABELS, NAMES, Tagger, load_weights, pack_crf
from sidemand.redaction.training import (
    clusters,
    convolution,
    corpora,
    fields,
    marked,
    phrases,
    sensitive,
)
from sidemand.redaction.training.augmentation import Augmentation
from sidemand.redaction.training.blanks import Blanks
from sidemand.redaction.training.corpora import Names, Sentence
from sidemand.redaction.word_classes import CLASSES, WordClasses, WordScores, fit

SEED: Final = 20260118
_PROVISIONS: Final = 1000
_PROVISIONS_WITHOUT_STATEMENT: Final = 200
_WORDLIKE: Final = 0.05
_PASSES: Final = 10
_PASSES_OF_NETWORK: Final = 4
_PASSES_OF_STATEMENTS: Final = 14
_DRAWS: Final = 2
"""How often each case text is varied."""
_WEIGHTS: Final = Path(__file__).parents[1] / "weights"
_FREQUENT: Final = 8
"""A word that is written more often than this, and in no statement, is nothing sensitive."""


def main() -> None:
    """Train with one command; the same data and seed give the same weights."""
    arguments = _arguments()
    data = arguments.shared / "data"
    if not (data / "ner").is_dir():
        sys.exit(f"{data} holds no training data; name its folder with --shared or SIDEMAND_SHARED")
    started = time.process_time()
    names = corpora.names(data)
    groups = clusters.cluster(corpora.plain_texts(data), SEED)
    # Trained on the packed numbers, so that what is trained is what is shipped.
    words = WordScores.from_arrays(word_classes(names).to_arrays("word"), "word")
    classes = WordClasses(words, groups)
    lexicon = WordScores.from_arrays(sensitive_words(data, names).to_arrays("lexicon"), "lexicon")
    _say(f"words after {time.process_time() - started:.0f} s")
    texts = [path for path in marked.files(data) if path.stem not in arguments.without]
    examples = list(sentences(data, names, texts))
    crf = fields.train(examples, classes, NAMES, _PASSES)
    _say(f"field of names after {time.process_time() - started:.0f} s")
    network = convolution.train(examples, classes, NAMES, _PASSES_OF_NETWORK, SEED).to_arrays()
    _say(f"network of names after {time.process_time() - started:.0f} s")
    told = statements(data, names, texts)
    special_crf = fields.train(told, classes, special.scheme(lexicon), _PASSES_OF_STATEMENTS)
    _say(f"special categories after {time.process_time() - started:.0f} s")
    arrays = {
        **pack_crf(crf, "crf"),
        **network,
        **classes.to_arrays(),
        **pack_crf(special_crf, "special"),
        **lexicon.to_arrays("lexicon"),
    }
    news = sorted((data / "ner").glob("*_dev.*.gz"))
    tagger = Tagger(crf, classes, Network(NetworkWeights.from_arrays(network)))
    write(arguments.out, arrays, {path.name: fields.person_scores(tagger, path) for path in news})
    load_weights(arguments.out)


def _arguments() -> argparse.Namespace:
    default = os.environ.get("SIDEMAND_SHARED") or Path(__file__).parents[7] / "shared"
    parser = argparse.ArgumentParser(description="Train the name tagger of the redaction service.")
    parser.add_argument("--shared", type=Path, default=Path(default), help="folder with data/")
    parser.add_argument("--out", type=Path, default=_WEIGHTS, help="where the weights go")
    parser.add_argument(
        "--without", nargs="*", default=[], help="files of case texts that are held out, by name"
    )
    return parser.parse_args()


def word_classes(names: Names) -> WordScores:
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


def sensitive_words(data: Path, names: Names) -> WordScores:
    """Learn what words of each special category look like."""
    column = {kind: index for index, kind in enumerate(special.SPECIAL_KINDS)}
    member: dict[str, npt.NDArray[np.float32]] = {}
    health = ((word, Kind.HEALTH) for word in corpora.health_words(data))
    for word, kind in (*health, *sensitive.lexicon()):
        member.setdefault(word, np.zeros(len(column), dtype=np.float32))[column[kind]] = 1
    nothing = np.zeros(len(column), dtype=np.float32)
    frequent = [word for word, count in names.ordinary.items() if count > _FREQUENT]
    examples = [(word, kinds) for word, kinds in member.items() for _ in range(3)]
    examples += [(word, nothing) for word in frequent if word not in member]
    return fit(examples, epochs=6, seed=SEED)


def sentences(data: Path, names: Names, case_texts: Sequence[Path]) -> Iterator[Sentence]:
    """Everything that the tagger of names learns from, with its variants."""
    vary = Augmentation(names, SEED, _WORDLIKE)
    elsewhere = Blanks(vary, random.Random(SEED)).elsewhere
    for path in case_texts:
        for index, sentence in enumerate(corpora.case_texts(path, corpora.NAMED)):
            for draw in range(_DRAWS):
                yield from _variants(sentence, vary, elsewhere)
                other = (vary.broken, vary.spoken)[(index + draw) % 2]
                yield other(elsewhere(vary.renamed(sentence)))
    for index, sentence in enumerate(corpora.news(data / "ner/ddt_train.iob2.gz")):
        named = f"B-{Kind.PERSON}" in sentence.labels
        if named or index % 2 == 0:
            yield sentence
        if named:
            yield vary.renamed(sentence)
            yield (vary.lowered, vary.abbreviated)[index % 2](vary.renamed(sentence))
    yield from phrases.filled(vary, SEED)
    yield from corpora.law(data / "law/municipal.jsonl.gz", _PROVISIONS)
    yield from corpora.guidance(data.parent / "samples/guidance")
    yield from phrases.of_illness(corpora.health_words(data), SEED)
    yield from corpora.help_texts(data / "parallel/gnome_help_da.po.gz")
    yield from corpora.everyday(data / "parallel/tatoeba_en_da.txt.gz", names.first)


def _variants(
    sentence: Sentence, vary: Augmentation, elsewhere: Callable[[Sentence], Sentence]
) -> Iterator[Sentence]:
    """One sentence of a case text in every way that such a sentence is written."""
    yield sentence
    yield vary.renamed(sentence)
    yield elsewhere(vary.renamed(sentence))
    yield vary.abbreviated(elsewhere(vary.renamed(sentence)))
    yield vary.lowered(elsewhere(vary.renamed(sentence)))
    yield vary.mistyped(vary.renamed(sentence))


def statements(data: Path, names: Names, case_texts: Sequence[Path]) -> Iterator[Sentence]:
    """Everything that the tagger of special categories learns from."""
    vary = Augmentation(names, SEED)
    for path in case_texts:
        for sentence in corpora.case_texts(path, corpora.SPECIAL):
            yield sentence
            yield vary.lowered(sentence)
    yield from sensitive.statements(vary, SEED)
    yield from corpora.law(data / "law/municipal.jsonl.gz", _PROVISIONS_WITHOUT_STATEMENT)


def write(
    folder: Path,
    arrays: Mapping[str, npt.NDArray[np.generic]],
    figures: Mapping[str, Mapping[str, float]],
) -> None:
    """Write the weights and the manifest that names their hash and figures."""
    folder.mkdir(parents=True, exist_ok=True)
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)  # type: ignore[arg-type]
    (folder / "tagger.npz").write_bytes(packed.getvalue())
    manifest = {
        "sha256": hashlib.sha256(packed.getvalue()).hexdigest(),
        "bytes": len(packed.getvalue()),
        "seed": SEED,
        "labels": list(LABELS),
        "special_labels": list(special.LABELS),
        "figures": figures,
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / "tagger.json").write_text(text, "utf-8")
    _say(text)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
