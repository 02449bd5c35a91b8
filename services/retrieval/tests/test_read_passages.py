"""Passages that stay in memory once they were read from the SQLite index."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from sidemand.retrieval.adapters.read_passages import ReadPassages
from sidemand.retrieval.adapters.sqlite import SqliteIndex
from sidemand.retrieval.adapters.sqlite_passages import read_passages
from sidemand.retrieval.queries import query_of

from .retrieval_fakes import A_MODEL, ANOTHER_MODEL, case_document, knowledge, newer

TEXTS = ("Fristen er ti dage.", "Ring til borgeren.", "Giv kvittering.")


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    path = tmp_path / "index.db"
    index = SqliteIndex(path)
    await index.open()
    await index.apply(knowledge("frister", *TEXTS))
    await index.close()
    return path


@pytest.fixture
def db(file: Path) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(file))
    yield connection
    connection.close()


def _texts(memory: ReadPassages[int], db: apsw.Connection, numbers: set[int]) -> set[str]:
    return {each.hit.passage.text for each in read_passages(db, numbers, memory)}


def test_a_passage_that_was_read_is_not_read_again(db: apsw.Connection) -> None:
    memory = ReadPassages[int]()
    assert _texts(memory, db, {1, 2}) == set(TEXTS[:2])
    db.execute("DELETE FROM passages")
    assert _texts(memory, db, {1, 2}) == set(TEXTS[:2])


def test_no_more_passages_are_kept_than_are_allowed(db: apsw.Connection) -> None:
    memory = ReadPassages[int](most=2)
    for number in (1, 2, 1, 3):  # 2 was asked for longest ago
        _texts(memory, db, {number})
    db.execute("DELETE FROM passages")
    assert _texts(memory, db, {1, 2, 3}) == {TEXTS[0], TEXTS[2]}


def test_a_kept_vector_is_compared_with_those_of_its_own_model_alone(db: apsw.Connection) -> None:
    (read,) = read_passages(db, {1}, ReadPassages())
    for model, is_comparable in ((A_MODEL, True), (ANOTHER_MODEL, False), (A_MODEL, True)):
        assert (read.compared_by(model.sha256).vector is not None) == is_comparable


async def test_a_new_version_is_found_where_the_old_one_was_read(file: Path) -> None:
    index = SqliteIndex(file)
    await index.open()
    query = query_of(case_document("Hvor lang er fristen?"))
    assert {hit.version for hit in await index.search(query)} == {1}
    await index.apply(newer(knowledge("frister", *TEXTS), "Fristen er tolv dage."))
    (hit,) = await index.search(query)
    assert (hit.version, hit.passage.text) == (2, "Fristen er tolv dage.")
    await index.close()
