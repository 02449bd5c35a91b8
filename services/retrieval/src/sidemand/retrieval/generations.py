"""Generations of the index: what each holds, and whether one may take the place of another."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sidemand.retrieval.versions import KnownDocument
from sidemand.schemas.text import EmbeddingModel

Documents = Mapping[uuid.UUID, KnownDocument]
"""What a generation remembers of each document, deleted ones included."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A knowledge base in the index, filled or being filled."""

    number: int
    is_searched: bool
    model: EmbeddingModel | None
    """What its passages are embedded with; none before the first."""
    documents: int
    """Documents that can be found."""
    passages: int
    in_other_models: int
    """Passages that came in another model than its own, and are found by their words alone."""


def behind(searched: Documents, other: Documents) -> int:
    """In how many documents `other` differs from what is searched.

    They are lacking in it, older, or not deleted yet.
    """
    named = searched.keys() | other.keys()
    return sum(not _agree(searched.get(each), other.get(each)) for each in named)


def _agree(one: KnownDocument | None, other: KnownDocument | None) -> bool:
    """Whether both find the same version of a document, or neither finds any.

    When it was published does not count by itself: of a version that was published again
    unchanged, one holds the first publication and one that was filled by replay the last.
    """
    if one is None or other is None or not (one.present and other.present):
        return not any(each is not None and each.present for each in (one, other))
    ended = _was_removed_after(one, other) or _was_removed_after(other, one)
    return one.version == other.version and not ended


def _was_removed_after(known: KnownDocument, other: KnownDocument) -> bool:
    """Whether `known` saw a deletion that ended the publication of `other`."""
    return known.removed_at is not None and other.published_at <= known.removed_at
