"""Two events of which one comes in the midst of the other, on the ports in memory."""

from dataclasses import dataclass, field

from sidemand.retrieval.contexts import Retrieval
from sidemand.retrieval.handlers import (
    forget_case,
    index_document,
    note_suggestion,
    retrieve_context,
)
from sidemand.retrieval.ports import Reach, Resting
from sidemand.schemas.casework import CaseErased, EmbeddedCaseDocument, RetrievedContext
from sidemand.schemas.identity import CaseRef, Payload

from .ledger_fake import InMemoryLedger
from .retrieval_fakes import (
    CALIBRATION,
    PUBLISHED,
    InMemoryIndex,
    case_document,
    knowledge,
    newer,
)
from .test_retrieval_handlers import contexts_in, drafted

FRIST = knowledge("frister", "Fristen for svar er ti hverdage.")
CHANGED = newer(FRIST, "Fristen for svar er femten hverdage.")
QUESTION = case_document("Hvor lang er fristen for svar?")


@dataclass
class IndexWithAnErasureBehind(InMemoryIndex):
    """The case is erased right after its document has gone in."""

    ledger: InMemoryLedger = field(default_factory=InMemoryLedger)

    async def add_case(self, document: EmbeddedCaseDocument) -> None:
        await super().add_case(document)
        erased = CaseErased(case=document.case, erased_at=PUBLISHED)
        await forget_case(erased, Retrieval(self, self.ledger, CALIBRATION))


async def test_an_erasure_while_a_document_comes_in_takes_all_of_it() -> None:
    index = IndexWithAnErasureBehind()
    assert await retrieve_context(QUESTION, Retrieval(index, index.ledger, CALIBRATION)) is None
    assert index.case_documents == {}
    assert index.ledger.documents == {}


@dataclass
class LedgerWithADocumentBehind(InMemoryLedger):
    """A document of the case comes in right after the ledger has forgotten the case."""

    index: InMemoryIndex = field(default_factory=InMemoryIndex)
    answer: RetrievedContext | None = None

    async def erase(self, case: CaseRef) -> int:
        gone = await super().erase(case)
        self.answer = await retrieve_context(QUESTION, Retrieval(self.index, self, CALIBRATION))
        return gone


async def test_a_document_while_its_case_is_erased_leaves_nothing() -> None:
    ledger = LedgerWithADocumentBehind()
    erased = CaseErased(case=QUESTION.case, erased_at=PUBLISHED)
    await forget_case(erased, Retrieval(ledger.index, ledger, CALIBRATION))
    assert ledger.answer is None
    assert ledger.index.case_documents == {}
    assert ledger.documents == {}


@dataclass
class LedgerWithAChangeBeside(InMemoryLedger):
    """What a suggestion rests on changes right before, or right after, it is noted."""

    index: InMemoryIndex = field(default_factory=InMemoryIndex)
    before: bool = False
    payloads: list[Payload] = field(default_factory=list)

    async def rest(self, suggestion: Resting) -> Reach | None:
        if self.before:
            await self._change()
        reach = await super().rest(suggestion)
        if not self.before:
            await self._change()
        return reach

    async def _change(self) -> None:
        self.payloads += await index_document(CHANGED, Retrieval(self.index, self, CALIBRATION))


async def _drafted_anew(ledger: LedgerWithAChangeBeside) -> list[RetrievedContext]:
    """The contexts of both events, for a suggestion that rests on what one of them changes."""
    retrieval = Retrieval(ledger.index, ledger, CALIBRATION)
    await index_document(FRIST, retrieval)
    await retrieve_context(QUESTION, retrieval)
    noted = await note_suggestion(drafted(QUESTION, FRIST), retrieval)
    return [*contexts_in(ledger.payloads), *([noted] if noted else [])]


async def test_a_change_right_before_a_suggestion_is_noted_shakes_it() -> None:
    (context, *_) = await _drafted_anew(LedgerWithAChangeBeside(before=True))
    assert context.replaces[0].revision == 1


async def test_a_change_right_after_a_suggestion_is_noted_shakes_it() -> None:
    (context, *_) = await _drafted_anew(LedgerWithAChangeBeside(before=False))
    assert context.replaces[0].revision == 1
