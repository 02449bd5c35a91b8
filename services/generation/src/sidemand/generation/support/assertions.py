"""What a statement asserts beside its words: negation, duty, condition, time, number."""

from typing import Final

from sidemand.danish.quantities import Quantity, find_quantities
from sidemand.danish.spans import Span
from sidemand.generation.support.comparison import Comparison
from sidemand.generation.support.lexicon import CUES
from sidemand.generation.support.reading import read

_AROUND: Final = 6
"""Words on each side of a number that say what it is the number of."""


def cues(compared: Comparison) -> dict[str, float]:
    """For each cue: kept from the clauses spoken of, added to the sentence, or left out."""
    said = " ".join(sentence.text for sentence in compared.said)
    touched = " ".join(clause.text for clause in compared.touched)
    together = " ".join(sentence.text for sentence in compared.quoted)
    found: dict[str, float] = {}
    for name, words in CUES.items():
        mine, there = bool(words.search(said)), bool(words.search(touched))
        found[f"{name}_kept"] = mine and there
        found[f"{name}_added"] = mine and not words.search(compared.closest.text)
        found[f"{name}_nowhere"] = mine and not words.search(together)
        found[f"{name}_left_out"] = there and not mine
    return found


def numbers(compared: Comparison) -> dict[str, float]:
    """Whether a number stands in the sentences that are near, among the same words."""
    mine = list(find_quantities(compared.statement))
    if not mine:
        return {"number_kept": 0, "number_not_near": 0, "number_among_others": 0}
    near = " \n".join(sentence.text for sentence in compared.near)
    others = list(find_quantities(near))
    carried = [any(number.carried_by(other) for other, _ in others) for number, _ in mine]
    fits = [
        _fit(_around(compared.statement, span), number, near)
        for (number, span), is_carried in zip(mine, carried, strict=True)
        if is_carried
    ]
    return {
        "number_kept": all(carried),
        "number_not_near": not all(carried),
        "number_among_others": 1 - min(fits, default=1),
    }


def _fit(around: frozenset[str], number: Quantity, text: str) -> float:
    """Share of the words around a number that stand around the same number in `text`."""
    there = (
        _around(text, span) for other, span in find_quantities(text) if number.carried_by(other)
    )
    return max(len(around & words) for words in there) / max(len(around), 1)


def _around(text: str, span: Span) -> frozenset[str]:
    words = [*text[: span.start].split()[-_AROUND:], *text[span.end :].split()[:_AROUND]]
    return frozenset(
        word.stem
        for sentence in read(" ".join(words))
        for word in sentence.words
        if word.is_content
    )
