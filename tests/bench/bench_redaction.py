"""Redaction: CPR numbers in every written form, and the speed of finding.

python tests/bench/bench_redaction.py [N [SEED]] measures kB a CPU second of the recognisers, of the
tagger and of everything, on short texts (the first after a start, and later ones) and on texts of
up to 2 MB; then writes N CPR numbers (20,000 unless said otherwise) into running text, each in a
form of its own, counts those of which a digit is left and prints the texts, in which nobody is
named, as it finds them. It writes build/bench/redaction.json:
numbers, leaks, leaks_by_form, parked, first_kb_per_second, rules_kb_per_second,
everything_kb_per_second, tagger_sentences_per_second, megabytes{size: kB/s}, slowdown_at_2_mb
(kB/s at 0.125 MB by kB/s at 2 MB).
"""

import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from sidemand.evaluation.redaction import read_marked
from sidemand.evaluation.written_numbers import draw, leaked
from sidemand.redaction.finding import MAX_CHARACTERS, Finder, Unredactable
from sidemand.redaction.normalise import normalise
from sidemand.redaction.recognisers import find_identifiers
from sidemand.redaction.tagger import Tagger, shipped_weights

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("SIDEMAND_SHARED", ROOT.parent / "shared"))
OUTPUT = ROOT / "build/bench/redaction.json"
NUMBERS = 20_000
SEED = 20261126
SIZES = (125_000, 250_000, 500_000, 1_000_000, 1_990_000)


def search_numbers(finder: Finder, count: int, seed: int) -> dict[str, object]:
    """How many of `count` written numbers are not wholly covered."""
    leaks: Counter[str] = Counter()
    parked = 0
    for number in draw(count, seed):
        try:
            found = [(m.start, m.end) for m in finder.find(number.text)]
        except Unredactable:
            parked += 1
            continue
        if leaked(number, found):
            leaks[number.form] += 1
            print(f"{number.form}: {number.text!r}", file=sys.stderr, flush=True)
    return {
        "numbers": count,
        "leaks": leaks.total(),
        "leaks_by_form": leaks,
        "parked": parked,
    }


def short_texts() -> list[str]:
    """Case texts where the shared data lies, else sentences with numbers in them."""
    path = SHARED / "data/pii/train_c.jsonl"
    if path.exists():
        return [document.text for document in read_marked(path)]
    return [number.text for number in draw(500, SEED)]


def kb_per_second(texts: Sequence[str], work: Callable[[str], object]) -> float:
    """Kilobytes of `texts` a CPU second, the best of three rounds after one that warms up."""
    size = sum(len(text.encode()) for text in texts) / 1000
    best = 0.0
    for index in range(4):
        started = time.process_time()
        for text in texts:
            work(text)
        if index:
            best = max(best, size / (time.process_time() - started))
    return round(best, 1)


def first_kb_per_second(finder: Finder, texts: Sequence[str]) -> float:
    """Kilobytes of `texts` a CPU second for a `finder` that has read nothing yet."""
    started = time.process_time()
    for text in texts:
        finder.find(text)
    return round(sum(len(text.encode()) for text in texts) / 1000 / _since(started), 1)


def growth(finder: Finder, texts: Sequence[str]) -> dict[str, object]:
    """Kilobytes a CPU second by size of text, in characters."""
    one = "\n\n".join(texts)
    speeds: dict[str, float] = {}
    for size in SIZES:
        text = (one * (size // len(one) + 1))[: min(size, MAX_CHARACTERS)]
        started = time.process_time()
        finder.find(text)
        speeds[f"{size / 1e6:g}"] = round(len(text.encode()) / 1000 / _since(started), 1)
    first, *_, last = speeds.values()
    return {"megabytes": speeds, "slowdown_at_2_mb": round(first / last, 2)}


def _since(started: float) -> float:
    return time.process_time() - started


def main() -> None:
    """Measure and write the figures."""
    count, seed = [*map(int, sys.argv[1:3]), *(NUMBERS, SEED)[len(sys.argv) - 1 :]]
    tagger = Tagger(*shipped_weights())
    finder = Finder(tagger)
    texts = short_texts()
    first = first_kb_per_second(finder, texts)
    plain = [normalise(text).text for text in texts]
    sentences = [s for text in plain for s in re.split(r"(?<=[.!?]) |\n+", text) if s]
    per_sentence = sum(len(s.encode()) for s in sentences) / 1000 / len(sentences)
    tagged = kb_per_second(sentences, lambda text: list(tagger.find(text, caution=1)))
    figures = {
        "first_kb_per_second": first,
        "rules_kb_per_second": kb_per_second(plain, lambda text: list(find_identifiers(text))),
        "everything_kb_per_second": kb_per_second(texts, finder.find),
        "tagger_sentences_per_second": round(tagged / per_sentence),
        **growth(finder, texts),
        **search_numbers(finder, count, seed),
    }
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps(figures, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
