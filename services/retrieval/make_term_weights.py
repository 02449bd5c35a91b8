"""Weigh terms by how rare they are in Danish law and debate; writes `term_weights.txt`.

    python services/retrieval/make_term_weights.py ../shared/data

A term's weight is its inverse document frequency as BM25 has it, the mean of two collections:
provisions of 822 acts (`law/all_newest.jsonl.gz`) and passages of debate in the Folketing
(`text/folketing_20222.txt.gz`), so that neither a word of the law nor one of everyday speech
passes for rare because it is rare in the other.
"""

import argparse
import gzip
import json
import math
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sidemand.danish.analysis import terms

_LINES_A_PASSAGE = 3
_SEEN_AT_LEAST = 5
_OUTPUT = Path(__file__).parent / "src/sidemand/retrieval/term_weights.txt"


def main() -> None:
    """Count, weigh, and write the terms that were seen often enough to be weighed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("data", type=Path, help="the folder that holds law/ and text/")
    data = arguments.parse_args().data
    law = _counted(_provisions(data / "law/all_newest.jsonl.gz"))
    debate = _counted(_debate(data / "text/folketing_20222.txt.gz"))
    unseen = _weight("", law, debate)
    seen = sorted({*law, *debate})
    lines = [f"* {unseen:.2f}"] + [
        f"{term} {_weight(term, law, debate):.2f}"
        for term in seen
        if term and law[term] + debate[term] >= _SEEN_AT_LEAST
    ]
    _OUTPUT.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{len(lines) - 1} terms, {_OUTPUT.stat().st_size / 1000:.0f} kB")  # noqa: T201


def _counted(passages: Iterator[str]) -> Counter[str]:
    """In how many passages each term stands; the number of passages stands under ""."""
    counts: Counter[str] = Counter()
    for passage in passages:
        counts.update({"", *terms(passage)})
    return counts


def _weight(term: str, *collections: Counter[str]) -> float:
    return sum(_rarity(each[term] if term else 0, each[""]) for each in collections) / len(
        collections
    )


def _rarity(containing: int, of: int) -> float:
    return math.log(1 + (of - containing + 0.5) / (containing + 0.5))


def _provisions(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            for provision in json.loads(line)["provisions"]:
                yield str(provision["text"])


def _debate(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        while passage := list(islice(lines, _LINES_A_PASSAGE)):
            yield " ".join(passage)


if __name__ == "__main__":
    main()
