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


def test_the_heading_is_searched_for_with_the_text_and_by_itself() -> None:
    assert query_texts("Må vi få mere tid?", "Hjemmehjælp, høring – Partshøring") == [
        "Hjemmehjælp, høring – Partshøring\n\nMå vi få mere tid?",
        "Hjemmehjælp, høring – Partshøring",
    ]


def test_a_token_is_not_searched_for() -> None:
    assert query_texts("Hvornår skal ⟦PERSON_7K2MX4⟧ svare?") == ["Hvornår skal   svare?"]


def test_a_short_question_goes_before_long_statements() -> None:
    statements = [
        f"Her står noget langt og udførligt om nummer {number} i rækken, som ingen har spurgt om."
        for number in range(20)
    ]
    question = "Hvornår udløber fristen for at svare på høringen?"
    asked = query_texts(" ".join([*statements, question]))
    assert question in asked
    assert len(asked) == 1 + PARTS_ALLOWED
