"""Which version of a document counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sidemand.schemas.knowledge import KnowledgeEmbedded
from sidemand.schemas.text import Passage

_NO_VERSION: Final = 0


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """What an index remembers of a document, deleted ones included."""

    version: int
    published_at: datetime
    model: str
    """SHA-256 of the embedding model."""
    present: bool
    """Whether it can be found; false once it is deleted."""
    removed_at: datetime | None
    """The last deletion that was seen."""

    @property
    def was_there(self) -> bool:
        """Whether any version of it was ever seen."""
        return self.version != _NO_VERSION


@dataclass(frozen=True, slots=True)
class EarlierPassage:
    """A passage as the index holds it before a new version."""

    text: str
    since: int
    """The version that brought these words."""


def standing(
    known: KnownDocument | None, document: KnowledgeEmbedded
) -> Literal["new", "repeated", "superseded"]:
    """How a version stands to what is known of its document.

    `repeated` is the very publication that was applied last, delivered again. A deleted document
    may come back under any version: what is published later is newer, and what was published
    before the deletion is gone with it, also where all of it is delivered again. Vectors of another
    model replace those of an equal version.
    """
    if known is None:
        return "new"
    if known.removed_at is not None and document.published_at <= known.removed_at:
        return "superseded"
    if document.version > known.version:
        return "new"
    if not known.present:
        return "new" if document.published_at > known.published_at else "superseded"
    return "superseded" if document.version < known.version else _among_equals(known, document)


def _among_equals(
    known: KnownDocument, document: KnowledgeEmbedded
) -> Literal["new", "repeated", "superseded"]:
    if document.model.sha256 != known.model:
        return "new"
    return "repeated" if document.published_at == known.published_at else "superseded"


def only_deleted(at: datetime) -> KnownDocument:
    """A document of which nothing but a deletion was seen.

    It is remembered: delivered again behind the versions that came after it, it would delete them.
    """
    return KnownDocument(_NO_VERSION, at, model="", present=False, removed_at=at)


def is_seen_deletion(known: KnownDocument, at: datetime) -> bool:
    """Whether a deletion was carried out before."""
    return known.removed_at is not None and at <= known.removed_at


def since_when(
    passages: Iterable[Passage], earlier: Mapping[str, EarlierPassage], version: int
) -> dict[str, int]:
    """The version that brought each passage's words: an earlier one where they stood already."""
    return {
        each.passage_id: was.since
        if (was := earlier.get(each.passage_id)) and was.text == each.text
        else version
        for each in passages
    }
