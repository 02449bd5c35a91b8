import uuid
from datetime import timedelta

import pytest
from sidemand.retrieval.generations import behind
from sidemand.retrieval.versions import KnownDocument

from .retrieval_fakes import A_MODEL, PUBLISHED

NAME = uuid.UUID(int=1)
DAY = timedelta(days=1)


def known(version: int = 1, published: int = 0, removed: int | None = None) -> KnownDocument:
    """A document that was published, and before that removed, so many days after the first."""
    removed_at = None if removed is None else PUBLISHED + removed * DAY
    present = removed is None or removed < published
    return KnownDocument(version, PUBLISHED + published * DAY, A_MODEL.sha256, present, removed_at)


@pytest.mark.parametrize(
    ("searched", "other", "differ"),
    [
        (known(), known(), False),
        (known(), None, True),
        (None, known(), True),
        (known(version=2), known(version=1), True),
        (known(removed=1), None, False),
        (None, known(removed=1), False),
        (known(removed=1), known(), True),
        (known(), known(published=5), False),
        (known(published=5, removed=3), known(), True),
        (known(published=5, removed=3), known(published=5), False),
    ],
    ids=[
        "the same",
        "lacking",
        "not deleted yet",
        "older",
        "deleted before it was replayed",
        "deleted before it was searched",
        "deleted in one",
        "published again unchanged",
        "deleted and published again under its version",
        "the deletion was compacted away",
    ],
)
def test_generations_differ_in_what_is_found(
    searched: KnownDocument | None, other: KnownDocument | None, differ: bool
) -> None:
    one, two = ({NAME: each} if each else {} for each in (searched, other))
    assert behind(one, two) == behind(two, one) == differ
