"""The figures for suggestions count what came back, and nothing else."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sidemand.evaluation.answers import AskedCase, measure, read_cases
from sidemand.schemas.casework import Abstention, Citation, MakingRecord, Statement, Suggestion
from sidemand.schemas.identity import DocumentRef

TEXT = "Fristen er 10 hverdage.\nKlagen sendes til Ankestyrelsen."
NOON = datetime(2026, 4, 21, 12, tzinfo=UTC)

DEADLINE = AskedCase(
    id="frist",
    tenant="storaadal",
    title="Høring",
    text="Hvor lang er fristen?",
    requests=("answer",),
    is_answerable=True,
    sources=("hoering", "klage"),
    points=("10 hverdage", "ankestyrelsen", "15 hverdage"),
)
WEDDING = AskedCase(
    id="vielse",
    tenant="storaadal",
    title="Vielse",
    text="Må vi gifte os i fyrtårnet?",
    requests=("answer",),
    is_answerable=False,
    sources=(),
    points=(),
)


def suggestion(*quotes: tuple[int, str]) -> Suggestion:
    """Statements that are the quotes at these offsets of the document `hoering`."""
    document = DocumentRef(tenant="faelles", document_id="hoering")
    return Suggestion(
        suggestion_id=uuid.UUID(int=1),
        revision=1,
        state="created",
        kind="answer",
        document_id=uuid.UUID(int=2),
        statements=tuple(
            Statement(
                text=quote,
                citations=(
                    Citation(
                        document=document,
                        version=1,
                        title="Partshøring",
                        passage_id="p1",
                        start=start,
                        end=start + len(quote),
                        quote=quote,
                    ),
                ),
            )
            for start, quote in quotes
        ),
        abstention=None if quotes else Abstention(code="no_sources", reason="Intet."),
        knowledge_as_of=NOON,
        record=MakingRecord(
            writer="extractive",
            model="prøve",
            version="1",
            how="Prøve.",
            personal_data_sources=(),
            made_at=NOON,
        ),
    )


async def test_a_good_answer_scores_by_its_sources_points_and_quotes() -> None:
    async def answering(case: AskedCase) -> Sequence[Suggestion]:
        return [suggestion((0, "Fristen er 10 hverdage."), (5, "Klagen sendes til Ankestyrelsen."))]

    figures = await measure([DEADLINE], answering, lambda citation: TEXT)
    assert figures["answered"] == 1
    assert figures["relevant_cited"] == 0.5
    assert figures["points_covered"] == 0.667
    assert figures["quotes_verbatim"] == 0.5, "the second stands elsewhere than its citation says"


async def test_an_answer_to_what_nobody_knows_is_a_fault_and_silence_is_none() -> None:
    async def always(case: AskedCase) -> Sequence[Suggestion]:
        return [suggestion((0, "Fristen er 10 hverdage."))]

    async def never(case: AskedCase) -> Sequence[Suggestion]:
        return [suggestion()]

    asked = [DEADLINE, WEDDING]
    assert (await measure(asked, always, lambda _: TEXT))["unanswerable_abstained"] == 0
    silent = await measure(asked, never, lambda _: TEXT)
    assert (silent["answered"], silent["unanswerable_abstained"]) == (0, 1)


async def test_a_quote_from_a_version_that_is_not_there_is_not_verbatim() -> None:
    async def answering(case: AskedCase) -> Sequence[Suggestion]:
        return [suggestion((0, "Fristen er 10 hverdage."))]

    assert (await measure([DEADLINE], answering, lambda _: None))["quotes_verbatim"] == 0


def test_cases_that_the_border_refuses_are_not_asked(tmp_path: Path) -> None:
    for outcome in ("suggestion", "abstention", "refusal"):
        (tmp_path / f"{outcome}.yaml").write_text(
            f"id: {outcome}\ntenant: storaadal\ncase: {{title: Høring}}\ntext: Hvad gælder?\n"
            f"requests: [answer]\nexpect: {{outcome: {outcome}, cites: [], must_mention: []}}\n",
            "utf-8",
        )
    assert {case.id: case.is_answerable for case in read_cases(tmp_path)} == {
        "suggestion": True,
        "abstention": False,
    }
