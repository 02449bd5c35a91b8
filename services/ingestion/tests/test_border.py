"""What comes in at the border, and what is answered."""

import asyncio
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
from sidemand.ingestion import handlers, refusals
from sidemand.ingestion.handlers import Border
from sidemand.ingestion.readers import LARGEST_FILE, Fault
from sidemand.schemas.casework import CaseErased, CaseEventRefused
from sidemand.schemas.envelope import Event
from sidemand.schemas.identity import CaseRef, DocumentRef
from sidemand.schemas.knowledge import KnowledgeIndexed, KnowledgeIngested, KnowledgePublished
from sidemand.schemas.raw import CaseDocument, CaseEvent, Party
from sidemand.schemas.text import Content, ContentRef

MARK = "740344-1237"  # an invented CPR number with an impossible day
EXAMPLES = Path(__file__).parents[3] / "schemas/examples/casework.event.refused.v1"
CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=7))

MakeCaseEvent = Callable[..., Event[CaseEvent]]
MakeKnowledge = Callable[..., Event[KnowledgePublished]]


async def accept(event: Event[CaseEvent], border: Border) -> CaseDocument:
    document = await handlers.accept_case_event(event, border)
    assert isinstance(document, CaseDocument)
    return document


async def refuse(event: Event[CaseEvent], border: Border) -> CaseEventRefused:
    refused = await handlers.accept_case_event(event, border)
    assert isinstance(refused, CaseEventRefused)
    return refused


def stored_at(path: str, body: bytes, stored: dict[str, bytes]) -> ContentRef:
    stored[path] = body
    return ContentRef(uri=path, sha256=hashlib.sha256(body).hexdigest(), size=len(body))


async def test_an_event_comes_in_as_a_document(border: Border, case_event: MakeCaseEvent) -> None:
    party = Party(role="primary", name="Inger Prøve", cpr=MARK)
    event = case_event(parties=(party,))

    document = await accept(event, border)

    assert document.text == "Kære kommune\n\nKan vi få mere tid?"
    assert [each.start for each in document.sections] == [0]
    assert document.document_id == uuid.UUID(event.envelope.id)
    assert document.published_at == event.envelope.time
    assert document.legal_basis.title == "Partshøring"
    assert document.parties == (party,)
    assert document.case == CASE
    assert document.requests == ("answer",)


async def test_a_document_has_an_id_though_its_event_has_no_uuid(
    border: Border, case_event: MakeCaseEvent
) -> None:
    one = await accept(case_event(id="hændelse 1"), border)
    again = await accept(case_event(id="hændelse 1"), border)
    other = await accept(case_event(id="hændelse 1", source="byggesag"), border)

    assert one.document_id == again.document_id != other.document_id


async def test_a_redelivered_event_is_acknowledged_and_goes_no_further(
    border: Border, case_event: MakeCaseEvent
) -> None:
    await accept(case_event(position="published/3/10"), border)

    assert await handlers.accept_case_event(case_event(position="published/3/11"), border) is None


async def test_a_record_that_kafka_delivers_again_gives_the_same_document(
    border: Border, case_event: MakeCaseEvent
) -> None:
    assert await accept(case_event(), border) == await accept(case_event(), border)


async def test_the_same_id_with_other_content_is_refused_as_a_conflict(
    border: Border, case_event: MakeCaseEvent
) -> None:
    await accept(case_event(), border)
    changed = case_event(content=Content(text="Noget andet"), position="published/3/11")

    refused = await refuse(changed, border)

    assert refused.code == "conflict"
    assert refused.event_id == changed.envelope.id
    assert "ny hændelse" in refused.remedy


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"case": CaseRef(tenant="ukendt", case_id=uuid.UUID(int=1))}, "unknown_tenant"),
        ({"kle": "27.3"}, "unknown_kle"),
        ({"kle": MARK}, "unknown_kle"),
        ({"purpose": "kreditvurdering"}, "no_legal_basis"),
        ({"purpose": "plan"}, "no_legal_basis"),
        ({"purpose": MARK}, "no_legal_basis"),
        ({"case": CaseRef(tenant="faelles", case_id=uuid.UUID(int=1))}, "no_legal_basis"),
        ({"content": Content(text=" \n")}, "unreadable_content"),
        ({"content": Content(media_type="application/pdf", data=b"x")}, "unreadable_content"),
    ],
)
async def test_what_may_not_come_in_is_answered_without_repeating_it(
    border: Border, case_event: MakeCaseEvent, changed: dict[str, Any], code: str
) -> None:
    refused = await refuse(case_event(**changed), border)

    assert refused.code == code
    assert refused.explanation
    assert refused.remedy
    assert MARK not in refused.model_dump_json()


async def test_a_refused_event_may_come_again_corrected_under_its_id(
    border: Border, case_event: MakeCaseEvent
) -> None:
    await refuse(case_event(kle="27.3"), border)

    await accept(case_event(position="published/3/11"), border)


async def test_a_file_is_read_from_the_cases_own_place(
    border: Border, case_event: MakeCaseEvent, stored: dict[str, bytes]
) -> None:
    ref = stored_at(f"content/storaadal/{CASE.case_id}/brev", b"Brev", stored)

    document = await accept(case_event(content=Content(ref=ref)), border)

    assert document.text == "Brev"


@pytest.mark.parametrize(
    "path",
    [
        f"content/vesterhede/{CASE.case_id}/brev",
        f"content/storaadal/{uuid.UUID(int=8)}/brev",
        f"content/storaadal/{CASE.case_id}x/brev",
        f"claims/casework.document.ingested.v1/storaadal/{CASE.case_id}/1",
    ],
)
async def test_a_file_of_anybody_else_is_never_read(
    border: Border, case_event: MakeCaseEvent, stored: dict[str, bytes], path: str
) -> None:
    ref = stored_at(path, b"hemmeligt", stored)

    refused = await refuse(case_event(content=Content(ref=ref)), border)

    assert refused.code == "unreadable_content"
    assert "egen plads" in refused.explanation


async def test_a_missing_and_a_huge_file_are_refused(
    border: Border, case_event: MakeCaseEvent
) -> None:
    path = f"content/storaadal/{CASE.case_id}/brev"
    for size, says in ((3, "ligger ikke i fillageret"), (LARGEST_FILE + 1, "mere end 8 MB")):
        ref = ContentRef(uri=path, sha256="0" * 64, size=size)

        refused = await refuse(case_event(content=Content(ref=ref)), border)

        assert says in refused.explanation


async def test_a_long_text_leaves_the_event_loop_free(
    border: Border, case_event: MakeCaseEvent
) -> None:
    long = Content(media_type="text/markdown", text="- et *punkt* på listen\n" * 4_000)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count())
    await accept(case_event(content=long), border)
    counting.cancel()

    assert turns > 50  # read on the loop itself it is two or three


async def test_an_erased_case_lets_nothing_in_any_more(
    border: Border, case_event: MakeCaseEvent, stored: dict[str, bytes]
) -> None:
    stored_at(f"content/storaadal/{CASE.case_id}/brev", b"Brev", stored)
    event = case_event()
    await accept(event, border)
    erased = Event(event.envelope, CaseErased(case=CASE, erased_at=event.envelope.time))

    confirmed = await handlers.forget_case(erased, border.ledger, border.files)

    assert confirmed.service == "ingestion"
    assert confirmed.erased == 2
    assert stored == {}
    assert (await refuse(case_event(id="ny"), border)).code == "erased_case"


@dataclass(frozen=True)
class Rejected:
    tenant: str | None = "storaadal"
    key: str | None = CASE.key
    event_id: str | None = "evt-1"
    code: str = "invalid_payload"
    detail: str = "facts.kle: Field required"


def test_a_record_that_is_no_event_is_answered_where_its_case_is_known() -> None:
    refused = handlers.refuse_case_record(Rejected())

    assert refused is not None
    assert refused.case == CASE
    assert refused.code == "invalid_event"
    assert refused.event_id == "evt-1"
    assert "facts.kle: Field required" in refused.explanation


@pytest.mark.parametrize(
    "rejected",
    [Rejected(key=None), Rejected(tenant=None), Rejected(key="storaadal|ikke-en-uuid")],
)
def test_a_record_without_a_case_gets_no_answer(rejected: Rejected) -> None:
    assert handlers.refuse_case_record(rejected) is None


def test_the_answer_goes_to_the_tenant_of_the_topic_only() -> None:
    rejected = Rejected(tenant="vesterhede", code="tenant_mismatch", event_id=None)

    refused = handlers.refuse_case_record(rejected)

    assert refused is not None
    assert refused.tenant == "vesterhede"
    assert refused.code == "tenant_mismatch"
    assert refused.event_id == "ukendt"


async def test_a_document_of_the_knowledge_base_comes_in_as_text(
    border: Border, knowledge: MakeKnowledge
) -> None:
    event = knowledge(asked_as=("Hvor lang er fristen?",), law=("forvaltningsloven § 19",))

    ingested = await handlers.accept_knowledge(event, border)

    assert isinstance(ingested, KnowledgeIngested)
    assert ingested.text == "Frist\n\nTi hverdage."
    assert [each.heading_path for each in ingested.sections] == [("Frist",)]
    assert ingested.published_at == event.envelope.time
    carried = set(KnowledgePublished.model_fields) - {"content"}
    assert ingested.model_dump(include=carried) == event.data.model_dump(include=carried)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"content": Content(media_type="application/pdf", data=b"%PDF-1.4")}, "kan ikke åbnes"),
        ({"document": DocumentRef(tenant="ukendt", document_id="a")}, "ikke tilmeldt"),
        (
            {
                "content": Content(
                    ref=ContentRef(uri="content/faelles/andet/1", sha256="0" * 64, size=1)
                )
            },
            "egen plads",
        ),
    ],
)
async def test_a_document_that_cannot_be_read_gets_its_receipt(
    border: Border, knowledge: MakeKnowledge, changed: dict[str, Any], says: str
) -> None:
    event = knowledge(**changed)

    receipt = await handlers.accept_knowledge(event, border)

    assert isinstance(receipt, KnowledgeIndexed)
    assert (receipt.outcome, receipt.version) == ("refused", 2)
    assert receipt.document == event.data.document
    assert says in (receipt.reason or "")


def test_a_record_that_is_no_document_gets_a_receipt_where_its_name_is_known() -> None:
    receipt = handlers.refuse_knowledge_record(
        Rejected(tenant="faelles", key="faelles|partshoering", code="not_json")
    )

    assert receipt is not None
    assert receipt.document == DocumentRef(tenant="faelles", document_id="partshoering")
    assert receipt.outcome == "refused"
    assert "ikke JSON" in (receipt.reason or "")
    assert handlers.refuse_knowledge_record(Rejected(key=None)) is None


@pytest.mark.parametrize("fault", get_args(Fault))
def test_every_fault_of_a_file_is_answered_with_what_to_do(fault: Fault) -> None:
    refusal = refusals.unreadable(fault)

    assert refusal.explanation.endswith(".")
    assert "send" in refusal.remedy.lower()


def test_the_examples_of_the_contract_say_what_is_written() -> None:
    written = {each.code: each for each in (refusals.NO_LEGAL_BASIS, refusals.CONFLICT)}
    examples = [CaseEventRefused.model_validate_json(it.read_bytes()) for it in EXAMPLES.iterdir()]
    assert {each.code for each in examples} == written.keys()
    for each in examples:
        refusal = written[each.code]
        assert (each.explanation, each.remedy) == (refusal.explanation, refusal.remedy)
