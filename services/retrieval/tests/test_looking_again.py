"""Which suggestions a change of knowledge shakes, when many rest on it."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sidemand.retrieval.contexts import Retrieval
from sidemand.retrieval.handlers import index_document, note_suggestion, retrieve_context
from sidemand.retrieval.ports import PassageRef, Reach
from sidemand.schemas.casework import EmbeddedCaseDocument

from .ledger_fake import InMemoryLedger
from .retrieval_fakes import CALIBRATION, InMemoryIndex, a_case, case_document, knowledge, newer
from .test_retrieval_handlers import contexts_in, drafted

WORDS = "Fristen for svar er ti hverdage."
FRIST = knowledge("frister", WORDS)
QUESTION = "Hvor lang er fristen for svar?"


@dataclass
class WatchedIndex(InMemoryIndex):
    """Remembers for whom it was asked what is gone."""

    asked_for: list[Reach] = field(default_factory=list)

    async def gone(self, reach: Reach, cited: frozenset[PassageRef]) -> frozenset[PassageRef]:
        self.asked_for.append(reach)
        return await super().gone(reach, cited)


@pytest.fixture
def index() -> WatchedIndex:
    return WatchedIndex()


@pytest.fixture
def retrieval(index: WatchedIndex) -> Retrieval:
    return Retrieval(index, InMemoryLedger(), CALIBRATION)


async def answered(retrieval: Retrieval, *documents: EmbeddedCaseDocument) -> None:
    """Each of `documents` has a suggestion that rests on `FRIST`."""
    await index_document(FRIST, retrieval)
    for document in documents:
        await retrieve_context(document, retrieval)
        await note_suggestion(drafted(document, FRIST), retrieval)


async def test_the_index_is_asked_once_for_all_cases_that_see_the_same(
    retrieval: Retrieval, index: WatchedIndex
) -> None:
    await answered(retrieval, *(case_document(QUESTION) for _ in range(3)))
    index.asked_for.clear()
    changed = newer(FRIST, "Fristen for svar er femten hverdage.")
    assert len(contexts_in(await index_document(changed, retrieval))) == 3
    assert len(index.asked_for) == 1


async def test_the_index_is_asked_for_each_municipality(
    retrieval: Retrieval, index: WatchedIndex
) -> None:
    tenants = ("storaadal", "vesterhede")
    await answered(retrieval, *(case_document(QUESTION, a_case(each)) for each in tenants))
    index.asked_for.clear()
    assert contexts_in(await index_document(newer(FRIST, WORDS), retrieval)) == []
    assert {reach.case.tenant for reach in index.asked_for} == set(tenants)


async def test_a_rule_that_ended_shakes_only_what_happened_after_its_end(
    retrieval: Retrieval,
) -> None:
    before = case_document(QUESTION)
    moment = before.occurred_at + timedelta(days=30)
    after = case_document(QUESTION).model_copy(update={"occurred_at": moment})
    await answered(retrieval, before, after)
    ended = newer(FRIST, WORDS).model_copy(update={"valid_to": before.occurred_at.date()})
    (context,) = contexts_in(await index_document(ended, retrieval))
    assert context.case == after.case


async def test_a_case_that_may_see_less_is_looked_at_by_itself(retrieval: Retrieval) -> None:
    sees_much = case_document(QUESTION)
    facts = sees_much.facts.model_copy(update={"sensitivity": 1})
    sees_little = case_document(QUESTION).model_copy(update={"facts": facts})
    await answered(retrieval, sees_much, sees_little)
    secret = newer(FRIST, WORDS).model_copy(update={"sensitivity": 2})
    (context,) = contexts_in(await index_document(secret, retrieval))
    assert context.case == sees_little.case
