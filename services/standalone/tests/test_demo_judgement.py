"""What the demo counts as met, and what it takes for a leak."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sidemand.client import (
    Abstention,
    CaseEvent,
    CaseEventRefused,
    CaseFacts,
    CaseRef,
    Citation,
    Content,
    DocumentRef,
    Party,
    Statement,
    Suggestion,
)
from sidemand.schemas.casework import MakingRecord
from sidemand.standalone.demo.expectations import Expectation, judge
from sidemand.standalone.demo.leaks import Marks
from sidemand.standalone.demo.report import latency
from sidemand.standalone.demo.stage import read_samples

SAMPLES = Path(__file__).parents[3] / "samples"
CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=1))
NOW = datetime(2026, 5, 4, tzinfo=UTC)


def suggestion(*statements: Statement, abstention: Abstention | None = None) -> Suggestion:
    return Suggestion(
        suggestion_id=uuid.UUID(int=2),
        revision=1,
        state="created",
        kind="answer",
        document_id=uuid.UUID(int=3),
        statements=statements,
        abstention=abstention,
        knowledge_as_of=NOW,
        record=MakingRecord(
            writer="extractive",
            model="extractive",
            version="1",
            how="",
            personal_data_sources=(),
            made_at=NOW,
        ),
    )


def statement(text: str, quote: str, document: str) -> Statement:
    citation = Citation(
        document=DocumentRef(tenant="faelles", document_id=document),
        version=1,
        title="",
        passage_id="1",
        start=0,
        end=len(quote),
        quote=quote,
    )
    return Statement(text=text, citations=(citation,))


def test_outcome_sources_and_facts_are_judged_one_by_one() -> None:
    wanted = Expectation(
        outcome="suggestion", cites=("a", "b"), must_mention=("10 hverdage", "uden varsel")
    )
    given = suggestion(statement("Fristen er", "Fristen er 10\n  Hverdage.", "a"))
    checks = judge(wanted, [given], None)
    assert [check.met for check in checks] == [True, True, False, True, False]


def test_an_abstention_is_met_only_where_nothing_is_suggested() -> None:
    wanted = Expectation(outcome="abstention")
    silent = suggestion(abstention=Abstention(code="no_sources", reason="Kilderne har ikke svaret"))
    spoken = suggestion(statement("Noget", "Noget", "a"))
    assert [check.met for check in judge(wanted, [silent], None)] == [True]
    assert [check.met for check in judge(wanted, [silent, spoken], None)] == [False]
    assert [check.met for check in judge(wanted, [], None)] == [False]


def test_a_refusal_is_met_by_a_refusal() -> None:
    refused = CaseEventRefused(
        case=CASE,
        event_id="1",
        code="no_legal_basis",
        explanation="",
        remedy="",
        refused_at=NOW,
    )
    assert judge(Expectation(outcome="refusal"), [], refused)[0].met
    assert not judge(Expectation(outcome="suggestion"), [], refused)[0].met


EVENT = CaseEvent(
    case=CASE,
    case_number="1",
    title="",
    facts=CaseFacts(kle="27.36.04", progress="Oplyst", sensitivity=3),
    kind="note_written",
    occurred_at=NOW,
    purpose="partshoering",
    # Invented; the date of birth lies in the future (2049).
    parties=(
        Party(
            role="primary",
            name="Asta Vindeholt",
            cpr="120549-6234",
            phone="85 40 99 13",
            email="asta@aanet.example",
        ),
    ),
    content=Content(text="."),
    requests=("answer",),
)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("⟦PERSON_W75H2N⟧ ringede den 4. maj", set()),
        ("cpr 1205496234", {"number"}),
        ("ring 8540 9913", {"number"}),
        ("skriv til ASTA@aanet.example", {"e-mail"}),
        ("Vindeholts datter", {"name"}),
        ("Asta kom forbi", {"name"}),
        ("Castastrofe", set()),
    ],
)
def test_marks_are_found_in_any_grouping_and_names_as_whole_words(
    text: str, kinds: set[str]
) -> None:
    assert Marks.of(EVENT).found_in([text]) == kinds


def test_every_sample_case_can_be_read_and_says_what_it_expects() -> None:
    samples = read_samples(SAMPLES / "cases")
    assert len(samples) == 40
    assert all(sample.expectation.why for sample in samples)
    guidance = {path.stem for path in (SAMPLES / "guidance").glob("*.md")}
    assert all(set(sample.expectation.cites) <= guidance for sample in samples)


def test_latency_is_median_and_95th_percentile() -> None:
    assert latency([float(number) for number in range(1, 102)]).model_dump() == {
        "p50": 51.0,
        "p95": 96.0,
    }
    assert latency([]).p95 == 0
