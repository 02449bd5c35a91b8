"""Statement by statement: what is not carried by a verbatim quote is left out."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from sidemand.danish.analysis import terms
from sidemand.danish.claims import missing
from sidemand.danish.sentences import sentences
from sidemand.generation.ports import Draft, ProposedQuote, ProposedStatement
from sidemand.generation.support.check import doubted_because
from sidemand.schemas.casework import Citation, RankedPassage, RetrievedContext, Statement

DropReason = Literal[
    "no_quote",
    "unknown_passage",
    "altered_quote",
    "unknown_token",
    "number",
    "date",
    "reference",
    "negation",
    "modality",
    "scope",
    "condition",
    "time",
    "actor",
    "other_words",
    "repeated",
]
"""Why a statement is left out. `number` to `actor`: it says one that its quotes do not."""

_WORD: Final = re.compile(r"\w")
_PART: Final = re.compile(r"\s*[:;|]\s*")
"""A row of a table is written as the names of its columns and what stands in them."""
_TOKEN: Final = re.compile(r"⟦[^⟧]*⟧?")


@dataclass(frozen=True, slots=True)
class Proof:
    """What is left of a draft."""

    statements: tuple[Statement, ...]
    """In the draft's order."""
    dropped: Counter[DropReason]
    """Statements left out, by the first reason found."""


class _Unproved(Exception):
    def __init__(self, reason: DropReason) -> None:
        super().__init__(reason)
        self.reason: DropReason = reason


def prove(draft: Draft, context: RetrievedContext) -> Proof:
    """Keep the statements of `draft` that the passages of `context` carry."""
    kept: dict[str, Statement] = {}
    dropped: Counter[DropReason] = Counter()
    for proposed in draft.statements:
        try:
            statement = _proved(proposed, context)
            if statement.text in kept:
                raise _Unproved("repeated")
            kept[statement.text] = statement
        except _Unproved as unproved:
            dropped[unproved.reason] += 1
    return Proof(tuple(kept.values()), dropped)


def unproved_because(
    text: str,
    quotes: Sequence[str],
    locators: Sequence[str] = (),
    headings: Sequence[str] = (),
) -> DropReason | None:
    """Why `quotes` do not carry the statement `text`; none where nothing was found wrong.

    Rules first, and then, sentence by sentence, the check that was learnt. A § may stand in the
    citations' `locators` instead, and one of their `headings` with a colon may introduce the
    statement. Words that are a quote need no further look.
    """
    if reason := broken_rule(text, quotes, locators):
        return reason
    evidence = [*quotes, *locators]
    for sentence in _own_sentences(_without_heading(text, headings), quotes):
        if doubt := doubted_because(sentence, evidence):
            return doubt
    return None


def broken_rule(
    text: str, quotes: Sequence[str], locators: Sequence[str] = ()
) -> DropReason | None:
    """Which number, date, reference, negation, duty or limit of `text` its quotes do not state."""
    added = _without(text, quotes)
    for sentence in sentences(added):
        lacking = missing(sentence.of(added), [*quotes, *locators])
        if lacking:
            return lacking[0].kind
    return None


def _without_heading(text: str, headings: Sequence[str]) -> str:
    introduced = next((each for each in headings if text.startswith(f"{each}:")), None)
    return text if introduced is None else text[len(introduced) + 1 :]


def _own_sentences(text: str, quotes: Sequence[str]) -> Iterator[str]:
    """The sentences of `text` that quotes do not say word for word, without the case's tokens.

    Half a sentence of a quote is no quote: what it leaves out may be the condition.
    """
    if not _WORD.search(_without(text, quotes)):
        return
    quoted = {part for quote in quotes for part in _parts(quote)}
    for sentence in sentences(text):
        said = _on_one_line(_TOKEN.sub(" ", sentence.of(text)))
        is_quoted = quoted.issuperset(_PART.split(said.rstrip(".")))
        if not is_quoted and _WORD.search(_without(said, quotes)):
            yield said


def _parts(quote: str) -> Iterator[str]:
    """The sentences of a quote, and what they consist of: the cells of a row, items of a list."""
    for sentence in sentences(quote):
        whole = _on_one_line(sentence.of(quote)).rstrip(".")
        yield from (whole, *_PART.split(whole))


def _proved(proposed: ProposedStatement, context: RetrievedContext) -> Statement:
    """The statement with its citations. Raises `_Unproved`."""
    if not proposed.text.strip() or not proposed.quotes:
        raise _Unproved("no_quote")
    citations = tuple(_cited(quote, context.passages) for quote in proposed.quotes)
    if not set(_TOKEN.findall(proposed.text)) <= set(_TOKEN.findall(context.text)):
        raise _Unproved("unknown_token")
    quotes = [citation.quote for citation in citations]
    if not any(map(_terms_of_quote, quotes)):
        raise _Unproved("no_quote")
    locators = [citation.locator for citation in citations if citation.locator]
    headings = [heading for citation in citations for heading in citation.heading_path]
    if reason := unproved_because(proposed.text, quotes, locators, headings):
        raise _Unproved(reason)
    return Statement(text=_on_one_line(proposed.text), citations=citations)


def _cited(quote: ProposedQuote, passages: Iterable[RankedPassage]) -> Citation:
    """Where the quote stands, in offsets of the document's version."""
    named = [ranked for ranked in passages if ranked.passage.passage_id == quote.passage_id]
    if not named:
        raise _Unproved("unknown_passage")
    if not quote.text.strip():
        raise _Unproved("no_quote")
    for ranked in named:  # a passage's id is unique within its document only
        offset = ranked.passage.text.find(quote.text)
        if offset >= 0:
            return _citation(ranked, quote.text, ranked.passage.start + offset)
    raise _Unproved("altered_quote")


def _citation(ranked: RankedPassage, quote: str, start: int) -> Citation:
    return Citation(
        document=ranked.document,
        version=ranked.version,
        title=ranked.title,
        passage_id=ranked.passage.passage_id,
        locator=ranked.passage.locator,
        heading_path=ranked.passage.heading_path,
        start=start,
        end=start + len(quote),
        quote=quote,
        source=ranked.source,
    )


def _without(text: str, quotes: Sequence[str]) -> str:
    """What `text` says in words of its own; a quote's whole words are taken out of it."""
    added = _on_one_line(text)
    for quote in sorted(map(_on_one_line, quotes), key=len, reverse=True):
        if quote == added:
            return ""
        if quote in added:
            added = re.sub(rf"(?<!\w){re.escape(quote)}(?!\w)", " ", added)
    return added


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


@lru_cache(maxsize=1 << 12)
def _terms_of_quote(quote: str) -> frozenset[str]:
    """The terms of a quote. Kept, for the same quotes answer many cases."""
    return frozenset(terms(quote))
