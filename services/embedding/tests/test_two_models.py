"""A second model beside the one that embeds, while the model is being changed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from sidemand.bus import BusError, BusSettings
from sidemand.embedding.app import create
from sidemand.embedding.chunking import text_to_embed
from sidemand.embedding.handlers import embed_anew, embed_document, embed_knowledge
from sidemand.embedding.model_files import SHIPPED
from sidemand.embedding.ports import Vectors
from sidemand.embedding.settings import Settings
from sidemand.schemas.text import EmbeddingModel

from .test_embedding_service import GUIDANCE, NOTE


@dataclass
class Scales:
    """Embeds a text as a multiple of its length."""

    times: float

    @property
    def model(self) -> EmbeddingModel:
        return EmbeddingModel(model_id=f"x{self.times}", sha256=f"{self.times:064}", dimension=1)

    async def passages(self, texts: Sequence[str]) -> Vectors:
        return np.array([[len(text) * self.times] for text in texts], np.float32)

    async def queries(self, texts: Sequence[str]) -> Vectors:
        return -await self.passages(texts)


ONE, TWO = Scales(1), Scales(2)


async def test_a_case_document_has_the_vectors_of_both_models() -> None:
    document = await embed_document(NOTE.model_copy(update={"sections": GUIDANCE.sections}), ONE)
    both = await embed_document(NOTE.model_copy(update={"sections": GUIDANCE.sections}), ONE, TWO)
    (beside,) = both.beside
    assert both.model_copy(update={"beside": ()}) == document
    assert beside.model == TWO.model
    assert [each.components for each in beside.queries] == [
        (-2 * len(each.text),) for each in document.queries
    ]
    assert [each.components for each in beside.passages] == [
        (2 * len(text_to_embed(document.title, each.passage)),) for each in document.passages
    ]
    assert document.passages


async def test_a_document_embedded_anew_is_as_the_other_model_would_have_embedded_it() -> None:
    embedded = await embed_knowledge(GUIDANCE, ONE)
    assert await embed_anew(embedded, TWO) == await embed_knowledge(GUIDANCE, TWO)
    assert await embed_anew(embedded, ONE) is embedded


def test_the_model_that_embeds_already_is_refused_as_the_second_one() -> None:
    with pytest.raises(BusError, match="EMBEDDING_MODEL_BESIDE"):
        create(Settings(bus=BusSettings(), model_beside=SHIPPED))
