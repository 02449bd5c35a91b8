"""The writer without a language model picks what answers the case, and nothing unproved."""

from collections.abc import Callable
from typing import get_args

import pytest
from sidemand.generation.adapters.extractive import ExtractiveWriter
from sidemand.generation.ports import Draft, WritingTask
from sidemand.generation.proof import prove
from sidemand.schemas.casework import RankedPassage, RetrievedContext, SuggestionKind

Passages = Callable[..., RankedPassage]
Contexts = Callable[..., RetrievedContext]

FENCES = (
    "Hegn må være 1,80 m høje i skel mod naboen. Ejeren betaler for maling og pleje af hegnet. "
    "Plankeværk mod vej kræver en særskilt tilladelse fra kommunen."
)


async def draft(
    context: RetrievedContext, kind: SuggestionKind = "answer", most: int = 12
) -> Draft:
    return await ExtractiveWriter(most).write(WritingTask(context, kind))


def texts(drafted: Draft) -> list[str]:
    return [statement.text for statement in drafted.statements]


async def test_the_sentence_that_answers_comes_before_others(
    passage: Passages, context: Contexts
) -> None:
    (text,) = texts(await draft(context(passage()), most=1))
    assert text.startswith("Fristen er 10 hverdage")


async def test_a_document_about_something_else_is_not_quoted(
    passage: Passages, context: Contexts
) -> None:
    fences = passage(FENCES, document="hegn", passage_id="p2", heading="Hegn", score=0.1)
    drafted = await draft(context(passage(), fences))
    assert drafted.statements
    assert not any("egn" in text for text in texts(drafted))


async def test_statements_come_in_the_order_of_their_document(
    passage: Passages, context: Contexts
) -> None:
    later = passage("Klagen over fristen sendes til Ankestyrelsen.", passage_id="p2", start=900)
    drafted = await draft(context(later, passage()))
    assert texts(drafted)[0].startswith("Fristen er")
    assert texts(drafted)[-1].startswith("Klagen")


async def test_the_same_is_not_said_twice(passage: Passages, context: Contexts) -> None:
    again = passage(passage_id="p2", document="hoering-lokal")
    drafted = await draft(context(passage(), again))
    assert len(texts(drafted)) == len(set(texts(drafted))) == 2


async def test_cases_that_come_in_turn_are_answered_each_from_its_own_sources(
    passage: Passages, context: Contexts
) -> None:
    writer = ExtractiveWriter(12)
    deadline, fences = context(passage()), context(passage(FENCES, passage_id="p2"))
    for asked in (deadline, fences, deadline):
        for kind in ("answer", "next_steps"):
            drafted = await writer.write(WritingTask(asked, kind))
            assert prove(drafted, asked).statements


async def test_an_item_is_cited_with_its_introduction(passage: Passages, context: Contexts) -> None:
    listed = passage("Du skal høre borgeren, når:\n\n- fristen kan nås,\n- oplysningen er ny.")
    statement = (await draft(context(listed))).statements[0]
    assert statement.text == "Du skal høre borgeren, når: fristen kan nås,"
    assert [quote.text for quote in statement.quotes] == [
        "Du skal høre borgeren, når:",
        "fristen kan nås,",
    ]


async def test_a_mistake_is_named_as_one(passage: Passages, context: Contexts) -> None:
    mistakes = passage("- Afgørelsen bliver truffet, før fristen er gået.", heading="Typiske fejl")
    assert texts(await draft(context(mistakes))) == [
        "Typiske fejl: Afgørelsen bliver truffet, før fristen er gået."
    ]


async def test_a_row_is_read_with_the_names_of_its_columns(
    passage: Passages, context: Contexts
) -> None:
    table = passage("Frist | Godkendes af\n20 hverdage | Teamlederen")
    assert texts(await draft(context(table))) == ["Frist: 20 hverdage; Godkendes af: Teamlederen"]


async def test_next_steps_prefer_what_is_to_be_done(passage: Passages, context: Contexts) -> None:
    both = passage(
        "En frist løber fra den dag, hvor brevet er kommet frem til modtageren.\n\n"
        "Ring til borgeren om fristen, inden afgørelsen bliver truffet."
    )
    (step,) = texts(await draft(context(both), "next_steps", most=1))
    assert step.startswith("Ring")


@pytest.mark.parametrize("kind", get_args(SuggestionKind))
async def test_everything_that_it_writes_can_be_proved(
    passage: Passages, context: Contexts, kind: SuggestionKind
) -> None:
    asked = context(
        passage(),
        passage(FENCES, document="hegn", passage_id="p2"),
        passage("Betingelser for frist:\n\n1. Ja.\n2. Ikke før 3. maj.", passage_id="p3", start=9),
        passage("Frist | Hvem\n20 dage | Vi", passage_id="p4", document="tabel", heading=""),
    )
    proof = prove(await draft(asked, kind), asked)
    assert proof.statements
    assert not proof.dropped


async def test_it_writes_at_most_as_much_as_it_may(passage: Passages, context: Contexts) -> None:
    long = passage("\n\n".join(f"Frist nummer {n} gælder for høring {n}." for n in range(30)))
    assert len((await draft(context(long), most=5)).statements) == 5
