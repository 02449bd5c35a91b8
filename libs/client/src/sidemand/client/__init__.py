"""Sidemand's client library and the command `sidemand`: the vendor's way in.

::

    async with Sidemand(BusSettings(), tenant="storaadal", source="postsag") as sidemand:
        answer = await sidemand.ask(CaseEvent(case=sidemand.case("S2026-01946"), ...))
        for changed in answer.suggestions:
            for statement in changed.suggestion.statements:
                print(statement.text, statement.citations[0].quote)
"""

from sidemand.bus import BusError, BusSettings
from sidemand.client.answering import Answer
from sidemand.client.case_files import CaseFile, read_case_file
from sidemand.client.errors import ClientError
from sidemand.client.following import Following
from sidemand.client.knowledge import Skipped, knowledge_at
from sidemand.client.load_report import LoadReport, Progress, Refused
from sidemand.client.session import Sidemand
from sidemand.schemas.casework import (
    Abstention,
    CaseErased,
    CaseEventRefused,
    CaseFacts,
    Citation,
    ErasureConfirmed,
    Statement,
    Suggestion,
)
from sidemand.schemas.envelope import Envelope
from sidemand.schemas.identity import CaseRef, DocumentRef
from sidemand.schemas.knowledge import KnowledgeIndexed, KnowledgePublished
from sidemand.schemas.raw import CaseEvent, FeedbackGiven, Party, SuggestionChanged
from sidemand.schemas.text import Content, ContentRef

__all__ = [
    "Abstention",
    "Answer",
    "BusError",
    "BusSettings",
    "CaseErased",
    "CaseEvent",
    "CaseEventRefused",
    "CaseFacts",
    "CaseFile",
    "CaseRef",
    "Citation",
    "ClientError",
    "Content",
    "ContentRef",
    "DocumentRef",
    "Envelope",
    "ErasureConfirmed",
    "FeedbackGiven",
    "Following",
    "KnowledgeIndexed",
    "KnowledgePublished",
    "LoadReport",
    "Party",
    "Progress",
    "Refused",
    "Sidemand",
    "Skipped",
    "Statement",
    "Suggestion",
    "SuggestionChanged",
    "knowledge_at",
    "read_case_file",
]
