"""The ledger of suggestions in memory."""

import uuid
from dataclasses import dataclass, field

from sidemand.retrieval.ports import Affected, CaseForgotten, Reach, Resting
from sidemand.retrieval.queries import reach_of
from sidemand.schemas.casework import EmbeddedCaseDocument
from sidemand.schemas.identity import CaseRef, DocumentRef


@dataclass
class InMemoryLedger:
    """A `SuggestionLedger` of dictionaries."""

    documents: dict[tuple[CaseRef, uuid.UUID], EmbeddedCaseDocument] = field(default_factory=dict)
    suggestions: dict[uuid.UUID, Resting] = field(default_factory=dict)
    erased: set[CaseRef] = field(default_factory=set)

    async def remember(self, document: EmbeddedCaseDocument) -> None:
        if document.case in self.erased:
            raise CaseForgotten
        kept = document.model_copy(update={"passages": ()})
        self.documents[document.case, document.document_id] = kept

    async def rest(self, suggestion: Resting) -> Reach | None:
        if suggestion.case in self.erased:
            raise CaseForgotten
        reference = suggestion.suggestion
        known = self.suggestions.get(reference.suggestion_id)
        if known is not None and known.suggestion.revision > reference.revision:
            return None
        self.suggestions[reference.suggestion_id] = suggestion
        document = self.documents.get((suggestion.case, suggestion.document_id))
        return None if document is None else reach_of(document)

    async def recall(self, case: CaseRef, document_id: uuid.UUID) -> EmbeddedCaseDocument | None:
        return self.documents.get((case, document_id))

    async def affected(self, document: DocumentRef, tenant: str | None = None) -> list[Affected]:
        citing = [
            each
            for each in self.suggestions.values()
            if any(ref.document == document for ref in each.passages)
            and tenant in (None, each.case.tenant)
        ]
        kept = {(each.case, each.document_id) for each in citing} & self.documents.keys()
        return [
            Affected(
                reach_of(self.documents[key]),
                tuple(each for each in citing if (each.case, each.document_id) == key),
            )
            for key in kept
        ]

    async def erase(self, case: CaseRef) -> int:
        self.erased.add(case)
        documents = [key for key in self.documents if key[0] == case]
        suggestions = [key for key, each in self.suggestions.items() if each.case == case]
        for key in documents:
            del self.documents[key]
        for suggestion_id in suggestions:
            del self.suggestions[suggestion_id]
        return len(documents) + len(suggestions)
