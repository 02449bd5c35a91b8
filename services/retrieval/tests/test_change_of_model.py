"""A change of the model, where the index is one file or in memory."""

from pathlib import Path

import pytest
from sidemand.bus import BusError
from sidemand.retrieval.adapters.chosen import calibrations_in
from sidemand.retrieval.adapters.sqlite import SqliteIndex
from sidemand.retrieval.contexts import Retrieval
from sidemand.retrieval.handlers import index_document, retrieve_context
from sidemand.retrieval.ports import PassageIndex
from sidemand.schemas.text import EmbeddingModel

from .ledger_fake import InMemoryLedger
from .retrieval_fakes import (
    A_MODEL,
    ANOTHER_MODEL,
    CALIBRATION,
    InMemoryIndex,
    beside,
    case_document,
    in_other_model,
    knowledge,
    newer,
    passage,
)

STOL = knowledge("stol", passage("Hjælpemidler udlånes.", means="kørestol"))
BOTH = beside(case_document("kørestol"))


@pytest.mark.parametrize("model", [A_MODEL, ANOTHER_MODEL])
async def test_a_document_is_searched_for_in_the_model_of_the_knowledge(
    model: EmbeddingModel, tmp_path: Path
) -> None:
    sqlite = SqliteIndex(tmp_path / "index.db")
    await sqlite.open()
    indexes: list[PassageIndex] = [sqlite, InMemoryIndex()]
    for index in indexes:
        retrieval = Retrieval(index, InMemoryLedger(), CALIBRATION)
        await index_document(STOL if model == A_MODEL else in_other_model(STOL), retrieval)
        assert await index.model((A_MODEL, ANOTHER_MODEL)) == model
        context = await retrieve_context(BOTH, retrieval)
        assert context is not None
        assert [each.document for each in context.passages] == [STOL.document]
    await sqlite.close()


async def test_a_document_of_another_model_than_the_knowledge_has_no_hit_by_meaning() -> None:
    retrieval = Retrieval(InMemoryIndex(), InMemoryLedger(), CALIBRATION)
    await index_document(in_other_model(STOL), retrieval)
    context = await retrieve_context(case_document("kørestol"), retrieval)
    assert context is not None
    assert context.passages == ()


async def test_knowledge_that_changes_is_searched_again_in_its_own_model() -> None:
    retrieval = Retrieval(InMemoryIndex(), InMemoryLedger(), CALIBRATION)
    await retrieval.ledger.remember(BOTH)
    recalled = await retrieval.ledger.recall(BOTH.case, BOTH.document_id)
    assert recalled is not None
    for document in (STOL, in_other_model(newer(STOL, *STOL.passages))):
        await index_document(document, retrieval)
        (found,) = (await retrieval.context(recalled)).passages
        assert found.version == document.version


async def test_scores_are_weighed_as_calibrated_for_their_model() -> None:
    strict = CALIBRATION.short.model_copy(update={"threshold": 1.0})
    for_other = CALIBRATION.model_copy(update={"short": strict})
    further = {ANOTHER_MODEL.sha256: for_other}
    for document, offered in ((STOL, 1), (in_other_model(STOL), 0)):
        retrieval = Retrieval(InMemoryIndex(), InMemoryLedger(), CALIBRATION, further)
        await index_document(document, retrieval)
        context = await retrieve_context(BOTH, retrieval)
        assert context is not None
        assert len(context.passages) == offered


def test_calibrations_are_read_from_a_folder(tmp_path: Path) -> None:
    assert calibrations_in(None) == calibrations_in(tmp_path) == {}
    (tmp_path / "prøve.json").write_text(CALIBRATION.model_dump_json(), "utf-8")
    assert calibrations_in(tmp_path) == {A_MODEL.sha256: CALIBRATION}


def test_a_calibration_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "forkert.json").write_text("{}", "utf-8")
    with pytest.raises(BusError, match=r"forkert\.json is no calibration"):
        calibrations_in(tmp_path)
    with pytest.raises(BusError, match="there is no folder"):
        calibrations_in(tmp_path / "ingen")
