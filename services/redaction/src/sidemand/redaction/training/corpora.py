"""Reads the training data beside the repository into sentences with labels."""

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sidemand.redaction.features import TOKEN
from sidemand.redaction.spans import Kind
from sidemand.redaction.tagger import chunks

_KINDS = {
    "PERSON": Kind.PERSON,
    "ORG_IDENTIFYING": Kind.ORGANISATION,
    "ADDRESS": Kind.ADDRESS,
    "PROPERTY": Kind.ADDRESS,
    "DATE_OF_BIRTH": Kind.BIRTH_DATE,
} | dict.fromkeys(
    (
        "CASE_NO PASSPORT_OR_LICENCE ACCOUNT CPR PHONE CVR PLATE IP_OR_DEVICE MITID_OR_USERNAME"
    ).split(),
    Kind.NUMBER,
)
_QUOTED = re.compile(r'"(.*)"')
_MARKUP = re.compile(r"<[^>]*>|\\.|&\w+;")
_LOWER_CASE_WORD = re.compile(r"[a-zæøåéüö]{2,30}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words with a label each."""

    words: list[str]
    labels: list[str]


@dataclass(frozen=True, slots=True)
class Names:
    """Word lists with how many persons, or how much text, stand behind each word; lower case."""

    first: dict[str, int]
    last: dict[str, int]
    streets: list[str]
    places: list[str]
    ordinary: dict[str, int]


def case_texts(path: Path) -> Iterator[Sentence]:
    """Case texts with marked spans, cut as the tagger cuts."""
    for line in path.read_text("utf-8").splitlines():
        document = json.loads(line)
        tokens = [(m.group(), m.start(), m.end()) for m in TOKEN.finditer(document["text"])]
        labels = ["O"] * len(tokens)
        for span in document["spans"]:
            if span["type"] in _KINDS:
                _mark(tokens, labels, span)
        for first, last in chunks([word for word, _, _ in tokens]):
            yield Sentence([word for word, _, _ in tokens[first:last]], labels[first:last])


def _mark(tokens: list[tuple[str, int, int]], labels: list[str], span: dict[str, object]) -> None:
    position = "B"
    for index, (_, start, end) in enumerate(tokens):
        if start < int(str(span["end"])) and end > int(str(span["start"])):
            labels[index] = f"{position}-{_KINDS[str(span['type'])]}"
            position = "I"


def news(path: Path) -> Iterator[Sentence]:
    """DDT (IOB2 with index) or DaN+ (IOB2 without); only persons are kept."""
    column = 1 if path.name.startswith("ddt") else 0
    words: list[str] = []
    labels: list[str] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if line.startswith("#"):
                continue
            if len(fields) <= column + 1:
                if words:
                    yield Sentence(words, labels)
                words, labels = [], []
                continue
            _append(words, labels, fields[column], fields[column + 1])
    if words:
        yield Sentence(words, labels)


def _append(words: list[str], labels: list[str], written: str, tag: str) -> None:
    """A word of the corpus may be several tokens of ours."""
    position, _, kind = tag.partition("-")
    for token in TOKEN.findall(written):
        words.append(token)
        labels.append(f"{position}-{Kind.PERSON}" if kind == "PER" else "O")
        position = "I" if position == "B" else position


def law(path: Path, limit: int) -> Iterator[Sentence]:
    """Provisions: text without any person, so that knowledge is left alone."""
    count = 0
    with gzip.open(path, "rt", encoding="utf-8") as acts:
        for act in acts:
            for provision in json.loads(act)["provisions"][::3]:
                words = TOKEN.findall(provision["text"])[:120]
                if words:
                    yield Sentence(words, ["O"] * len(words))
                    count += 1
                if count >= limit:
                    return


def help_texts(path: Path) -> Iterator[Sentence]:
    """Translated help pages: what to do, in the imperative, and nobody in it."""
    for block in "\n".join(_lines(path)).split("\n\n")[1:]:
        _, _, translated = block.partition("msgstr ")
        text = _MARKUP.sub(" ", "".join(_QUOTED.findall(translated)))
        words = TOKEN.findall(text)[:120]
        if words and "@" not in text and "credit" not in block:
            yield Sentence(words, ["O"] * len(words))


def names(data: Path) -> Names:
    """The lists of names, streets and towns, and the ordinary words of debates and law."""
    first: Counter[str] = Counter()
    for file in ("first_names_2023_men.csv.gz", "first_names_2023_women.csv.gz"):
        first.update(_counts(data / "names" / file))
    return Names(
        first=dict(first),
        last=dict(_counts(data / "names/last_names_2023.csv.gz")),
        streets=[json.loads(line) for line in _lines(data / "names/streets.jsonl.gz")],
        places=[row.split(";")[1] for row in _lines(data / "names/postcodes.csv.gz")[1:]],
        ordinary=_ordinary_words(data),
    )


def _counts(path: Path) -> dict[str, int]:
    rows = csv.reader(_lines(path)[1:])
    # The published list has "÷" for "Ö" at the beginning of names.
    return {row[0].replace("÷", "Ö").lower(): int(row[1]) for row in rows if row[0]}


def _lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return lines.read().splitlines()


def _ordinary_words(data: Path) -> dict[str, int]:
    """Words written at least twice: small, or in any way in texts where nobody is named."""
    counts: Counter[str] = Counter()
    for line in _lines(data / "text/folketing_20222.txt.gz"):
        counts.update(filter(_LOWER_CASE_WORD.fullmatch, TOKEN.findall(line)))
    for line in _lines(data / "law/municipal.jsonl.gz"):
        counts.update(filter(_LOWER_CASE_WORD.fullmatch, TOKEN.findall(line.lower())))
    for sentence in help_texts(data / "parallel/gnome_help_da.po.gz"):
        counts.update(filter(_LOWER_CASE_WORD.fullmatch, (w.lower() for w in sentence.words)))
    return {word: count for word, count in counts.items() if count > 1}
