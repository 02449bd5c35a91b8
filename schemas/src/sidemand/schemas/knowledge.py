"""Payloads of the knowledge lane."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator
from sidemand.schemas.identity import DocumentPayload
from sidemand.schemas.model import Model
from sidemand.schemas.text import Content, EmbeddedPassage, EmbeddingModel, Section

Question = Annotated[str, Field(min_length=1, max_length=500)]


class SectionRef(Model):
    """A section of another document, written `document#heading`."""

    document_id: str
    """The shared document."""
    heading: str
    """The heading of the section in it."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `document#heading`. Raises `ValueError` where there is no `#`."""
        document_id, hash_sign, heading = text.partition("#")
        if not (document_id and hash_sign and heading):
            raise ValueError("overrides is written document#heading")
        return cls(document_id=document_id.strip(), heading=heading.strip())


class KnowledgeVersion(DocumentPayload):
    """What every step of the knowledge lane carries along about a document."""

    version: Annotated[int, Field(ge=1)]
    """Rises with every change; an older or equal one is counted, not applied."""
    title: Annotated[str, Field(min_length=1, max_length=500)]
    """As a reader sees it."""
    kind: Annotated[str, Field(max_length=40)] = "vejledning"
    """Such as `lov`, `vejledning`, `arbejdsgang`, `faq`, `afgørelse`."""
    area: Annotated[str, Field(max_length=80)] | None = None
    """Field of administration, such as `børn og unge`."""
    valid_from: date
    """First day on which it applies."""
    valid_to: date | None = None
    """Last day on which it applies; none while it is in force."""
    source: str | None = None
    """ELI or URL."""
    licence: str | None = None
    """Under which it may be used."""
    law: tuple[str, ...] = ()
    """Provisions that it explains."""
    asked_as: tuple[Question, ...] = ()
    """Questions that it answers, attached by an editor."""
    overrides: SectionRef | None = None
    """The section of a shared document that this replaces for its tenant."""
    sensitivity: Annotated[int, Field(ge=1, le=4)] = 1
    """Cases below this level do not see it."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self


class KnowledgePublished(KnowledgeVersion):
    """A document of the knowledge base in full: every message is the whole state."""

    content: Content
    """Markdown, HTML, plain text, DOCX or PDF."""


class KnowledgeText(KnowledgeVersion):
    """A document as text with sections."""

    published_at: AwareDatetime
    """When the editor published it."""
    text: str
    """Plain text."""
    sections: tuple[Section, ...]
    """Where its parts stand."""


class KnowledgeIngested(KnowledgeText):
    """A document that passed the border."""


class KnowledgeRedacted(KnowledgeText):
    """A document whose private persons have been masked for good."""

    masked: Annotated[int, Field(ge=0)] = 0
    """Number of places that were masked."""


class KnowledgeEmbedded(KnowledgeVersion):
    """A document as the index takes it in."""

    published_at: AwareDatetime
    """When the editor published it."""
    masked: Annotated[int, Field(ge=0)] = 0
    """Number of places that were masked for good."""
    text: str
    """What quotes are checked against."""
    model: EmbeddingModel
    """What made the vectors."""
    passages: tuple[EmbeddedPassage, ...]
    """What is searched."""


class KnowledgeIndexed(DocumentPayload):
    """A receipt: what became of a published version or a deletion."""

    version: Annotated[int, Field(ge=1)] | None
    """The version that this is about; none for a deletion."""
    outcome: Literal["indexed", "superseded", "removed", "refused"]
    """`superseded`: an equal or newer version is there already."""
    reason: str | None = None
    """Why it was refused, in Danish, and what to do."""
    passages: Annotated[int, Field(ge=0)] = 0
    """Searchable passages."""
    masked: Annotated[int, Field(ge=0)] = 0
    """Places that were masked for good."""
    published_at: AwareDatetime
    """When the editor published it."""
    settled_at: AwareDatetime
    """When it was searchable, gone, or refused."""
