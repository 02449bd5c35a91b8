"""What a vendor does with the library, on the embedded Kafka."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest
from sidemand.bus import BusError, BusSettings, Reader
from sidemand.bus.embedded import EmbeddedKafka
from sidemand.client import (
    CaseEvent,
    CaseFacts,
    CaseRef,
    ClientError,
    Content,
    DocumentRef,
    KnowledgePublished,
    Progress,
    Sidemand,
    Skipped,
)
from sidemand.schemas import topics
from sidemand.schemas.casework import SuggestionKind


def postsag(settings: BusSettings, tenant: str = "storaadal") -> Sidemand:
    return Sidemand(settings, tenant=tenant, source="postsag")


def event(
    case: CaseRef,
    purpose: str = "byggesag",
    requests: Iterable[SuggestionKind] = ("answer",),
    title: str = "Cykelskur",
) -> CaseEvent:
    return CaseEvent(
        case=case,
        case_number="S2031-00001",
        title=title,
        facts=CaseFacts(kle="02.00.00", progress="Oplyst", sensitivity=2),
        kind="note_written",
        occurred_at=datetime(2031, 4, 21, tzinfo=UTC),
        purpose=purpose,
        content=Content(text="Må der stå et skur?"),
        requests=tuple(requests),
    )


def document(name: str, version: int = 1, **changed: object) -> KnowledgePublished:
    values: dict[str, object] = {
        "document": DocumentRef(tenant="faelles", document_id=name),
        "version": version,
        "title": name,
        "valid_from": date(2031, 1, 1),
        "content": Content(text="Tekst"),
    }
    return KnowledgePublished.model_validate(values | changed)


@pytest.mark.usefixtures("colleague")
async def test_asking_gives_a_suggestion_for_each_kind_in_the_order_asked(
    settings: BusSettings,
) -> None:
    async with postsag(settings) as sidemand:
        case = sidemand.case("S2031-00001")
        answer = await sidemand.ask(event(case, requests=("next_steps", "answer")))
    assert [each.suggestion.kind for each in answer.suggestions] == ["next_steps", "answer"]
    assert all(each.case == case for each in answer.suggestions)
    assert answer.refusal is None
    assert answer.unanswered == ()


@pytest.mark.usefixtures("colleague")
async def test_two_questions_on_one_case_each_get_their_own_answer(settings: BusSettings) -> None:
    async with postsag(settings) as sidemand:
        case = sidemand.case("S2031-00001")
        skur, hegn = await asyncio.gather(
            sidemand.ask(event(case, title="skur")), sidemand.ask(event(case, title="hegn"))
        )
    for answer, title in ((skur, "skur"), (hegn, "hegn")):
        abstention = answer.suggestions[0].suggestion.abstention
        assert abstention is not None
        assert abstention.reason == f"Kilderne svarer ikke på {title}."


@pytest.mark.usefixtures("colleague")
async def test_a_refused_question_is_answered_by_the_refusal(settings: BusSettings) -> None:
    async with postsag(settings) as sidemand:
        asked = event(sidemand.case("S2031-00001"), purpose="ukendt")
        answer = await sidemand.ask(asked, event_id="evt-1")
    assert answer.refusal is not None
    assert answer.refusal.event_id == answer.envelope.id == "evt-1"
    assert answer.suggestions == ()
    assert answer.unanswered == ()


@pytest.mark.usefixtures("colleague")
async def test_what_nothing_came_on_in_time_is_said(settings: BusSettings) -> None:
    async with postsag(settings) as sidemand:
        asked = event(sidemand.case("S2031-00001"), requests=("answer", "summary"))
        answer = await sidemand.ask(asked, patience=3)
    assert [each.suggestion.kind for each in answer.suggestions] == ["answer"]
    assert answer.unanswered == ("summary",)


@pytest.mark.usefixtures("colleague")
async def test_who_follows_before_publishing_misses_nothing_and_sees_only_the_case(
    settings: BusSettings,
) -> None:
    async with postsag(settings) as sidemand:
        one, other = sidemand.case("S2031-00001"), sidemand.case("S2031-00002")
        async with sidemand.suggestions(case=other) as suggestions:
            await sidemand.publish(event(one))
            await sidemand.publish(event(other))
            changed = await asyncio.wait_for(anext(aiter(suggestions)), 10)
    assert changed.case == other


@pytest.mark.usefixtures("colleague")
async def test_feedback_names_the_revision_that_was_read(settings: BusSettings) -> None:
    feedback = Reader(settings, topics.FEEDBACK_GIVEN, "storaadal")
    async with postsag(settings) as sidemand, feedback:
        answer = await sidemand.ask(event(sidemand.case("S2031-00001")))
        await sidemand.give_feedback(answer.suggestions[0], "edited", "Kortere, tak.")
        given = await asyncio.wait_for(anext(aiter(feedback)), 10)
    assert given.data.suggestion_id == answer.suggestions[0].suggestion.suggestion_id
    assert (given.data.revision, given.data.verdict) == (1, "edited")


@pytest.mark.usefixtures("colleague")
async def test_a_case_is_erased_when_every_service_with_state_confirms(
    settings: BusSettings,
) -> None:
    async with postsag(settings) as sidemand:
        confirmed = await sidemand.erase_case(sidemand.case("S2031-00001"))
    assert {each.service for each in confirmed} == set(topics.STATEFUL)


@pytest.mark.usefixtures("colleague")
async def test_an_erasure_that_is_not_confirmed_names_who_is_missing(settings: BusSettings) -> None:
    async with postsag(settings) as sidemand:
        case = sidemand.case("S2031-00001")
        with pytest.raises(ClientError, match="retrieval did not confirm the erasure within 3 sec"):
            await sidemand.erase_case(case, "halvt", patience=3)


async def test_an_unknown_tenant_is_told_which_there_are(settings: BusSettings) -> None:
    with pytest.raises(ClientError, match="has no tenant storadal; it has faelles, storaadal"):
        async with postsag(settings, "storadal"):
            pass


async def test_shared_knowledge_has_no_cases(settings: BusSettings) -> None:
    async with postsag(settings, "faelles") as sidemand:
        with pytest.raises(ClientError, match=r"faelles has no topic .*: it has no cases"):
            await sidemand.publish(event(sidemand.case("S2031-00001")))


async def test_an_event_of_another_tenant_is_not_published(settings: BusSettings) -> None:
    case = CaseRef.of_number("vesterhede", "postsag", "S2031-00001")
    async with postsag(settings) as sidemand:
        with pytest.raises(ClientError, match="belongs to vesterhede, and this connection to stor"):
            await sidemand.publish(event(case))


@pytest.mark.parametrize("tenant", ["Storådal", "", "a", "740344-1237"])
def test_a_tenant_that_is_no_slug_is_refused_and_not_repeated(
    settings: BusSettings, tenant: str
) -> None:
    with pytest.raises(ClientError, match="The tenant is not written as") as raised:
        postsag(settings, tenant)
    assert "740344" not in str(raised.value)


async def test_no_kafka_at_the_address_is_one_sentence(settings: BusSettings) -> None:
    nowhere = settings.model_copy(update={"kafka": "127.0.0.1:1", "start_seconds": 1.0})
    with pytest.raises(BusError, match=r"No Kafka answers at 127\.0\.0\.1:1\. Start it there"):
        async with postsag(nowhere):
            pass


@pytest.mark.usefixtures("index")
async def test_a_load_ends_when_every_document_has_its_receipt(settings: BusSettings) -> None:
    seen: list[Progress] = []
    documents: list[KnowledgePublished | Skipped] = [
        *(document(f"d{number}") for number in range(500)),
        document("lokal", document=DocumentRef(tenant="storaadal", document_id="lokal")),
        document("afvist", title="Afvis"),
        Skipped("love.jsonl, line 7", "the line is no JSON"),
    ]
    async with postsag(settings) as sidemand:
        report = await sidemand.load(documents, progress=seen.append)
        again = await sidemand.load(documents[:2])
    assert (report.indexed, report.unchanged, report.passages) == (501, 0, 1002)
    assert [each.document.document_id for each in report.refused] == ["afvist"]
    assert report.refused[0].reason == "Filen kan ikke læses."
    assert report.skipped == [Skipped("love.jsonl, line 7", "the line is no JSON")]
    assert report.seconds > 0
    assert (seen[-1].settled, seen[-1].total) == (503, 503)
    assert (again.indexed, again.unchanged) == (0, 2)


@pytest.mark.usefixtures("index")
async def test_a_load_of_nothing_ends_at_once(settings: BusSettings) -> None:
    async with postsag(settings) as sidemand:
        report = await sidemand.load([])
    assert report.settled == 0


@pytest.mark.usefixtures("index")
async def test_a_newer_version_is_loaded_over_an_older_one(settings: BusSettings) -> None:
    async with postsag(settings) as sidemand:
        await sidemand.load([document("frist", 1)])
        assert (await sidemand.load([document("frist", 2)])).indexed == 1
        assert (await sidemand.load([document("frist", 1)])).unchanged == 1


@pytest.mark.usefixtures("index")
async def test_a_document_that_cannot_be_published_does_not_stop_the_others(
    settings: BusSettings, embedded_kafka: EmbeddedKafka
) -> None:
    foreign = DocumentRef(tenant="vesterhede", document_id="lokal")
    async with postsag(settings) as sidemand:
        report = await sidemand.load(
            [document("frist"), document("frist"), document("lokal", document=foreign)]
        )
    assert report.indexed == 1
    assert [each.where for each in report.skipped] == ["frist", "lokal"]
    assert "came before in the same load" in report.skipped[0].reason
    assert "has no tenant vesterhede" in report.skipped[1].reason


@pytest.mark.usefixtures("index")
async def test_a_load_whose_receipts_stop_says_how_far_it_came(settings: BusSettings) -> None:
    async with postsag(settings) as sidemand:
        with pytest.raises(ClientError, match=r"No receipt .*: 1 documents are settled, 1 were"):
            await sidemand.load([document("frist"), document("x", title="Forsvind")], patience=2)


@pytest.mark.usefixtures("index")
async def test_a_deleted_document_is_gone_when_the_call_returns(settings: BusSettings) -> None:
    async with postsag(settings, "faelles") as sidemand:
        await sidemand.load([document("frist", 5)])
        receipt = await sidemand.delete_document("frist")
        again = await sidemand.load([document("frist", 5)])
    assert (receipt.document.document_id, receipt.outcome) == ("frist", "removed")
    assert again.indexed == 1


async def test_a_deletion_without_a_receipt_says_so(settings: BusSettings) -> None:
    async with postsag(settings, "faelles") as sidemand:
        with pytest.raises(ClientError, match=r"no receipt came within 0\.5 seconds"):
            await sidemand.delete_document("frist", patience=0.5)


async def test_a_document_id_that_is_none_is_refused(settings: BusSettings) -> None:
    async with postsag(settings) as sidemand:
        with pytest.raises(ClientError, match="The document id is not written as ids are"):
            await sidemand.delete_document("Frist for svar")
