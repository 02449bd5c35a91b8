"""How much of a statement its quotes say, in which words and in which order."""

from collections.abc import Iterator, Sequence

from sidemand.generation.support.comparison import Comparison
from sidemand.generation.support.lexicon import opposites
from sidemand.generation.support.reading import Sentence, Word

_LONG_STEM = 7
_ENOUGH_WORDS = 10


def shares(compared: Comparison) -> dict[str, float]:
    """Which part of the statement's words is said, where, and how many are lacking."""
    alignment = compared.alignment
    anywhere, here = alignment.anywhere, alignment.by_sentence[compared.first]
    there = alignment.by_sentence[compared.second]
    both = tuple(map(max, zip(here, there, strict=True)))
    lacking = [likeness == 0 for likeness in anywhere]
    half = len(anywhere) // 2
    long = [len(word.stem) >= _LONG_STEM for word in alignment.words]
    return {
        "share_closest": _mean(here),
        "same_anywhere": _mean([likeness == 1 for likeness in anywhere]),
        "same_closest": _mean([likeness == 1 for likeness in here]),
        "end_anywhere": _mean(anywhere[half:]),
        "end_closest": _mean(here[half:]),
        "lacking_two": sum(lacking) >= 2,
        "lacking_four": sum(lacking) >= 4,
        "lacking_long": min(sum(map(min, lacking, long)), 4),
        "lacking_first": lacking[0],
        "lacking_in_a_row": min(_longest_run(lacking), 5),
        "lacking_near_in_a_row": min(_longest_run([likeness == 0 for likeness in both]), 5),
        "one_sentence": compared.first == compared.second,
        "words_carried": min(sum(anywhere), _ENOUGH_WORDS) / _ENOUGH_WORDS,
    }


def retelling(compared: Comparison) -> dict[str, float]:
    """How much of the closest sentence the statement tells again."""
    said = {word.stem for word in _words(compared.said)}
    senses = {sense for word in _words(compared.said) for sense in word.senses}
    content = {word for word in compared.closest.words if word.is_content}
    retold = [word.stem in said or bool(word.senses & senses) for word in content]
    return {"closest_retold": _mean(retold)}


def opposed(compared: Comparison) -> dict[str, float]:
    """How often the statement says one of two opposites and the closest sentence the other."""
    mine = {name for word in _words(compared.said) for name in (word.stem, *word.parts)}
    other = {name for word in compared.closest.words for name in (word.stem, *word.parts)}
    turned = (pair for one in opposites() for pair in (one, one[::-1]))
    return {
        "opposed": min(
            sum(
                bool(mine & one and other & against) and not (mine & against or other & one)
                for one, against in turned
            ),
            2,
        )
    }


def _words(read: Sequence[Sentence]) -> Iterator[Word]:
    return (word for sentence in read for word in sentence.words)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _longest_run(flags: Sequence[bool]) -> int:
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest
