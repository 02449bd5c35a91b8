"""One suite for every ledger: the fake, SQLite and PostgreSQL."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from sidemand.retrieval.adapters.ledger_sql import SqlLedger
from sidemand.retrieval.ports import CaseForgotten, PassageRef, Resting, SuggestionLedger
from sidemand.retrieval.queries import reach_of
from sidemand.schemas.casework import EmbeddedCaseDocument, SuggestionRef
from sidemand.schemas.identity import DocumentRef
from sidemand.storage.database import open_database
from sidemand.testing.servers import PostgresServer
from sqlalchemy import Connection, text

from .ledger_fake import InMemoryLedger
from .retrieval_fakes import a_case, case_document

FRISTER = DocumentRef(tenant="faelles", document_id="frister")
LOKAL = DocumentRef(tenant="storaadal", document_id="frister")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SuggestionLedger]:
    if request.param == "memory":
        yield InMemoryLedger()
        return
    ledger = SqlLedger(_url(request.param, request, tmp_path))
    await ledger.open()
    yield ledger
    await ledger.close()


def _url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if kind == "sqlite":
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
        await ledger.rest(suggestion)
    (affected,) = await ledger.affected(FRISTER)
    assert affected.reach == reach_of(document)
    assert set(affected.suggestions) == {first, second}


async def test_only_the_suggestions_of_one_municipality_can_be_asked_for(
    ledger: SuggestionLedger,
) -> None:
    ours, theirs = case_document("Frist?"), case_document("Frist?", a_case("vesterhede"))
    for document in (ours, theirs):
        await ledger.remember(document)
        await ledger.rest(resting(document, FRISTER))
    (affected,) = await ledger.affected(FRISTER, "vesterhede")
    assert affected.reach.case == theirs.case


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
    assert await ledger.rest(resting(document, FRISTER, suggestion_id=name)) is None
    assert await ledger.affected(FRISTER) == []


async def test_a_redelivered_revision_counts_as_the_newest(ledger: SuggestionLedger) -> None:
    document = case_document("Frist?")
    suggestion = resting(document, FRISTER)
    await ledger.remember(document)
    assert await ledger.rest(suggestion) == reach_of(document)
    assert await ledger.rest(suggestion) == reach_of(document)
    (affected,) = await ledger.affected(FRISTER)
    assert affected.suggestions == (suggestion,)


async def test_a_suggestion_on_an_unknown_document_affects_nothing(
    ledger: SuggestionLedger,
) -> None:
    assert await ledger.rest(resting(case_document("Frist?"), FRISTER)) is None
    assert await ledger.affected(FRISTER) == []


async def test_a_suggestion_that_came_before_its_document_is_affected_later(
    ledger: SuggestionLedger,
) -> None:
    document = case_document("Frist?")
    suggestion = resting(document, FRISTER)
    await ledger.rest(suggestion)
    await ledger.remember(document)
    (affected,) = await ledger.affected(FRISTER)
    assert affected.suggestions == (suggestion,)


async def test_an_erased_case_is_forgotten_and_other_cases_are_not(
    ledger: SuggestionLedger,
) -> None:
    document, other = case_document("Frist?"), case_document("Frist?")
    for each in (document, other):
        await ledger.remember(each)
        await ledger.rest(resting(each, FRISTER))
    assert await ledger.erase(document.case) == 2
    assert await ledger.erase(document.case) == 0
    assert await ledger.recall(document.case, document.document_id) is None
    (affected,) = await ledger.affected(FRISTER)
    assert affected.reach.case == other.case


async def test_what_comes_after_the_erasure_of_its_case_is_refused(
    ledger: SuggestionLedger,
) -> None:
    document = case_document("Frist?")
    await ledger.erase(document.case)
    with pytest.raises(CaseForgotten):
        await ledger.remember(document)
    with pytest.raises(CaseForgotten):
        await ledger.rest(resting(document, FRISTER))
    assert await ledger.erase(document.case) == 0


async def test_an_erasure_in_the_midst_of_what_comes_leaves_nothing(
    ledger: SuggestionLedger,
) -> None:
    cases = [case_document(f"Frist {number}?") for number in range(12)]

    async def come(document: EmbeddedCaseDocument) -> None:
        with suppress(CaseForgotten):
            await ledger.remember(document)
            await ledger.rest(resting(document, FRISTER))

    await asyncio.gather(
        *(work for each in cases for work in (come(each), ledger.erase(each.case), come(each)))
    )
    assert await ledger.affected(FRISTER) == []
    for each in cases:
        assert await ledger.recall(each.case, each.document_id) is None
        assert await ledger.erase(each.case) == 0


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_documents_that_an_earlier_ledger_kept_are_still_affected(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = _url(kind, request, tmp_path)
    document = case_document("Frist?")
    suggestion = resting(document, FRISTER)
    await _kept_by_an_earlier_ledger(url, document)
    ledger = SqlLedger(url)
    await ledger.open()
    assert await ledger.rest(suggestion) == reach_of(document)
    assert await ledger.recall(document.case, document.document_id) == document.model_copy(
        update={"passages": ()}
    )
    await ledger.close()


async def _kept_by_an_earlier_ledger(url: str, document: EmbeddedCaseDocument) -> None:
    """Keep `document` in the table as it was before what a document may see stood beside it."""
    columns = ("happened_on", "sensitivity")
    ledger, database = SqlLedger(url), open_database(url)
    await ledger.open()
    await ledger.remember(document)
    await ledger.close()
    for column in columns:
        drop = text(f"ALTER TABLE retrieval_case_documents DROP COLUMN {column}")
        await database.transaction(partial(Connection.execute, statement=drop))
    await database.close()
