"""Content as it arrives, text with sections, passages and their vectors."""

import struct
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from sidemand.schemas.model import Model

MediaType = Literal[
    "text/plain",
    "text/markdown",
    "text/html",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
]
"""What ingestion can read."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ContentRef(Model):
    """Where a file lies: a claim check into the object store, written before the event."""

    uri: str
    """Path within the object store."""
    sha256: Sha256
    """Of the bytes; verified when they are read."""
    size: Annotated[int, Field(ge=0)]
    """Bytes."""


class Content(Model):
    """A text or a file: exactly one of `text`, `data` and `ref`."""

    media_type: MediaType = "text/plain"
    """What the bytes are."""
    text: str | None = None
    """Plain text, Markdown or HTML as it is."""
    data: bytes | None = None
    """A file, base64 on the wire."""
    ref: ContentRef | None = None
    """A file that lies in the object store."""

    @model_validator(mode="after")
    def _holds_exactly_one(self) -> Self:
        if sum(part is not None for part in (self.text, self.data, self.ref)) != 1:
            raise ValueError("content holds exactly one of text, data and ref")
        if self.text is not None and not self.media_type.startswith("text/"):
            raise ValueError(f"{self.media_type} travels as data or ref, not as text")
        return self


class Section(Model):
    """A part of a text under one heading or paragraph sign."""

    heading_path: tuple[str, ...] = ()
    """Headings from the outermost to the own one."""
    locator: str | None = None
    """Where it stands in words that a lawyer uses, such as `§ 23, stk. 2`."""
    start: Annotated[int, Field(ge=0)]
    """Offset of the first character in the document's text."""
    end: Annotated[int, Field(ge=0)]
    """Offset behind the last character."""


class Passage(Model):
    """A stretch of a document that is searched, ranked and quoted as one."""

    passage_id: str
    """Unique within tenant and document version, stable for the same text."""
    heading_path: tuple[str, ...] = ()
    """Headings from the outermost to the own one."""
    locator: str | None = None
    """Such as `§ 23, stk. 2`."""
    start: Annotated[int, Field(ge=0)]
    """Offset of the first character in the document's text."""
    end: Annotated[int, Field(ge=0)]
    """Offset behind the last character."""
    text: str
    """Verbatim: the document's text from `start` to `end`."""


class Vector(Model):
    """An embedding: little-endian float16, base64 on the wire."""

    dimension: Annotated[int, Field(gt=0)]
    """Number of components."""
    data: bytes
    """`2 * dimension` bytes, little-endian IEEE 754 half precision."""

    @model_validator(mode="after")
    def _is_as_long_as_it_says(self) -> Self:
        if len(self.data) != 2 * self.dimension:
            raise ValueError(
                f"a vector of {self.dimension} dimensions has {2 * self.dimension} bytes"
            )
        return self

    @classmethod
    def of(cls, components: Sequence[float]) -> Self:
        """Pack `components`."""
        count = len(components)
        return cls(dimension=count, data=struct.pack(f"<{count}e", *components))

    @property
    def components(self) -> tuple[float, ...]:
        """The numbers again."""
        return struct.unpack(f"<{self.dimension}e", self.data)


class EmbeddingModel(Model):
    """Which model made a vector. Vectors of two models are never compared."""

    model_id: str
    """Name and version."""
    sha256: Sha256
    """Of the weights."""
    dimension: Annotated[int, Field(gt=0)]
    """Components of its vectors."""


class EmbeddedPassage(Model):
    """A passage with its vector."""

    passage: Passage
    """What was embedded."""
    vector: Vector
    """Its place in the model's space; unit length."""
