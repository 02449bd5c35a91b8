"""More ways of writing for the same sentence: other names, other streets, small letters, slips.

Names are drawn with the square root of how many bear them, and a quarter evenly, so that rare
names and names from elsewhere are as usual to the tagger as the common ones.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sidemand.redaction.reading import TOKEN
from sidemand.redaction.spans import Kind
from sidemand.redaction.training.corpora import Names, Sentence
from sidemand.redaction.training.spoken_numbers import in_words

_BEGIN = f"B-{Kind.PERSON}"
_INSIDE = f"I-{Kind.PERSON}"
_PARTICLES = frozenset("de der van von af el al bin ibn la di du á".split())
_INVENTED = 0.15
"""Share of names that are made up, so that the tagger trusts the context too."""
_USUAL = range(30, 1500)
"""How often a word is written that is a usual one, but not one of every sentence."""
_BORNE = 100
"""How many bear a name that is no rarity."""
_SPELLED_OUT = frozenset(f"{p}-{k}" for p in "BI" for k in (Kind.ADDRESS, Kind.AGE))
_SIGNS_SAID = {".": "punktum", ",": "komma", "?": "spørgsmålstegn", "\n": "ny linje"}


@dataclass(frozen=True, slots=True)
class _Pool:
    names: Sequence[str]
    weights: Sequence[float]

    def draw(self, rng: random.Random) -> str:
        if rng.random() < 0.25:
            return rng.choice(self.names)
        return rng.choices(self.names, cum_weights=self.weights)[0]


class Augmentation:
    """Draws variants of sentences; the same seed draws the same ones."""

    def __init__(self, names: Names, seed: int, wordlike: float = 0.0) -> None:
        """`wordlike` is the share of names that are words too, such as Storm, Dag and Kirke."""
        self._rng = random.Random(seed)
        self._first = _pool(names.first)
        self._last = _pool(names.last)
        usual = {w for w, count in names.ordinary.items() if count in _USUAL and len(w) > 2}
        borne = {n for n in usual if max(names.first.get(n, 0), names.last.get(n, 0)) > _BORNE}
        self._wordlike = sorted(borne)
        self._share_of_wordlike = wordlike
        self._streets = names.streets
        self._places = names.places

    def renamed(self, sentence: Sentence) -> Sentence:
        """With other persons and other streets."""
        words = list(sentence.words)
        labels = list(sentence.labels)
        for index, label in enumerate(labels):
            if label in (_BEGIN, _INSIDE) and self._is_name(words[index]):
                words[index] = self._name(words[index], first=label == _BEGIN)
        return self._moved(Sentence(words, labels))

    def lowered(self, sentence: Sentence) -> Sentence:
        """In small letters."""
        return Sentence([word.lower() for word in sentence.words], sentence.labels)

    def broken(self, sentence: Sentence) -> Sentence:
        """With words broken at the end of a line, or by a gap; names more often than others."""

        def tell(word: str, label: str) -> Sequence[str]:
            share = 0.06 if label == "O" else 0.4
            if len(word) < 4 or not word.isalpha() or self._rng.random() > share:
                return [word]
            at = self._rng.randrange(2, len(word) - 1)
            between = self._rng.choice((["-", "\n"], ["-", "\n"], [], ["\n"], ["-"]))
            return [word[:at], *between, word[at:]]

        return _retold(sentence, tell)

    def spoken(self, sentence: Sentence) -> Sentence:
        """As dictated: small letters, no signs or signs in words, numbers of houses in words."""
        said = self._rng.random() < 0.3

        def tell(word: str, label: str) -> Sequence[str]:
            if label in _SPELLED_OUT and word.isdigit() and len(word) < 4:
                return in_words(int(word))
            if label == "O" and word in _SIGNS_SAID:
                return TOKEN.findall(_SIGNS_SAID[word]) if said else []
            if label.endswith(Kind.ADDRESS) and word in ".,":
                return []
            return [word.lower()]

        return _retold(sentence, tell)

    def abbreviated(self, sentence: Sentence) -> Sentence:
        """With an initial for some first and some last names."""
        words: list[str] = []
        labels: list[str] = []
        following = [*sentence.labels[1:], "O"]
        for word, label, after in zip(sentence.words, sentence.labels, following, strict=True):
            full = len(word) > 2 and word[0].isupper() and word.isalpha()
            begins = label == _BEGIN and after == _INSIDE
            ends = label == _INSIDE and after != _INSIDE
            shorter = full and self._rng.random() < (0.5 if begins else 0.25 if ends else 0)
            dot = shorter and (begins or self._rng.random() < 0.6)
            words += [word[0] if shorter else word, *(["."] if dot else [])]
            labels += [label, *([_INSIDE] if dot else [])]
        return Sentence(words, labels)

    def mistyped(self, sentence: Sentence) -> Sentence:
        """As typed in a hurry, or as a scanner reads it: what is no word is not a name yet."""
        scanned = self._rng.random() < 0.5

        def tell(word: str, _: str) -> Sequence[str]:
            if len(word) > 3 and word.isalpha() and self._rng.random() < 0.2:
                word = self._read(word) if scanned else self._slip(word)
            return TOKEN.findall(word)

        return _retold(sentence, tell)

    def _read(self, word: str) -> str:
        """With a 1 for an l, a 0 for an o, an I for an l, or a gap that is not there."""
        at = self._rng.randrange(1, len(word) - 1)
        scans = (
            word.replace("l", "1"),
            word.replace("l", "I"),
            word.replace("o", "0"),
            f"{word[:at]} {word[at:]}",
        )
        return self._rng.choice(scans)

    def first_name(self) -> str:
        """A first name, now and then made up or misspelt, with a capital."""
        return self._name("Xxxx", first=True)

    def last_name(self) -> str:
        """A last name, likewise."""
        return self._name("Xxxx", first=False)

    def street(self) -> str:
        """The name of a street."""
        return self._rng.choice(self._streets)

    def place(self) -> str:
        """The name of a town."""
        return self._rng.choice(self._places)

    def _is_name(self, word: str) -> bool:
        return len(word) > 3 and word.isalpha() and not word.isupper() and word not in _PARTICLES

    def _name(self, word: str, *, first: bool) -> str:
        last_name = self._rng.random() < (0.1 if first else 0.75)
        drawn = (self._last if last_name else self._first).draw(self._rng)
        if self._share_of_wordlike and self._rng.random() < self._share_of_wordlike:
            drawn = self._rng.choice(self._wordlike)
        name = str(TOKEN.findall(drawn)[0])
        if self._rng.random() < _INVENTED:
            name = self._invented(name)
        if self._rng.random() < 0.06:
            name = self._slip(name)
        name = name.capitalize() if word[0].isupper() else name
        genitive = word.endswith("s") and self._rng.random() < 0.5
        return name + "s" if genitive and not name.endswith("s") else name

    def _invented(self, name: str) -> str:
        """A name that no list holds: the beginning of one and the end of another."""
        other = str(TOKEN.findall(self._rng.choice(self._last.names))[0])
        return name[: max(2, len(name) // 2)] + other[len(other) // 2 :]

    def _slip(self, name: str) -> str:
        """One typing mistake: a letter doubled, left out, swapped with its neighbour."""
        if len(name) < 4:
            return name
        at = self._rng.randrange(1, len(name) - 1)
        slips = (
            name[:at] + name[at] + name[at:],
            name[:at] + name[at + 1 :],
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        )
        return self._rng.choice(slips)

    def _moved(self, sentence: Sentence) -> Sentence:
        """With another street in every address that begins with one."""
        words: list[str] = []
        labels: list[str] = []
        begin = f"B-{Kind.ADDRESS}"
        pairs = [*zip(sentence.words, sentence.labels, strict=True), ("", "O")]
        for (word, label), (following, _) in pairwise(pairs):
            if label == begin and following.isdigit() and self._rng.random() < 0.7:
                street = TOKEN.findall(self._rng.choice(self._streets))
                street = street if word[0].isupper() else [part.lower() for part in street]
                words.extend(street)
                labels.extend([begin, *[f"I-{Kind.ADDRESS}"] * (len(street) - 1)])
            else:
                words.append(word)
                labels.append(label)
        return Sentence(words, labels)


def _retold(sentence: Sentence, tell: Callable[[str, str], Sequence[str]]) -> Sentence:
    """With what `tell` makes of each word and its label: several words, or none."""
    words: list[str] = []
    labels: list[str] = []
    for word, label in zip(sentence.words, sentence.labels, strict=True):
        told = tell(word, label)
        words += told
        labels += [label, *[label.replace("B-", "I-")] * (len(told) - 1)][: len(told)]
    return Sentence(words, labels)


def _pool(counts: dict[str, int]) -> _Pool:
    total = 0.0
    weights = []
    for count in counts.values():
        total += count**0.5
        weights.append(total)
    return _Pool(list(counts), weights)
