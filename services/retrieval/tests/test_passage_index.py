"""One suite for every index, the fake, SQLite and Weaviate: what is found, in which version."""

import asyncio
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from sidemand.retrieval.ports import Hit, PassageIndex, Query
from sidemand.schemas.knowledge import KnowledgeEmbedded

from .retrieval_fakes import (
    A_MODEL,
    ANOTHER_MODEL,
    PUBLISHED,
    asking,
    knowledge,
    newer,
    overriding,
    passage,
)


async def texts_found(index: PassageIndex, query: Query) -> set[str]:
    return {hit.passage.text for hit in await index.search(query)}


def without_vectors(document: KnowledgeEmbedded) -> KnowledgeEmbedded:
    """`document` as another model embedded it: only its words can find it."""
    return document.model_copy(update={"model": ANOTHER_MODEL})


async def test_an_empty_index_finds_nothing(index: PassageIndex) -> None:
    assert await index.search(asking("Hvor lang er fristen?")) == []


async def test_a_document_is_found_by_its_words_as_soon_as_it_is_applied(
    index: PassageIndex,
) -> None:
    document = knowledge("frister", "Fristen er ti hverdage.", "Der betales ikke leje.")
    applied = await index.apply(without_vectors(document))
    assert (applied.outcome, applied.passages) == ("indexed", 2)
    assert await texts_found(index, asking("hvilke frister")) == {"Fristen er ti hverdage."}


async def test_a_document_is_found_by_its_meaning(index: PassageIndex) -> None:
    await index.apply(knowledge("stol", passage("Hjælpemidler udlånes.", means="kørestol")))
    assert await texts_found(index, asking("kørestol")) == {"Hjælpemidler udlånes."}


async def test_a_hit_holds_the_passage_as_it_was_published(index: PassageIndex) -> None:
    document = knowledge(
        "frister", passage("Svar inden § 113 b siger stop.", headings=["Frister", "Svar"])
    ).model_copy(
        update={"source": "https://eksempel.dk/a", "kind": "faq", "asked_as": ("Hvornår svares?",)}
    )
    await index.apply(document)
    (hit,) = await index.search(asking("svar efter § 113 b"))
    assert hit.passage == document.passages[0].passage
    assert (hit.document, hit.version, hit.title) == (document.document, 1, "Vejledning")
    assert (hit.source, hit.kind, hit.asked_as) == (
        "https://eksempel.dk/a",
        "faq",
        ("Hvornår svares?",),
    )


async def test_a_section_number_is_one_word(index: PassageIndex) -> None:
    await index.apply(without_vectors(knowledge("a", "Efter § 113 b kan der ydes lån.")))
    await index.apply(without_vectors(knowledge("b", "Der er 113 stole i b.")))
    hits = await index.search(asking("§ 113 b"))
    assert {hit.document.document_id for hit in hits} == {"a"}


async def test_a_question_that_an_editor_attached_finds_the_document(
    index: PassageIndex,
) -> None:
    document = without_vectors(knowledge("frister", "Der svares inden ti dage."))
    await index.apply(document.model_copy(update={"asked_as": ("Hvad gør jeg på Madeira?",)}))
    assert await texts_found(index, asking("madeira")) == {"Der svares inden ti dage."}


async def test_the_nearest_passage_is_among_many(index: PassageIndex) -> None:
    await index.apply(
        knowledge("mange", *(f"Fristen for sag {number} er lang." for number in range(150)))
    )
    await index.apply(knowledge("en", "Fristen for garagen er kort."))
    assert "Fristen for garagen er kort." in await texts_found(
        index, asking("frist garage kort sag")
    )


async def test_a_municipality_sees_its_own_knowledge_and_what_all_share(
    index: PassageIndex,
) -> None:
    await index.apply(knowledge("faelles", "Fælles frist."))
    await index.apply(knowledge("lokal", "Storådals frist.", tenant="storaadal"))
    await index.apply(knowledge("fremmed", "Vesterhedes frist.", tenant="vesterhede"))
    assert await texts_found(index, asking("frist", "storaadal")) == {
        "Fælles frist.",
        "Storådals frist.",
    }


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "is_found"),
    [
        (date(2026, 4, 1), None, True),
        (date(2026, 4, 2), None, False),
        (date(2025, 1, 1), date(2026, 4, 1), True),
        (date(2025, 1, 1), date(2026, 3, 31), False),
    ],
)
async def test_only_what_was_valid_on_the_day_applies(
    index: PassageIndex, valid_from: date, valid_to: date | None, is_found: bool
) -> None:
    document = knowledge("frister", "Fristen er ti dage.")
    await index.apply(document.model_copy(update={"valid_from": valid_from, "valid_to": valid_to}))
    assert bool(await index.search(asking("frist"))) is is_found


async def test_knowledge_above_the_sensitivity_of_the_case_stays_hidden(
    index: PassageIndex,
) -> None:
    document = knowledge("frister", "Fristen er ti dage.")
    await index.apply(document.model_copy(update={"sensitivity": 2}))
    await index.apply(
        knowledge("hemmelig", "Fristen er hemmelig.").model_copy(update={"sensitivity": 3})
    )
    assert await texts_found(index, asking("frist")) == {"Fristen er ti dage."}


async def test_a_new_version_replaces_the_old_one(index: PassageIndex) -> None:
    first = knowledge("frister", "Fristen er ti dage.", "Ring først.")
    await index.apply(first)
    await index.apply(newer(first, "Fristen er femten dage.", "Ring først."))
    hits = await index.search(asking("fristen dage ring først"))
    assert sorted((hit.passage.text, hit.version) for hit in hits) == [
        ("Fristen er femten dage.", 2),
        ("Ring først.", 2),
    ]


async def test_a_document_is_found_while_its_versions_replace_each_other(
    index: PassageIndex,
) -> None:
    document = knowledge("frister", "Fristen er ti hverdage.")
    await index.apply(document)

    async def replace() -> None:
        version = document
        for number in range(20):
            version = newer(version, f"Fristen er {number} hverdage.")
            await index.apply(version)

    replacing = asyncio.create_task(replace())
    while not replacing.done():
        assert await texts_found(index, asking("Hvad er fristen?"))
        await asyncio.sleep(0)
    await replacing


async def test_an_older_version_is_superseded_and_changes_nothing(index: PassageIndex) -> None:
    first = knowledge("frister", "Fristen er ti dage.")
    await index.apply(newer(first, "Fristen er femten dage."))
    applied = await index.apply(first)
    assert (applied.outcome, applied.passages) == ("superseded", 1)
    assert await texts_found(index, asking("frist")) == {"Fristen er femten dage."}


async def test_an_equal_version_with_other_words_is_superseded(index: PassageIndex) -> None:
    first = knowledge("frister", "Fristen er ti dage.")
    await index.apply(first)
    other = newer(first, "Fristen er femten dage.").model_copy(update={"version": 1})
    assert (await index.apply(other)).outcome == "superseded"
    assert await texts_found(index, asking("frist")) == {"Fristen er ti dage."}


async def test_a_redelivered_version_is_indexed_as_before(index: PassageIndex) -> None:
    first = knowledge("frister", "Fristen er ti dage.")
    once, twice = await index.apply(first), await index.apply(first)
    assert once == twice
    assert len(await index.search(asking("frist"))) == 1


async def test_the_same_document_id_of_two_owners_is_two_documents(index: PassageIndex) -> None:
    await index.apply(newer(knowledge("frister", "-"), "Fælles frist."))
    applied = await index.apply(knowledge("frister", "Storådals frist.", tenant="storaadal"))
    assert applied.outcome == "indexed"
    assert len(await index.search(asking("frist"))) == 2


async def test_a_deleted_document_is_not_found(index: PassageIndex) -> None:
    document = knowledge("frister", "Fristen er ti dage.")
    await index.apply(document)
    applied = await index.remove(document.document, PUBLISHED + timedelta(hours=1))
    assert applied.outcome == "removed"
    assert await index.search(asking("frist")) == []


async def test_a_version_from_before_its_deletion_stays_deleted(index: PassageIndex) -> None:
    document = knowledge("frister", "Fristen er ti dage.")
    await index.apply(document)
    await index.remove(document.document, PUBLISHED + timedelta(hours=1))
    assert (await index.apply(document)).outcome == "superseded"
    assert await index.search(asking("frist")) == []


async def test_a_deleted_document_can_be_published_again_under_its_old_version(
    index: PassageIndex,
) -> None:
    document = knowledge("frister", "Fristen er ti dage.")
    again = document.model_copy(update={"published_at": PUBLISHED + timedelta(hours=2)})
    deleted_at = PUBLISHED + timedelta(hours=1)
    await index.apply(document)
    await index.remove(document.document, deleted_at)
    assert (await index.apply(again)).outcome == "indexed"
    await index.remove(document.document, deleted_at)  # delivered again
    assert len(await index.search(asking("frist"))) == 1


async def test_all_of_a_document_delivered_again_leaves_what_stood(index: PassageIndex) -> None:
    """Among it a higher version from before the deletion."""
    fifth = knowledge("frister", "Fristen er fem dage.").model_copy(update={"version": 5})
    first_again = knowledge("frister", "Fristen er ti dage.").model_copy(
        update={"published_at": PUBLISHED + timedelta(hours=2)}
    )
    for _ in range(2):
        await index.apply(fifth)
        await index.remove(fifth.document, PUBLISHED + timedelta(hours=1))
        assert (await index.apply(first_again)).outcome == "indexed"
        (found,) = await index.search(asking("frist"))
        assert found.version == 1


async def test_deleting_what_was_never_there_is_no_error(index: PassageIndex) -> None:
    unknown = knowledge("ukendt", "-").document
    assert (await index.remove(unknown, PUBLISHED)).outcome == "removed"


async def test_a_deletion_from_before_a_document_came_does_not_delete_it_when_all_comes_again(
    index: PassageIndex,
) -> None:
    document = knowledge("frister", "Fristen er ti dage.")
    for _ in range(2):
        await index.remove(document.document, PUBLISHED - timedelta(hours=1))
        assert (await index.apply(document)).outcome == "indexed"
        assert len(await index.search(asking("frist"))) == 1


async def test_a_local_rule_hides_the_section_that_it_overrides(index: PassageIndex) -> None:
    await index.apply(
        knowledge(
            "partshoering",
            passage("Fristen er ti dage.", headings=["Partshøring", "Svarfrist"]),
            passage("Fristen regnes fra modtagelsen.", headings=["Partshøring"]),
        )
    )
    local = knowledge("svarfrist", "Fristen er tyve dage hos os.", tenant="vesterhede")
    await index.apply(overriding(local, "partshoering#  SVARFRIST "))
    assert await texts_found(index, asking("frist", "vesterhede")) == {
        "Fristen er tyve dage hos os.",
        "Fristen regnes fra modtagelsen.",
    }
    assert await texts_found(index, asking("frist", "storaadal")) == {
        "Fristen er ti dage.",
        "Fristen regnes fra modtagelsen.",
    }


async def test_a_local_rule_hides_nothing_before_it_is_valid(index: PassageIndex) -> None:
    shared = knowledge("partshoering", passage("Fristen er ti dage.", headings=["Svarfrist"]))
    await index.apply(shared)
    local = knowledge("svarfrist", "Fristen er tyve dage.", tenant="vesterhede")
    later = local.model_copy(update={"valid_from": date(2026, 4, 2)})
    await index.apply(overriding(later, "partshoering#Svarfrist"))
    assert await texts_found(index, asking("frist", "vesterhede")) == {"Fristen er ti dage."}


async def test_a_section_is_seen_again_when_the_local_rule_is_deleted(
    index: PassageIndex,
) -> None:
    shared = knowledge("partshoering", passage("Fristen er ti dage.", headings=["Svarfrist"]))
    local = knowledge("svarfrist", "Fristen er tyve dage.", tenant="vesterhede")
    await index.apply(shared)
    await index.apply(overriding(local, "partshoering#Svarfrist"))
    await index.remove(local.document, PUBLISHED + timedelta(hours=1))
    assert await texts_found(index, asking("frist", "vesterhede")) == {"Fristen er ti dage."}


async def test_passages_of_another_model_are_found_by_their_words_alone(
    index: PassageIndex,
) -> None:
    document = knowledge("stol", passage("Hjælpemidler udlånes.", means="kørestol"))
    await index.apply(without_vectors(document))
    assert await index.search(asking("kørestol")) == []
    (hit,) = await index.search(asking("hjælpemidler"))
    assert hit.vector is None


async def test_an_equal_version_of_another_model_is_applied(index: PassageIndex) -> None:
    document = knowledge("stol", passage("Hjælpemidler udlånes.", means="kørestol"))
    await index.apply(without_vectors(document))
    assert (await index.apply(document)).outcome == "indexed"
    (hit,) = await index.search(asking("kørestol"))
    assert hit.vector is not None
    assert len(hit.vector) == A_MODEL.dimension


async def test_documents_can_be_applied_at_the_same_time(index: PassageIndex) -> None:
    documents = [knowledge(f"frister-{number}", f"Frist {number}.") for number in range(20)]
    await asyncio.gather(*(index.apply(each) for each in documents))
    assert len(documents_of(await index.search(asking("frist")))) == 20


def documents_of(hits: Iterable[Hit]) -> set[str]:
    return {hit.document.document_id for hit in hits}
