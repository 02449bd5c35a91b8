"""Writes `compound_parts.txt`: the stems that Danish compounds are made of, with their counts.

    python libs/danish/make_compound_parts.py ../shared/data

Reads the words of Danish law (`law/all_newest.jsonl.gz`, free of copyright) and of the debates of
Folketinget (`text/folketing_20222.txt.gz`). A stem is a part when enough different words divide
into it and another known stem. Takes about two minutes.
"""

import gzip
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sidemand.danish.compounds import two_part_splits
from sidemand.danish.stems import stem
from sidemand.danish.words import words

PARTS = Path(__file__).parent / "src/sidemand/danish/compound_parts.txt"
RAREST_STEM = 10
RAREST_COMPOUND = 2
RAREST_SHORT_PART = 50  # as a word: three letters fit in too easily
COMPOUNDS_OF_A_RARE_PART = 3
# Endings and function words that look like parts.
NO_PARTS = """
    af and bort den det efter eller else ende ene ens ent ere for fra frem fri gen har hed hen hos
    hun hvor ikke ind kan lig med men mis mod ned når om op over sam ser sig skal som ten the til
    ude uden ved var vil vor under"""


def read_texts(data: Path) -> Iterator[str]:
    """Every title, provision and line of debate below `data`."""
    with gzip.open(data / "law/all_newest.jsonl.gz", "rt", encoding="utf-8") as acts:
        for act in map(json.loads, acts):
            yield act["title"]
            yield from (provision["text"] for provision in act["provisions"])
    with gzip.open(data / "text/folketing_20222.txt.gz", "rt", encoding="utf-8") as debates:
        yield from debates


def count_parts(word_counts: Counter[str]) -> Counter[str]:
    """How many different words divide into each stem."""
    no_parts = frozenset(map(stem, NO_PARTS.split()))
    stem_counts: Counter[str] = Counter()
    for word, count in word_counts.items():
        if word.isalpha():
            stem_counts[stem(word)] += count
    candidates = {
        name: -math.log(count)
        for name, count in stem_counts.items()
        if count >= (RAREST_SHORT_PART if len(name) <= 3 else RAREST_STEM) and name not in no_parts
    }
    parts: Counter[str] = Counter()
    for word, count in word_counts.items():
        if count >= RAREST_COMPOUND:
            splits = two_part_splits(word, candidates)
            parts.update(stem(part) for part in min(splits, default=(0.0, ()))[1])
    return Counter(
        {
            name: count
            for name, count in parts.items()
            if count >= COMPOUNDS_OF_A_RARE_PART or stem_counts[name] >= 2 * RAREST_STEM
        }
    )


def main(data: Path) -> None:
    """Read the texts below `data` and write the list."""
    word_counts = Counter(word for text in read_texts(data) for word in words(text))
    parts = count_parts(word_counts)
    PARTS.write_text("".join(f"{name} {parts[name]}\n" for name in sorted(parts)), "utf-8")
    sys.stderr.write(f"{len(parts)} parts written to {PARTS}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
