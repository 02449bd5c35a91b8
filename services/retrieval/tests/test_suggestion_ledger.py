"""One suite for every ledger: the fake, SQLite and PostgreSQL."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sidemand.retrieval.adapters.ledger_sql import SqlLedger
from sidemand.retrieval.ports import PassageRef, Resting, SuggestionLedger
from sidemand.schemas.casework import EmbeddedCaseDocument, SuggestionRef
from sidemand.schemas.identity import DocumentRef
from sidemand.testing.servers import PostgresServer

from .retrieval_fakes import InMemoryLedger, a_case, case_document

FRISTER = DocumentRef(tenant="faelles", document_id="frister")
LOKAL = DocumentRef(tenant="storaadal", document_id="frister")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SuggestionLedger]:
    if request.param == "memory":
        yield InMemoryLedger()
        return
    ledger = SqlLedger(_url(request, tmp_path))
    await ledger.open()
    yield ledger
    await ledger.close()


def _url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/ledger.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.create_database().replace("postgresql:", "postgresql+asyncpg:", 1)


def resting(
    document: EmbeddedCaseDocument,
    *cited: DocumentRef,
    revision: int = 1,
    suggestion_id: uuid.UUID | None = None,
) -> Resting:
    return Resting(
        case=document.case,
        document_id=document.document_id,
        suggestion=SuggestionRef(
            suggestion_id=suggestion_id or uuid.uuid4(), kind="answer", revision=revision
        ),
        passages=frozenset(PassageRef(each, 1, "p1") for each in cited),
    )


async def test_a_case_document_is_recalled_without_its_own_passages(
    ledger: SuggestionLedger,
) -> None:
    document = case_document("Hvor lang er fristen?")
    await ledger.remember(document)
    await ledger.remember(document)
    recalled = await ledger.recall(document.case, document.document_id)
    assert recalled == document.model_copy(update={"passages": ()})


async def test_what_was_never_kept_is_not_recalled(ledger: SuggestionLedger) -> None:
    assert await ledger.recall(a_case(), uuid.uuid4()) is None


async def test_the_case_documents_of_suggestions_that_cite_a_document_are_affected(
    ledger: SuggestionLedger,
) -> None:
    document, other = case_document("Frist?"), case_document("Leje?")
    first, second = resting(document, FRISTER, LOKAL), resting(document, FRISTER)
    for each in (document, other):
        await ledger.remember(each)
    for suggestion in (first, second, resting(other, LOKAL)):
        assert await ledger.rest(suggestion)
    (affected,) = await ledger.affected(FRISTER)
    assert affected.document == document.model_copy(update={"passages": ()})
    assert set(affected.suggestions) == {first, second}


async def test_only_the_suggestions_of_one_municipality_can_be_asked_for(
    ledger: SuggestionLedger,
) -> None:
    ours, theirs = case_document("Frist?"), case_document("Frist?", a_case("vesterhede"))
    for document in (ours, theirs):
        await ledger.remember(document)
        await ledger.rest(resting(document, FRISTER))
    (affected,) = await ledger.affected(FRISTER, "vesterhede")
    assert affected.document.case == theirs.case


async def test_a_revision_replaces_what_the_suggestion_rested_on(
    ledger: SuggestionLedger,
) -> None:
    document, name = case_document("Frist?"), uuid.uuid4()
    await ledger.remember(document)
    await ledger.rest(resting(document, FRISTER, suggestion_id=name))
    await ledger.rest(resting(document, LOKAL, revision=2, suggestion_id=name))
    assert await ledger.affected(FRISTER) == []
    (affected,) = await ledger.affected(LOKAL)
    assert affected.suggestions[0].suggestion.revision == 2


async def test_a_late_older_revision_changes_nothing(ledger: SuggestionLedger) -> None:
    document, name = case_document("Frist?"), uuid.uuid4()
    await ledger.remember(document)
    await ledger.rest(resting(document, revision=2, suggestion_id=name))  # withdrawn
    assert not await ledger.rest(resting(document, FRISTER, suggestion_id=name))
    assert await ledger.affected(FRISTER) == []


async def test_a_redelivered_revision_counts_as_the_newest(ledger: SuggestionLedger) -> None:
    document = case_document("Frist?")
    suggestion = resting(document, FRISTER)
    await ledger.remember(document)
    assert await ledger.rest(suggestion)
    assert await ledger.rest(suggestion)
    (affected,) = await ledger.affected(FRISTER)
    assert affected.suggestions == (suggestion,)


async def test_a_suggestion_on_an_unknown_document_affects_nothing(
    ledger: SuggestionLedger,
) -> None:
    await ledger.rest(resting(case_document("Frist?"), FRISTER))
    assert await ledger.affected(FRISTER) == []


async def test_an_erased_case_is_forgotten_and_its_erasure_is_not(
    ledger: SuggestionLedger,
) -> None:
    document, other = case_document("Frist?"), case_document("Frist?")
    for each in (document, other):
        await ledger.remember(each)
        await ledger.rest(resting(each, FRISTER))
    assert not await ledger.is_erased(document.case)
    assert await ledger.erase(document.case) == 2
    assert await ledger.erase(document.case) == 0
    assert await ledger.is_erased(document.case)
    assert not await ledger.is_erased(other.case)
    assert await ledger.recall(document.case, document.document_id) is None
    (affected,) = await ledger.affected(FRISTER)
    assert affected.document.case == other.case
