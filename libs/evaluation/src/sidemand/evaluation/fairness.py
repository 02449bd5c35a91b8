"""Whether redaction finds everybody equally well: the same texts with names of other groups.

Every person in a marked text gets a name of one group, the same in all mentions, written as the
name that stood there (small, in capitals, in the genitive). What differs between two groups is
the names alone.
"""

import csv
import gzip
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

from sidemand.evaluation.redaction import MarkedSpan, MarkedText, measure
from sidemand.redaction.names import words_of
from sidemand.redaction.ports import Redactor
from sidemand.redaction.rewriting import rewrite

_SEED: Final = 20261126


class Fairness(TypedDict):
    """What `sidemand-eval fairness --json` prints; shares are 0 to 1."""

    groups: dict[str, float]
    """Recall of persons for each group, named `dimension: group`."""
    gaps: dict[str, float]
    """For each dimension the best group's recall less the worst one's."""
    largest_gap: float


@dataclass(frozen=True, slots=True)
class Group:
    """Names that people of one group bear."""

    first: tuple[str, ...]
    last: tuple[str, ...]


def _group(first: str, last: str) -> Group:
    return Group(tuple(first.split()), tuple(last.split()))


_DANISH: Final = (
    "Jensen Nielsen Holm Kjær Lund Skov Dahl Bech Krogh Vestergaard Toft Bruun Friis Juhl"
)
GROUPS: Final[Mapping[str, Mapping[str, Group]]] = {
    "sex": {
        "women": _group(
            "Mette Camilla Louise Birgitte Ida Karen Hanne Freja Sofie Lone Tina Maria Pia Emma",
            _DANISH,
        ),
        "men": _group(
            "Lars Michael Rasmus Henrik Oscar Peter Jens Magnus Søren Bent Kim Martin Per William",
            _DANISH,
        ),
        "both": _group(
            "Robin Kim Alex Sascha Chris Nor Luca Sam Kaya Noa Mika Bo Elia Jamie", _DANISH
        ),
    },
    "age": {
        "born before 1950": _group(
            "Aage Ejnar Gerda Ingeborg Svend Tove Poul Ruth Viggo Edith Børge Asta Knud Agnes",
            _DANISH,
        ),
        "born 1960-1985": _group(
            "Dorthe Flemming Gitte Claus Heidi Torben Anja Brian Charlotte Jesper "
            "Susanne Rikke Dennis Jan",
            _DANISH,
        ),
        "born after 2005": _group(
            "Alma Noah Liva Storm Ellie Villads Nohr Vigga Aksel Saga Lykke Otto Milas Ellinor",
            _DANISH,
        ),
    },
    "origin": {
        "Danish": _group(
            "Anders Kirsten Jørgen Bodil Niels Ulla Mads Signe Troels Maren Esben Else Frode Trine",
            _DANISH,
        ),
        "Arabic": _group(
            "Ahmad Fatima Khaled Amina Yousef Zainab Omar Nour Hassan Layla Bilal "
            "Mariam Samir Huda",
            "Haddad Khalil Mansour Saleh Darwish Nasser Aziz Qasim Hamdan Barakat "
            "Jaber Suleiman Rahim Issa",
        ),
        "Turkish and Kurdish": _group(
            "Mehmet Ayşe Emre Elif Murat Zeynep Hüseyin Gülsüm Serkan Dilan Baran "
            "Rojda Azad Berfin",
            "Yılmaz Kaya Demir Çelik Şahin Aydın Öztürk Arslan Koç Polat Doğan Kılıç Aslan Bozkurt",
        ),
        "Somali": _group(
            "Abdi Hodan Mahad Ayaan Liban Sagal Warsame Ifrah Guled Hibo Jama Deeqa Bashir Nimco",
            "Abdullahi Warsame Hirsi Farah Jama Nuur Elmi Duale Gedi Samatar Abukar "
            "Shire Egal Osman",
        ),
        "Polish and Ukrainian": _group(
            "Piotr Agnieszka Tomasz Małgorzata Oksana Dmytro Grzegorz Katarzyna "
            "Olena Taras Wojciech Iryna",
            "Kowalski Wiśniewska Nowak Wójcik Shevchenko Bondarenko Kamiński "
            "Zielińska Kovalenko Mazur",
        ),
        "South and East Asian": _group(
            "Nguyen Thi Rajesh Priya Siva Kavitha Wei Mei Anh Linh Suresh Lakshmi Phuong Arjun",
            "Tran Pham Le Rajah Nadarajah Chen Wang Singh Sivakumar Huynh Kaur Patel Thapa Zhang",
        ),
        "Greenlandic and Faroese": _group(
            "Aqqaluk Pipaluk Malik Ivalu Nuka Naja Hjördís Jógvan Rannvá Bárður "
            "Aviaja Inuk Sólrun Miki",
            "Petersen Lynge Olsvig Heilmann Kleist Joensen Poulsen Berthelsen "
            "Kreutzmann Djurhuus Egede Motzfeldt",
        ),
    },
}
"""Sex, age and origin; rarity comes from the lists of names, which are no part of the code."""


def by_rarity(folder: Path) -> Mapping[str, Group]:
    """Groups by how many bear a name: over 2,000, 100 to 300, 30 at most.

    `folder` holds the published lists: `first_names_*.csv.gz`, `last_names_*.csv.gz`.
    """
    first, last = _counts(folder, "first_names_*.csv.gz"), _counts(folder, "last_names_*.csv.gz")
    bounds = {"common": (2_000, 10**9), "uncommon": (100, 300), "rare": (1, 30)}
    return {name: Group(_between(first, *b), _between(last, *b)) for name, b in bounds.items()}


def _counts(folder: Path, pattern: str) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for path in sorted(folder.glob(pattern)):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = csv.reader(lines)
            next(rows)
            counts.update({row[0]: int(row[1]) for row in rows if row[0]})
    return counts


def _between(counts: Mapping[str, int], low: int, high: int) -> tuple[str, ...]:
    names = sorted(name for name, count in counts.items() if low <= count <= high)
    return tuple(n.capitalize() for n in names if n.isalpha() and len(n) > 2)


def measure_fairness(
    documents: Sequence[MarkedText],
    finder: Redactor,
    dimensions: Mapping[str, Mapping[str, Group]] = GROUPS,
) -> Fairness:
    """Recall of persons in `documents` with the names of each group."""
    groups: dict[str, float] = {}
    gaps: dict[str, float] = {}
    for dimension, members in dimensions.items():
        found = {}
        for name, group in members.items():
            swapped = [renamed(document, group) for document in documents]
            found[name] = measure(swapped, finder)["person_recall"]
            groups[f"{dimension}: {name}"] = found[name]
        gaps[dimension] = max(found.values()) - min(found.values())
    return Fairness(groups=groups, gaps=gaps, largest_gap=max(gaps.values(), default=0.0))


def renamed(document: MarkedText, group: Group) -> MarkedText:
    """`document` with names of `group`; the same text and group give the same names."""
    rng = random.Random(f"{_SEED}{document.id}")
    given: dict[str, str] = {}
    replacements: list[tuple[int, int, str]] = []
    for span in sorted(document.spans, key=lambda s: s.start):
        if span.type != "PERSON" or (replacements and span.start < replacements[-1][1]):
            continue
        words = list(words_of(document.text[span.start : span.end]))
        for index, word in enumerate(words):
            if len(word.text) < 3 or (word.text.isupper() and len(word.text) < 4):
                continue
            lower = word.text.lower()
            genitive = lower not in given and lower.endswith("s") and lower[:-1] in given
            key = lower[:-1] if genitive else lower
            given.setdefault(key, rng.choice(group.last if index else group.first))
            new = _as_written(given[key], word.text, genitive=genitive)
            replacements.append((span.start + word.start, span.start + word.end, new))
    new_text = rewrite(document.text, replacements)
    spans = tuple(
        MarkedSpan(new_text.moved(s.start), new_text.moved(s.end), s.type, s.entity)
        for s in document.spans
    )
    return MarkedText(document.id, new_text.text, spans)


def _as_written(name: str, pattern: str, *, genitive: bool) -> str:
    """`name` in small letters or capitals and with the ending as in `pattern`."""
    ending = "s" if genitive and not name.endswith("s") else ""
    if pattern.isupper():
        return (name + ending).upper()
    return (name if pattern[0].isupper() else name.lower()) + ending
