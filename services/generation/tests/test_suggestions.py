"""One suggestion per kind, the same at every redelivery, and its next revisions."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY
from sidemand.bus.errors import Transient
from sidemand.generation.handlers import count_feedback, draft_suggestions
from sidemand.generation.ports import (
    Draft,
    ProposedQuote,
    ProposedStatement,
    WriterIdentity,
    WriterRefused,
    WritingTask,
)
from sidemand.schemas.casework import (
    FeedbackRedacted,
    RankedPassage,
    RetrievedContext,
    SuggestionRef,
)
from sidemand.schemas.envelope import Event
from sidemand.schemas.identity import CaseRef

Passages = Callable[..., RankedPassage]
Contexts = Callable[..., RetrievedContext]
Events = Callable[[RetrievedContext], Event[RetrievedContext]]

TRUE = "Fristen er 10 hverdage, fra brevet er fremme."
FALSE = "Fristen er 15 hverdage, fra brevet er fremme."
EARLIER = SuggestionRef(suggestion_id=uuid.UUID(int=99), kind="answer", revision=4)


class WriterOf:
    """Writes the sentences that it is given, or fails as it is told."""

    def __init__(self, *sentences: str, failure: Exception | None = None) -> None:
        self.tasks: list[WritingTask] = []
        self._sentences = sentences
        self._failure = failure

    @property
    def identity(self) -> WriterIdentity:
        return WriterIdentity("openai", "model-a", "2026-01", "abc", "Skrevet af en prøve.")

    async def write(self, task: WritingTask) -> Draft:
        self.tasks.append(task)
        if self._failure:
            raise self._failure
        quote = ProposedQuote("p1", TRUE)
        return Draft(tuple(ProposedStatement(text, (quote,)) for text in self._sentences))


async def test_each_kind_that_is_asked_for_gets_its_suggestion(
    passage: Passages, context: Contexts, event: Events
) -> None:
    asked = context(passage(), requests=("answer", "next_steps", "answer"))
    drafted = await draft_suggestions(event(asked), WriterOf(TRUE))
    assert [each.suggestion.kind for each in drafted] == ["answer", "next_steps"]
    assert all(each.suggestion.state == "created" for each in drafted)
    assert all(each.suggestion.revision == 1 for each in drafted)
    assert all(each.published_at == asked.published_at for each in drafted)


async def test_a_redelivered_event_makes_the_same_suggestions(
    passage: Passages, context: Contexts, event: Events
) -> None:
    asked = event(context(passage(), requests=("answer", "summary")))
    first = await draft_suggestions(asked, WriterOf(TRUE))
    assert await draft_suggestions(asked, WriterOf(TRUE)) == first
    assert first[0].suggestion.suggestion_id != first[1].suggestion.suggestion_id


async def test_what_cannot_be_proved_is_left_out_and_counted(
    passage: Passages, context: Contexts, event: Events
) -> None:
    before = REGISTRY.get_sample_value("sidemand_statements_dropped_total", {"reason": "number"})
    (drafted,) = await draft_suggestions(event(context(passage())), WriterOf(FALSE, TRUE))
    assert [statement.text for statement in drafted.suggestion.statements] == [TRUE]
    after = REGISTRY.get_sample_value("sidemand_statements_dropped_total", {"reason": "number"})
    assert (after or 0) - (before or 0) == 1


async def test_nothing_proved_is_an_abstention(
    passage: Passages, context: Contexts, event: Events
) -> None:
    (drafted,) = await draft_suggestions(event(context(passage())), WriterOf(FALSE))
    assert drafted.suggestion.statements == ()
    assert drafted.suggestion.abstention is not None
    assert drafted.suggestion.abstention.code == "no_proof"
    assert drafted.suggestion.abstention.reason.startswith("Kilderne indeholder ikke svaret")


async def test_without_sources_nobody_is_asked_to_write(context: Contexts, event: Events) -> None:
    writer = WriterOf(TRUE)
    (drafted,) = await draft_suggestions(event(context()), writer)
    assert writer.tasks == []
    assert drafted.suggestion.abstention is not None
    assert drafted.suggestion.abstention.code == "no_sources"


async def test_a_letter_in_the_case_is_no_source(
    passage: Passages, context: Contexts, event: Events
) -> None:
    letter = passage(kind="sagsdokument")
    (drafted,) = await draft_suggestions(event(context(letter)), WriterOf(TRUE))
    assert drafted.suggestion.abstention is not None
    assert drafted.suggestion.abstention.code == "no_sources"


async def test_a_writer_that_refuses_leads_to_an_abstention(
    passage: Passages, context: Contexts, event: Events
) -> None:
    writer = WriterOf(failure=WriterRefused("content_filter"))
    (drafted,) = await draft_suggestions(event(context(passage())), writer)
    assert drafted.suggestion.abstention is not None
    assert drafted.suggestion.abstention.code == "writer_refused"


async def test_a_writer_that_is_away_makes_the_event_wait(
    passage: Passages, context: Contexts, event: Events
) -> None:
    writer = WriterOf(failure=Transient("the server is away"))
    with pytest.raises(Transient):
        await draft_suggestions(event(context(passage())), writer)


async def test_changed_knowledge_makes_the_next_revision_of_the_same_suggestion(
    passage: Passages, context: Contexts, event: Events
) -> None:
    changed = context(passage(), requests=("answer", "summary"), replaces=(EARLIER,))
    (drafted,) = await draft_suggestions(event(changed), WriterOf(TRUE))
    suggestion = drafted.suggestion
    assert (suggestion.suggestion_id, suggestion.revision) == (EARLIER.suggestion_id, 5)
    assert suggestion.state == "updated"
    assert suggestion.withdrawn_because is None


@pytest.mark.parametrize("writer", [WriterOf(FALSE), WriterOf()])
async def test_a_suggestion_that_can_no_longer_be_proved_is_withdrawn_in_danish(
    passage: Passages, context: Contexts, event: Events, writer: WriterOf
) -> None:
    changed = context(passage(), replaces=(EARLIER,))
    (drafted,) = await draft_suggestions(event(changed), writer)
    suggestion = drafted.suggestion
    assert (suggestion.suggestion_id, suggestion.revision) == (EARLIER.suggestion_id, 5)
    assert (suggestion.state, suggestion.statements) == ("withdrawn", ())
    assert suggestion.abstention is None
    assert "Se bort fra det tidligere forslag" in (suggestion.withdrawn_because or "")


async def test_a_suggestion_whose_sources_are_gone_is_withdrawn(
    context: Contexts, event: Events
) -> None:
    (drafted,) = await draft_suggestions(event(context(replaces=(EARLIER,))), WriterOf(TRUE))
    assert drafted.suggestion.state == "withdrawn"


async def test_the_record_says_who_wrote_from_what_and_when(
    passage: Passages, context: Contexts, event: Events
) -> None:
    asked = event(context(passage()))
    (drafted,) = await draft_suggestions(asked, WriterOf(TRUE))
    record = drafted.suggestion.record
    assert (record.writer, record.model, record.version) == ("openai", "model-a", "2026-01")
    assert record.prompt_version == "abc"
    assert record.human_decides
    assert record.made_at == asked.envelope.time
    assert record.personal_data_sources == (
        f"Fagsystemet: mail modtaget i sagen den 21.04.2026 ({uuid.UUID(int=8)})",
    )


async def test_feedback_is_counted_by_verdict() -> None:
    before = REGISTRY.get_sample_value("sidemand_feedback_total", {"verdict": "wrong"})
    await count_feedback(
        FeedbackRedacted(
            case=CaseRef(tenant="storaadal", case_id=uuid.UUID(int=7)),
            suggestion_id=uuid.UUID(int=9),
            revision=1,
            verdict="wrong",
            given_at=datetime(2026, 4, 22, tzinfo=UTC),
        )
    )
    after = REGISTRY.get_sample_value("sidemand_feedback_total", {"verdict": "wrong"})
    assert (after or 0) - (before or 0) == 1
