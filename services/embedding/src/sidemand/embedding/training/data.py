"""The training texts of `../shared/data`, as word numbers."""

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sidemand.danish.sentences import sentences
from sidemand.embedding.features import FeatureHashing
from sidemand.embedding.training.encoder import Words

_SENTENCES_READ = 30
_SHORTEST_SENTENCE = 3


@dataclass(frozen=True, slots=True)
class Provision:
    """One provision of an act, which `key` (act and ref) names in the query files."""

    key: tuple[str, str]
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the provisions that answer it; `tolerated` ones count as nothing."""

    text: str
    kind: str
    relevant: tuple[tuple[str, str], ...]
    tolerated: tuple[tuple[str, str], ...] = ()

    @property
    def held_out(self) -> bool:
        """Whether no encoder is trained on it: an eighth of the provisions, for calibration."""
        return zlib.crc32("|".join(self.relevant[0]).encode()) % 8 == 0


@dataclass(frozen=True, slots=True)
class Term:
    """An official term, its definition, and what people say instead."""

    official: str
    everyday: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """All that is trained on, and the provisions that are searched in the evaluation."""

    acts: tuple[Provision, ...]
    municipal: tuple[Provision, ...]
    queries: tuple[Query, ...]
    terms: tuple[Term, ...]


@dataclass(slots=True)
class Vocabulary:
    """Numbers the words of the training texts in the order in which they come."""

    hashing: FeatureHashing
    numbers: dict[str, int] = field(default_factory=dict)

    def read(self, text: str) -> Words:
        """The word numbers of `text`; new words get new numbers."""
        words = self.hashing.content_words(text)
        return np.array([self.numbers.setdefault(word, len(self.numbers)) for word in words], int)

    def read_sentences(self, text: str) -> list[Words]:
        """The word numbers of each sentence that has a few words."""
        spans = sentences(text)[:_SENTENCES_READ]
        found = [self.read(span.of(text)) for span in spans]
        return [words for words in found if len(words) >= _SHORTEST_SENTENCE]


def read_corpus(data: Path) -> Corpus:
    """Read `data`. Raises FileNotFoundError with the missing file's name."""
    municipal = _distinct(_read_acts(data / "law/municipal.jsonl.gz"))
    known = {provision.key for provision in municipal}
    files = sorted((data / "retrieval/train").glob("queries_*.jsonl"))
    if not files:
        raise FileNotFoundError(f"no queries_*.jsonl in {data / 'retrieval/train'}")
    queries = (query for file in files for query in read_queries(file))
    return Corpus(
        acts=tuple(_read_acts(data / "law/all_newest.jsonl.gz")),
        municipal=municipal,
        queries=tuple(
            query for query in queries if query.relevant and known.issuperset(query.relevant)
        ),
        terms=tuple(_read_terms(data / "retrieval/train/lexicon.jsonl")),
    )


def read_queries(file: Path) -> Iterator[Query]:
    """The queries of a JSON Lines file, one a line."""
    for line in file.read_text("utf-8").splitlines():
        entry = json.loads(line)
        yield Query(
            text=entry["query"],
            kind=entry["kind"],
            relevant=tuple((act, ref) for act, ref in entry["relevant"]),
            tolerated=tuple((act, ref) for act, ref in entry.get("also_ok", ())),
        )


def _read_acts(file: Path) -> Iterator[Provision]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for act in map(json.loads, lines):
            for part in act["provisions"]:
                yield Provision((act["act_id"], part["ref"]), act["title"], part["text"])


def _distinct(provisions: Iterator[Provision]) -> tuple[Provision, ...]:
    """The first provision of each key: a few commencement clauses share one with a real §."""
    kept: dict[tuple[str, str], Provision] = {}
    for provision in provisions:
        kept.setdefault(provision.key, provision)
    return tuple(kept.values())


def _read_terms(file: Path) -> Iterator[Term]:
    for line in file.read_text("utf-8").splitlines():
        entry = json.loads(line)
        said: Sequence[str] = (*entry["everyday"], *entry.get("jargon", ()))
        yield Term(f"{entry['official']} {entry.get('definition') or ''}", tuple(said))
