"""Reads the training data beside the repository into sentences with labels."""

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sidemand.redaction.reading import TOKEN
from sidemand.redaction.spans import Kind
from sidemand.redaction.tagger import chunks
from sidemand.redaction.training import marked
from sidemand.redaction.training.marked import Mark

NAMED: Final[dict[str, Kind]] = {
    "PERSON": Kind.PERSON,
    "ORG_IDENTIFYING": Kind.ORGANISATION,
    "ADDRESS": Kind.ADDRESS,
    "PROPERTY": Kind.ADDRESS,
    "DATE_OF_BIRTH": Kind.BIRTH_DATE,
    "AGE_EXACT": Kind.AGE,
} | dict.fromkeys(
    (
        "CASE_NO PASSPORT_OR_LICENCE ACCOUNT CPR PHONE CVR PLATE IP_OR_DEVICE MITID_OR_USERNAME"
    ).split(),
    Kind.NUMBER,
)
SPECIAL: Final[dict[str, Kind]] = {
    "SPECIAL_HEALTH": Kind.HEALTH,
    "SPECIAL_UNION": Kind.UNION,
    "SPECIAL_RELIGION": Kind.RELIGION,
    "SPECIAL_ETHNICITY": Kind.ETHNICITY,
    "SPECIAL_SEXUALITY": Kind.SEXUALITY,
    "SPECIAL_POLITICS": Kind.POLITICS,
    "CRIME": Kind.CRIME,
    "SOCIAL_PROBLEM": Kind.SOCIAL,
}
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


def case_texts(path: Path, kinds: Mapping[str, Kind]) -> Iterator[Sentence]:
    """Case texts with their marks of `kinds` (by type), cut as the tagger cuts."""
    for document in marked.read(path):
        tokens = [(m.group(), m.start(), m.end()) for m in TOKEN.finditer(document.text)]
        labels = ["O"] * len(tokens)
        for mark in document.marks:
            if mark.type in kinds:
                _label(tokens, labels, mark, kinds[mark.type])
        for first, last in chunks([word for word, _, _ in tokens]):
            yield Sentence([word for word, _, _ in tokens[first:last]], labels[first:last])


def _label(tokens: list[tuple[str, int, int]], labels: list[str], mark: Mark, kind: Kind) -> None:
    position = "B"
    for index, (_, start, end) in enumerate(tokens):
        if start < mark.end and end > mark.start:
            labels[index] = f"{position}-{kind}"
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


def guidance(folder: Path) -> Iterator[Sentence]:
    """Instructions of municipalities in which nobody is named, without their front matter."""
    for path in sorted(folder.glob("*.md")):
        body = path.read_text("utf-8").rpartition("\n---\n")[2]
        words = TOKEN.findall(body)
        for first, last in chunks(words):
            yield Sentence(words[first:last], ["O"] * (last - first))


def help_texts(path: Path) -> Iterator[Sentence]:
    """Translated help pages: what to do, in the imperative, and nobody in it."""
    for block in "\n".join(_lines(path)).split("\n\n")[1:]:
        _, _, translated = block.partition("msgstr ")
        text = _MARKUP.sub(" ", "".join(_QUOTED.findall(translated)))
        words = TOKEN.findall(text)[:120]
        if words and "@" not in text and "credit" not in block:
            yield Sentence(words, ["O"] * len(words))


def everyday(path: Path, first_names: Collection[str]) -> Iterator[Sentence]:
    """Danish and English sentences of daily life in which nobody is named.

    No word but the first has a capital, and the first is none of `first_names`.
    """
    for line in _lines(path)[::8]:
        english, danish, _ = line.split("\t")
        for text in (danish, english):
            words = TOKEN.findall(text)
            named = any(w[0].isupper() and w != "I" for w in words[1:])
            if len(words) > 3 and not named and words[0].lower() not in first_names:
                yield Sentence(words, ["O"] * len(words))


def plain_texts(data: Path) -> Iterator[list[str]]:
    """Words in order, of everything that is there, marked or not: for what words are used like."""
    for block in "\n".join(_lines(data / "text/folketing_20222.txt.gz")).split("\n\n"):
        yield TOKEN.findall(block)
    with gzip.open(data / "law/all_newest.jsonl.gz", "rt", encoding="utf-8") as acts:
        for act in acts:
            for provision in json.loads(act)["provisions"][::3]:
                yield TOKEN.findall(provision["text"])
    for line in _lines(data / "parallel/tatoeba_en_da.txt.gz"):
        for text in line.split("\t")[:2]:
            yield TOKEN.findall(text)
    for path in marked.files(data):
        for document in marked.read(path):
            yield TOKEN.findall(document.text)
    for sentence in help_texts(data / "parallel/gnome_help_da.po.gz"):
        yield sentence.words


def health_words(data: Path) -> list[str]:
    """Names of illnesses and treatments, in small letters, word by word."""
    lines = map(json.loads, _lines(data / "names/health_words.jsonl.gz"))
    return [w for line in lines for w in str(line).lower().split() if w.isalpha() and len(w) > 2]


def names(data: Path) -> Names:
    """The lists of names, streets and towns, and the ordinary words."""
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
    """Words written at least twice: small, or in any way in texts where nobody is named.

    English ones too: what is no Danish word is not a name because of that.
    """
    counts: Counter[str] = Counter()
    for line in _lines(data / "text/folketing_20222.txt.gz"):
        counts.update(filter(_LOWER_CASE_WORD.fullmatch, TOKEN.findall(line)))
    for line in _lines(data / "law/municipal.jsonl.gz"):
        counts.update(filter(_LOWER_CASE_WORD.fullmatch, TOKEN.findall(line.lower())))
    for line in _lines(data / "parallel/tatoeba_en_da.txt.gz"):
        english, danish, _ = line.split("\t")
        counts.update(filter(_LOWER_CASE_WORD.fullmatch, TOKEN.findall(f"{english} {danish}")))
    with gzip.open(data / "law/all_newest.jsonl.gz", "rt", encoding="utf-8") as acts:
        for act in acts:
            for provision in json.loads(act)["provisions"][::2]:
                counts.update(filter(_LOWER_CASE_WORD.fullmatch, TOKEN.findall(provision["text"])))
    for sentence in help_texts(data / "parallel/gnome_help_da.po.gz"):
        counts.update(filter(_LOWER_CASE_WORD.fullmatch, (w.lower() for w in sentence.words)))
    return {word: count for word, count in counts.items() if count > 1}
