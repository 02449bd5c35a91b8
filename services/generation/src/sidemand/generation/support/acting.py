"""Who acts in a statement, and who in its quotes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sidemand.generation.support.comparison import Comparison
from sidemand.generation.support.reading import Clause, Sentence, Word

_PREPOSITIONS: Final = frozenset(
    "til fra hos for i med over om på under ved mod blandt uden mellem efter".split()
)
_ARTICLES: Final = frozenset("den det de en et enkelte samme denne dette sin sit sine".split())
_GENITIVES: Final = ("ens", "ets", "nes", "ers")
_IT_IS: Final = ("det er ", "er det ")
_SAME_CLAUSE: Final = 0.4
"""Share of a clause's words in another, from which both say the same of somebody."""


def actors(compared: Comparison) -> dict[str, float]:
    """Whether those who are named, and those who act, are so in the quotes."""
    named = {who for sentence in compared.said for word in sentence.words for who in word.actors}
    here = {who for word in compared.closest.words for who in word.actors}
    everywhere = {who for one in compared.quoted for word in one.words for who in word.actors}
    mine = [who for one in compared.said for clause in one.clauses for who in _acting(clause.words)]
    theirs = [who for clause in compared.closest.clauses for who in _acting(clause.words)]
    main = mine[0] if mine else frozenset()
    never = bool(main and theirs) and main.isdisjoint(_together(theirs))
    pairs = list(_same_clauses(compared))
    return {
        "actor_kept": min(len(named & here), 3),
        "actor_nowhere": bool(named - everywhere),
        "actor_not_near": bool(named - here),
        "acting_other": bool(main and theirs) and main.isdisjoint(theirs[0]),
        "acting_never": never,
        "acting_stressed": never and any(map(_stresses, compared.said)),
        "acting_same_clause": any(who & others for who, others in pairs),
        "acting_other_clause": any(who.isdisjoint(others) for who, others in pairs),
    }


def _same_clauses(compared: Comparison) -> Iterator[tuple[frozenset[int], frozenset[int]]]:
    """Who acts in each clause of the statement, and who in the clause that says the same."""
    clauses = [clause for sentence in compared.quoted for clause in sentence.clauses]
    for sentence in compared.said:
        for clause in sentence.clauses:
            mine = _together(_acting(clause.words))
            closest = max(clauses, key=lambda other: _shared(clause, other))
            theirs = _together(_acting(closest.words))
            if mine and theirs and _shared(clause, closest) >= _SAME_CLAUSE:
                yield mine, theirs


def _shared(clause: Clause, other: Clause) -> float:
    mine = {word.stem for word in clause.words if word.is_content and not word.actors}
    return len(mine.intersection(word.stem for word in other.words)) / len(mine) if mine else 0.0


def _acting(words: Sequence[Word]) -> list[frozenset[int]]:
    """Those who are named neither in the genitive nor after a preposition other than "af"."""
    found = []
    for place, word in enumerate(words):
        if not word.actors or word.written.endswith(_GENITIVES):
            continue
        before = place - 1
        while before >= 0 and words[before].written in _ARTICLES:
            before -= 1
        if before < 0 or words[before].written not in _PREPOSITIONS:
            found.append(word.actors)
    return found


def _together(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset().union(*sets)


def _stresses(sentence: Sentence) -> bool:
    """It says "det er kommunen, der": no other."""
    return any(
        clause.text.startswith(_IT_IS) or f" {_IT_IS[1]}" in clause.text
        for clause in sentence.clauses
    )
