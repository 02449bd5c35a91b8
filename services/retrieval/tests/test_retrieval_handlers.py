"""What retrieval does with events, on the ports in memory."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sidemand.retrieval.contexts import Retrieval
from sidemand.retrieval.handlers import (
    forget_case,
    index_document,
    note_suggestion,
    remove_document,
    retrieve_context,
)
from sidemand.schemas.casework import (
    CaseErased,
    Citation,
    EmbeddedCaseDocument,
    MakingRecord,
    RetrievedContext,
    Statement,
    Suggestion,
    SuggestionDrafted,
)
from sidemand.schemas.envelope import Envelope, Event
from sidemand.schemas.identity import Payload, Tombstone
from sidemand.schemas.knowledge import KnowledgeEmbedded, KnowledgeIndexed

from .ledger_fake import InMemoryLedger
from .retrieval_fakes import (
    CALIBRATION,
    PUBLISHED,
    InMemoryIndex,
    a_case,
    case_document,
    knowledge,
    newer,
    overriding,
    passage,
)

FRIST = knowledge("frister", "Fristen for svar er ti hverdage.", "Ring til borgeren først.")


@pytest.fixture
def retrieval() -> Retrieval:
    return Retrieval(InMemoryIndex(), InMemoryLedger(), CALIBRATION)


def drafted(
    document: EmbeddedCaseDocument, *cited: KnowledgeEmbedded, revision: int = 1
) -> SuggestionDrafted:
    """A suggestion on `document` that quotes the first passage of each of `cited`."""
    suggestion = Suggestion(
        suggestion_id=uuid.uuid5(uuid.NAMESPACE_URL, str(document.document_id)),
        revision=revision,
        state="created" if revision == 1 else "updated",
        kind="answer",
        document_id=document.document_id,
        statements=tuple(statement(each) for each in cited),
        knowledge_as_of=PUBLISHED,
        record=MakingRecord(
            writer="extractive",
            model="prøve",
            version="1",
            how="Sætninger fra kilderne.",
            personal_data_sources=(),
            made_at=PUBLISHED,
        ),
    )
    return SuggestionDrafted(
        case=document.case, suggestion=suggestion, published_at=document.published_at
    )


def statement(cited: KnowledgeEmbedded) -> Statement:
    first = cited.passages[0].passage
    citation = Citation(
        document=cited.document,
        version=cited.version,
        title=cited.title,
        passage_id=first.passage_id,
        start=first.start,
        end=first.end,
        quote=first.text,
    )
    return Statement(text=first.text, citations=(citation,))


def deletion(document: KnowledgeEmbedded, at: datetime) -> Event[Tombstone]:
    envelope = Envelope(
        id="1",
        source="redaktionen",
        type="knowledge.document.embedded.v1",
        time=at,
        tenant=document.tenant,
        subject=document.subject,
    )
    return Event(envelope, Tombstone(document=document.document))


def receipt_in(payloads: Sequence[Payload]) -> KnowledgeIndexed:
    (receipt,) = [each for each in payloads if isinstance(each, KnowledgeIndexed)]
    return receipt


def contexts_in(payloads: Sequence[Payload]) -> list[RetrievedContext]:
    return [each for each in payloads if isinstance(each, RetrievedContext)]


async def a_suggestion_on(retrieval: Retrieval, *cited: KnowledgeEmbedded) -> SuggestionDrafted:
    """Index `cited`, and let a case document be answered with them."""
    document = case_document("Hvor lang er fristen for svar?")
    for each in cited:
        await index_document(each, retrieval)
    await retrieve_context(document, retrieval)
    suggestion = drafted(document, *cited)
    assert await note_suggestion(suggestion, retrieval) is None
    return suggestion


async def test_a_receipt_says_since_when_a_document_is_searchable(retrieval: Retrieval) -> None:
    before = datetime.now(UTC)
    payloads = await index_document(FRIST.model_copy(update={"masked": 3}), retrieval)
    receipt = receipt_in(payloads)
    assert (receipt.outcome, receipt.version, receipt.passages) == ("indexed", 1, 2)
    assert (receipt.masked, receipt.published_at) == (3, PUBLISHED)
    assert before <= receipt.settled_at <= datetime.now(UTC)
    assert contexts_in(payloads) == []


async def test_an_older_version_gets_a_receipt_too(retrieval: Retrieval) -> None:
    await index_document(newer(FRIST, "Fristen er femten dage."), retrieval)
    assert receipt_in(await index_document(FRIST, retrieval)).outcome == "superseded"


async def test_a_case_document_is_answered_with_passages(retrieval: Retrieval) -> None:
    await index_document(FRIST, retrieval)
    document = case_document("Hvor lang er fristen for svar?")
    context = await retrieve_context(document, retrieval)
    assert context is not None
    assert context.passages[0].passage.text == "Fristen for svar er ti hverdage."
    assert (context.reason, context.replaces) == ("case_event", ())
    assert context.knowledge_as_of == PUBLISHED
    assert (context.text, context.requests) == (document.text, document.requests)


async def test_a_question_that_nothing_answers_gets_no_passages(retrieval: Retrieval) -> None:
    await index_document(FRIST, retrieval)
    context = await retrieve_context(case_document("Rødvin på sofaen"), retrieval)
    assert context is not None
    assert context.passages == ()


async def test_a_suggestion_is_drafted_anew_when_its_passage_changes(
    retrieval: Retrieval,
) -> None:
    suggestion = await a_suggestion_on(retrieval, FRIST)
    second = newer(FRIST, "Fristen for svar er femten hverdage.", "Ring til borgeren først.")
    payloads = await index_document(second, retrieval)
    (context,) = contexts_in(payloads)
    assert context.reason == "knowledge_changed"
    assert [each.suggestion_id for each in context.replaces] == [
        suggestion.suggestion.suggestion_id
    ]
    assert context.passages[0].passage.text == "Fristen for svar er femten hverdage."
    assert context.case == suggestion.case


async def test_a_suggestion_stands_when_another_passage_of_its_source_changes(
    retrieval: Retrieval,
) -> None:
    await a_suggestion_on(retrieval, FRIST)
    second = newer(FRIST, "Fristen for svar er ti hverdage.", "Skriv til borgeren først.")
    assert contexts_in(await index_document(second, retrieval)) == []


async def test_a_redelivered_change_finds_what_a_crash_left_undone(retrieval: Retrieval) -> None:
    await a_suggestion_on(retrieval, FRIST)
    second = newer(FRIST, "Fristen for svar er femten hverdage.")
    await retrieval.index.apply(second)  # and nothing was published
    payloads = await index_document(second, retrieval)
    assert receipt_in(payloads).outcome == "indexed"
    assert len(contexts_in(payloads)) == 1


async def test_a_deletion_is_receipted_and_shakes_what_rested_on_it(retrieval: Retrieval) -> None:
    await a_suggestion_on(retrieval, FRIST)
    payloads = await remove_document(deletion(FRIST, PUBLISHED + timedelta(hours=1)), retrieval)
    receipt = receipt_in(payloads)
    assert (receipt.outcome, receipt.version) == ("removed", None)
    (context,) = contexts_in(payloads)
    assert context.passages == ()
    assert len(context.replaces) == 1


async def test_a_local_rule_shakes_the_suggestions_of_its_municipality_alone(
    retrieval: Retrieval,
) -> None:
    shared = knowledge(
        "partshoering", passage("Fristen for svar er ti hverdage.", headings=["Svarfrist"])
    )
    await index_document(shared, retrieval)
    ours = case_document("Hvor lang er fristen for svar?", a_case("storaadal"))
    theirs = case_document("Hvor lang er fristen for svar?", a_case("vesterhede"))
    for document in (ours, theirs):
        await retrieve_context(document, retrieval)
        await note_suggestion(drafted(document, shared), retrieval)
    local = knowledge("svarfrist", "Fristen for svar er tyve hverdage.", tenant="vesterhede")
    payloads = await index_document(overriding(local, "partshoering#Svarfrist"), retrieval)
    (context,) = contexts_in(payloads)
    assert context.case == theirs.case
    assert [each.passage.text for each in context.passages] == [
        "Fristen for svar er tyve hverdage."
    ]


async def test_a_suggestion_whose_passage_is_already_gone_is_drafted_anew(
    retrieval: Retrieval,
) -> None:
    document = case_document("Hvor lang er fristen for svar?")
    await index_document(FRIST, retrieval)
    await retrieve_context(document, retrieval)
    await index_document(newer(FRIST, "Fristen for svar er femten hverdage."), retrieval)
    context = await note_suggestion(drafted(document, FRIST), retrieval)
    assert context is not None
    assert context.reason == "knowledge_changed"
    assert context.replaces[0].revision == 1


async def test_a_suggestion_that_was_drafted_anew_is_settled(retrieval: Retrieval) -> None:
    suggestion = await a_suggestion_on(retrieval, FRIST)
    second = newer(FRIST, "Fristen for svar er femten hverdage.")
    (context,) = contexts_in(await index_document(second, retrieval))
    document = await retrieval.ledger.recall(context.case, context.document_id)
    assert document is not None
    assert await note_suggestion(drafted(document, second, revision=2), retrieval) is None
    assert contexts_in(await index_document(second, retrieval)) == []
    assert await note_suggestion(suggestion, retrieval) is None  # the first, delivered late


async def test_a_withdrawn_suggestion_rests_on_nothing(retrieval: Retrieval) -> None:
    suggestion = await a_suggestion_on(retrieval, FRIST)
    withdrawn = suggestion.suggestion.model_copy(
        update={"state": "withdrawn", "revision": 2, "statements": ()}
    )
    await note_suggestion(suggestion.model_copy(update={"suggestion": withdrawn}), retrieval)
    payloads = await remove_document(deletion(FRIST, PUBLISHED + timedelta(hours=1)), retrieval)
    assert contexts_in(payloads) == []


async def test_an_erased_case_is_forgotten_and_says_so(retrieval: Retrieval) -> None:
    suggestion = await a_suggestion_on(retrieval, FRIST)
    erased = CaseErased(case=suggestion.case, erased_at=PUBLISHED)
    confirmed = await forget_case(erased, retrieval)
    assert (confirmed.case, confirmed.service) == (suggestion.case, "retrieval")
    assert confirmed.erased == 3  # the document, its suggestion, its passage
    second = newer(FRIST, "Fristen for svar er femten hverdage.")
    assert contexts_in(await index_document(second, retrieval)) == []


async def test_what_comes_after_the_erasure_of_its_case_is_dropped(retrieval: Retrieval) -> None:
    document = case_document("Hvor lang er fristen for svar?")
    await index_document(FRIST, retrieval)
    await forget_case(CaseErased(case=document.case, erased_at=PUBLISHED), retrieval)
    assert await retrieve_context(document, retrieval) is None
    assert await note_suggestion(drafted(document, FRIST), retrieval) is None
    assert await retrieval.ledger.recall(document.case, document.document_id) is None
    assert await retrieval.index.erase_case(document.case) == 0


async def test_a_redelivered_case_document_changes_nothing(retrieval: Retrieval) -> None:
    await index_document(FRIST, retrieval)
    document = case_document("Hvor lang er fristen for svar?")
    once = await retrieve_context(document, retrieval)
    assert await retrieve_context(document, retrieval) == once
