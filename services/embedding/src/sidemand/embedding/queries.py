"""What is searched for on behalf of a case document: the whole of it, and its parts."""

import asyncio

from sidemand.danish.analysis import terms, without_tokens
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
"""Questions, then the longest sentences of a long text; at most so many are searched for too."""
_FEWEST_TERMS = 3


async def embed_queries(
    text: str, embedder: Embedder, heading: str = ""
) -> tuple[EmbeddedQuery, ...]:
    """The whole document first, then its `heading`, then the parts of a long text.

    Raises what `embedder` raises.
    """
    asked = await asyncio.to_thread(query_texts, text, heading)
    vectors = await embedder.queries(asked)
    return tuple(
        EmbeddedQuery(text=words, vector=Vector.of(vector.tolist()))
        for words, vector in zip(asked, vectors, strict=True)
    )


def query_texts(text: str, heading: str = "") -> list[str]:
    """The texts to search for: the whole, its `heading`, and sentences where there are many.

    A case note says many things; its own questions are in one or two of its sentences, so these
    go before the others. Tokens are left out: they name nobody whom knowledge could be about.
    """
    text, heading = (without_tokens(each).strip() for each in (text, heading))
    whole = [f"{heading}\n\n{text}", heading] if heading else [text]
    found = [span.of(text) for span in sentences(text)]
    telling = [part for part in found if len(terms(part)) >= _FEWEST_TERMS]
    if len(telling) <= SHORT_TEXT:
        return whole
    first = sorted(telling, key=lambda part: ("?" in part, len(part)), reverse=True)
    return [*whole, *(part for part in telling if part in first[:PARTS_ALLOWED])]
