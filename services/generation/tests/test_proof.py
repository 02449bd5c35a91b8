"""What is not carried by a verbatim quote never reaches a caseworker."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sidemand.danish.analysis import terms
from sidemand.generation.ports import Draft, ProposedQuote, ProposedStatement
from sidemand.generation.proof import Proof, prove, unproved_because
from sidemand.schemas.casework import RankedPassage, RetrievedContext

Passages = Callable[..., RankedPassage]
Contexts = Callable[..., RetrievedContext]

QUOTE = "Fristen er 10 hverdage, fra brevet er fremme."
hypothesis_reads_fixtures_once = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)


@pytest.fixture
def proof_of(passage: Passages, context: Contexts) -> Callable[..., Proof]:
    def prove_one(text: str, *quotes: str, passage_id: str = "p1") -> Proof:
        proposed = tuple(ProposedQuote(passage_id, quote) for quote in quotes)
        return prove(Draft((ProposedStatement(text, proposed),)), context(passage()))

    return prove_one


def test_a_citation_says_where_its_quote_stands_in_the_document(
    proof_of: Callable[..., Proof],
) -> None:
    quote = "Den kan forlænges én gang."
    (statement,) = proof_of(quote, quote).statements
    (citation,) = statement.citations
    assert (citation.start, citation.end) == (146, 146 + len(quote))
    assert (citation.document.document_id, citation.version) == ("hoering", 3)
    assert citation.quote == quote


def test_a_statement_in_other_words_is_kept_when_its_quote_carries_it(
    proof_of: Callable[..., Proof],
) -> None:
    proof = proof_of("Fristen er ti hverdage fra den dag, brevet er fremme.", QUOTE)
    assert len(proof.statements) == 1
    assert not proof.dropped


@pytest.mark.parametrize(
    ("text", "quote", "reason"),
    [
        ("Fristen er 15 hverdage, fra brevet er fremme.", QUOTE, "number"),
        ("Fristen er den 3. maj 10 hverdage, fra brevet er fremme.", QUOTE, "date"),
        ("Fristen er 10 hverdage, fra brevet er fremme (§ 20).", QUOTE, "reference"),
        ("Fristen er ikke 10 hverdage, fra brevet er fremme.", QUOTE, "negation"),
        ("Fristen er for kommunens egne sagsbehandlere uden betydning.", "Fristen", "negation"),
        ("Borgeren bestemmer helt selv fristen og prisen.", QUOTE, "other_words"),
        (QUOTE, QUOTE.replace("10", "15"), "altered_quote"),
        (QUOTE, QUOTE.replace(" ", "  "), "altered_quote"),
        (QUOTE, " ", "no_quote"),
        (f"⟦PERSON_9X⟧: {QUOTE}", QUOTE, "unknown_token"),
    ],
)
def test_a_statement_without_proof_is_dropped_with_the_reason(
    proof_of: Callable[..., Proof], text: str, quote: str, reason: str
) -> None:
    proof = proof_of(text, quote)
    assert proof.statements == ()
    assert proof.dropped == {reason: 1}


def test_a_statement_without_any_quote_is_dropped(proof_of: Callable[..., Proof]) -> None:
    assert proof_of(QUOTE).dropped == {"no_quote": 1}


def test_an_invented_passage_is_dropped(proof_of: Callable[..., Proof]) -> None:
    assert proof_of(QUOTE, QUOTE, passage_id="p2").dropped == {"unknown_passage": 1}


def test_a_person_of_the_case_may_be_named(proof_of: Callable[..., Proof]) -> None:
    assert len(proof_of(f"⟦PERSON_7K⟧: {QUOTE}", QUOTE).statements) == 1


def test_one_altered_quote_among_true_ones_drops_the_statement(
    proof_of: Callable[..., Proof],
) -> None:
    assert proof_of(QUOTE, QUOTE, "Fristen er fri.").dropped == {"altered_quote": 1}


def test_the_same_statement_is_said_once(passage: Passages, context: Contexts) -> None:
    statement = ProposedStatement(QUOTE, (ProposedQuote("p1", QUOTE),))
    proof = prove(Draft((statement, statement)), context(passage()))
    assert len(proof.statements) == 1
    assert proof.dropped == {"repeated": 1}


def test_two_documents_may_give_their_passages_the_same_id(
    passage: Passages, context: Contexts
) -> None:
    other = passage("Klagen sendes til Ankestyrelsen.", document="klage", start=0)
    statement = ProposedStatement(QUOTE, (ProposedQuote("p1", QUOTE),))
    (proved,) = prove(Draft((statement,)), context(other, passage())).statements
    assert proved.citations[0].document.document_id == "hoering"


def test_a_section_that_the_locator_names_counts_as_quoted() -> None:
    text = "Efter § 23, stk. 2, er fristen 10 hverdage, fra brevet er fremme."
    assert unproved_because(text, [QUOTE]) == "reference"
    assert unproved_because(text, [QUOTE], ["§ 23, stk. 2"]) is None


@hypothesis_reads_fixtures_once
@given(start=st.integers(0, 130), length=st.integers(1, 60))
def test_every_verbatim_quote_of_words_passes_and_is_found_again(
    passage: Passages, context: Contexts, start: int, length: int
) -> None:
    ranked = passage()
    quote = ranked.passage.text[start : start + length]
    assume(terms(quote))
    draft = Draft((ProposedStatement(quote, (ProposedQuote("p1", quote),)),))
    (statement,) = prove(draft, context(ranked)).statements
    (citation,) = statement.citations
    at = citation.start - ranked.passage.start
    assert ranked.passage.text[at : citation.end - ranked.passage.start] == quote


@hypothesis_reads_fixtures_once
@given(place=st.integers(0, len(QUOTE) - 1), letter=st.characters(exclude_categories=["Cs"]))
def test_an_altered_quote_never_passes(
    passage: Passages, context: Contexts, place: int, letter: str
) -> None:
    altered = QUOTE[:place] + letter + QUOTE[place + 1 :]
    assume(altered not in passage().passage.text)
    draft = Draft((ProposedStatement(QUOTE, (ProposedQuote("p1", altered),)),))
    assert prove(draft, context(passage())).statements == ()


@hypothesis_reads_fixtures_once
@given(days=st.integers(2, 400))
def test_no_other_number_of_days_passes(passage: Passages, context: Contexts, days: int) -> None:
    assume(days != 10)
    text = f"Fristen er {days} hverdage, fra brevet er fremme."
    draft = Draft((ProposedStatement(text, (ProposedQuote("p1", QUOTE),)),))
    assert prove(draft, context(passage())).dropped == {"number": 1}
