"""One suite for every index: passages of cases, citations that still stand, newest changes."""

from datetime import UTC, date, datetime, timedelta

from sidemand.retrieval.ports import PassageIndex, PassageRef
from sidemand.retrieval.queries import query_of, reach_of
from sidemand.schemas.casework import CASE_DOCUMENT
from sidemand.schemas.knowledge import KnowledgeEmbedded

from .retrieval_fakes import (
    PUBLISHED,
    a_case,
    case_document,
    knowledge,
    newer,
    overriding,
    passage,
)


def cited(document: KnowledgeEmbedded) -> frozenset[PassageRef]:
    return frozenset(
        PassageRef(document.document, document.version, each.passage.passage_id)
        for each in document.passages
    )


async def test_the_passages_of_a_case_are_found_by_that_case_alone(index: PassageIndex) -> None:
    case, other = a_case(), a_case()
    letter = case_document("Borgeren søger en kørestol.", case)
    question = case_document("Hvad søger borgeren?", case)
    await index.add_case(letter)
    await index.add_case(question)
    (hit,) = await index.search(query_of(question))
    assert (hit.passage.text, hit.kind) == ("Borgeren søger en kørestol.", CASE_DOCUMENT)
    assert hit.document.document_id == str(letter.document_id)
    assert await index.search(query_of(case_document("søger borgeren", other))) == []


async def test_a_case_document_taken_in_twice_is_there_once(index: PassageIndex) -> None:
    case = a_case()
    letter = case_document("Borgeren søger en kørestol.", case)
    await index.add_case(letter)
    await index.add_case(letter)
    assert len(await index.search(query_of(case_document("kørestol", case)))) == 1


async def test_an_erased_case_leaves_no_passages(index: PassageIndex) -> None:
    case, other = a_case(), a_case()
    await index.add_case(case_document("Borgeren søger en kørestol.", case))
    await index.add_case(case_document("Naboen klager.", other))
    assert await index.erase_case(case) == 1
    assert await index.erase_case(case) == 0
    assert await index.search(query_of(case_document("kørestol", case))) == []
    assert len(await index.search(query_of(case_document("klager", other)))) == 1


async def test_a_citation_stands_while_its_words_do(index: PassageIndex) -> None:
    first = knowledge("frister", "Fristen er ti dage.", "Ring først.")
    reach = reach_of(case_document("frist"))
    await index.apply(first)
    assert await index.gone(reach, cited(first)) == frozenset()
    second = newer(first, "Ring først.", "Fristen er femten dage.")
    await index.apply(second)
    gone = await index.gone(reach, cited(first))
    assert [ref.passage_id for ref in gone] == [first.passages[0].passage.passage_id]
    assert await index.gone(reach, cited(second)) == frozenset()


async def test_a_citation_is_gone_when_its_passage_says_something_else(
    index: PassageIndex,
) -> None:
    first = knowledge("frister", "Fristen er ti dage.")
    reworded = passage("Fristen er femten dage.")
    same_id = reworded.model_copy(
        update={
            "passage": reworded.passage.model_copy(
                update={"passage_id": first.passages[0].passage.passage_id}
            )
        }
    )
    await index.apply(first)
    await index.apply(newer(first, same_id))
    assert await index.gone(reach_of(case_document("frist")), cited(first)) == cited(first)


async def test_a_citation_is_gone_with_its_document(index: PassageIndex) -> None:
    document = knowledge("frister", "Fristen er ti dage.")
    await index.apply(document)
    await index.remove(document.document, PUBLISHED + timedelta(hours=1))
    assert await index.gone(reach_of(case_document("frist")), cited(document)) == cited(document)


async def test_a_citation_is_gone_when_its_document_no_longer_applies_to_the_case(
    index: PassageIndex,
) -> None:
    first = knowledge("frister", "Fristen er ti dage.")
    await index.apply(first)
    ended = newer(first, *first.passages).model_copy(update={"valid_to": date(2026, 3, 15)})
    await index.apply(ended)
    assert await index.gone(reach_of(case_document("frist")), cited(first)) == cited(first)


async def test_a_citation_is_gone_for_the_municipality_that_overrides_its_section(
    index: PassageIndex,
) -> None:
    shared = knowledge("partshoering", passage("Fristen er ti dage.", headings=["Svarfrist"]))
    local = knowledge("svarfrist", "Fristen er tyve dage.", tenant="vesterhede")
    await index.apply(shared)
    await index.apply(overriding(local, "partshoering#svarfrist"))
    theirs = reach_of(case_document("frist", a_case("vesterhede")))
    ours = reach_of(case_document("frist", a_case("storaadal")))
    assert await index.gone(theirs, cited(shared)) == cited(shared)
    assert await index.gone(ours, cited(shared)) == frozenset()


async def test_a_citation_of_the_case_itself_stands_until_the_case_is_erased(
    index: PassageIndex,
) -> None:
    case = a_case()
    letter = case_document("Borgeren søger en kørestol.", case)
    reach = reach_of(case_document("stol", case))
    await index.add_case(letter)
    (hit,) = await index.search(query_of(case_document("kørestol", case)))
    citation = frozenset({PassageRef(hit.document, hit.version, hit.passage.passage_id)})
    assert await index.gone(reach, citation) == frozenset()
    await index.erase_case(case)
    assert await index.gone(reach, citation) == citation


async def test_the_index_says_how_new_the_knowledge_of_a_case_is(index: PassageIndex) -> None:
    reach = reach_of(case_document("frist", a_case("storaadal")))
    assert await index.as_of(reach) == datetime.fromtimestamp(0, UTC)
    document = knowledge("frister", "Fristen er ti dage.")
    await index.apply(document)
    await index.apply(newer(knowledge("fremmed", "-", tenant="vesterhede"), "Andet."))
    assert await index.as_of(reach) == PUBLISHED
    await index.remove(document.document, PUBLISHED + timedelta(hours=1))
    assert await index.as_of(reach) == PUBLISHED + timedelta(hours=1)
