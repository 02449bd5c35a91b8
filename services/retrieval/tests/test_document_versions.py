"""Which version of a document counts."""

from datetime import timedelta

import pytest
from sidemand.retrieval.versions import EarlierPassage, KnownDocument, since_when, standing
from sidemand.schemas.knowledge import KnowledgeEmbedded

from .retrieval_fakes import A_MODEL, ANOTHER_MODEL, PUBLISHED, knowledge, passage

LATER = PUBLISHED + timedelta(hours=1)
VERSION_1 = knowledge("a", "Tekst.")


def known(version: int = 1, *, present: bool = True) -> KnownDocument:
    return KnownDocument(version, PUBLISHED, A_MODEL.sha256, present, None)


BACK_AGAIN = KnownDocument(1, LATER, A_MODEL.sha256, present=True, removed_at=PUBLISHED)
"""A document that was deleted and came back: what it was before does not return."""


@pytest.mark.parametrize(
    ("was", "document", "how"),
    [
        (None, VERSION_1, "new"),
        (known(), VERSION_1, "repeated"),
        (known(), VERSION_1.model_copy(update={"published_at": LATER}), "superseded"),
        (known(), VERSION_1.model_copy(update={"version": 2}), "new"),
        (known(2), VERSION_1, "superseded"),
        (known(), VERSION_1.model_copy(update={"model": ANOTHER_MODEL}), "new"),
        (known(2), VERSION_1.model_copy(update={"model": ANOTHER_MODEL}), "superseded"),
        (known(present=False), VERSION_1, "superseded"),
        (known(present=False), VERSION_1.model_copy(update={"published_at": LATER}), "new"),
        (known(2, present=False), VERSION_1.model_copy(update={"published_at": LATER}), "new"),
        (BACK_AGAIN, VERSION_1.model_copy(update={"version": 5}), "superseded"),
        (BACK_AGAIN, VERSION_1.model_copy(update={"published_at": LATER}), "repeated"),
    ],
)
def test_a_version_stands_to_what_is_known(
    was: KnownDocument | None, document: KnowledgeEmbedded, how: str
) -> None:
    assert standing(was, document) == how


def test_words_that_stood_already_keep_the_version_that_brought_them() -> None:
    old, new = passage("Gammel.").passage, passage("Ny.").passage
    earlier = {old.passage_id: EarlierPassage("Gammel.", 3)}
    assert since_when([old, new], earlier, 5) == {old.passage_id: 3, new.passage_id: 5}
