from collections.abc import Sequence

import numpy as np
from sidemand.embedding.ports import Vectors
from sidemand.embedding.queries import PARTS_ALLOWED, embed_queries, query_texts
from sidemand.schemas.text import EmbeddingModel

NOTE = (
    "Borgeren søgte om boligstøtte den 3. maj. Hun har siden mistet sit arbejde på fabrikken. "
    "Udlejeren har varslet en højere husleje fra juli. Hendes søn begynder i børnehave til august. "
    "Hun spørger, om barnet kan få økonomisk friplads. Kommunen har bedt om de seneste lønsedler. "
    "Kan vi beregne støtten forfra nu? Hilsen Bo."
)


class LengthEmbedder:
    """Embeds a text as its length, so that a test sees which text a vector belongs to."""

    model = EmbeddingModel(model_id="length", sha256="0" * 64, dimension=1)

    async def passages(self, texts: Sequence[str]) -> Vectors:
        return await self.queries(texts)

    async def queries(self, texts: Sequence[str]) -> Vectors:
        return np.array([[len(text)] for text in texts], np.float32)


def test_a_short_question_is_searched_for_as_a_whole() -> None:
    question = "Må vi sende afslaget nu? Lægens vurdering er ny."
    assert query_texts(question) == [question]


def test_a_long_note_is_searched_for_as_a_whole_and_by_sentences_that_say_something() -> None:
    whole, *parts = query_texts(NOTE)
    assert whole == NOTE
    assert parts[0] == "Borgeren søgte om boligstøtte den 3. maj."
    assert "Hilsen Bo." not in parts


def test_no_text_has_more_parts_than_allowed() -> None:
    text = " ".join(f"Sætning nummer {n} handler om kommunens frist." for n in range(100))
    assert len(query_texts(text)) == 1 + PARTS_ALLOWED


async def test_each_query_carries_its_own_vector() -> None:
    queries = await embed_queries(NOTE, LengthEmbedder())
    assert [query.text for query in queries] == query_texts(NOTE)
    assert [query.vector.components[0] for query in queries] == [len(q.text) for q in queries]
