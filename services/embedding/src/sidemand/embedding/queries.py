"""What is searched for on behalf of a case document: the whole of it, and its parts."""

from sidemand.danish.analysis import terms
from sidemand.danish.sentences import sentences
from sidemand.embedding.ports import Embedder
from sidemand.schemas.casework import EmbeddedQuery
from sidemand.schemas.text import Vector

SHORT_TEXT = 6
"""Sentences up to which the whole is all that is searched for.

Measured on 82 notes of 3 to 6 sentences: searching for each sentence as well, and taking the best,
lowered recall@10 from .49 to .42. Longer documents speak of several things.
"""
PARTS_ALLOWED = 12
"""The longest sentences of a long text, at most so many, are searched for on their own."""
_FEWEST_TERMS = 3


async def embed_queries(text: str, embedder: Embedder) -> tuple[EmbeddedQuery, ...]:
    """The whole `text` first, then its sentences where there are more than `SHORT_TEXT`.

    Raises what `embedder` raises.
    """
    asked = query_texts(text)
    vectors = await embedder.queries(asked)
    return tuple(
        EmbeddedQuery(text=words, vector=Vector.of(vector.tolist()))
        for words, vector in zip(asked, vectors, strict=True)
    )


def query_texts(text: str) -> list[str]:
    """The texts to search for, the whole first.

    A case note says many things; its own question is in one or two of its sentences.
    """
    found = [span.of(text) for span in sentences(text)]
    telling = [part for part in found if len(terms(part)) >= _FEWEST_TERMS]
    if len(telling) <= SHORT_TEXT:
        return [text]
    longest = sorted(telling, key=len, reverse=True)[:PARTS_ALLOWED]
    return [text, *(part for part in telling if part in longest)]
