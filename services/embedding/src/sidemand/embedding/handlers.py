"""What embedding does: cuts texts into passages, and gives passages and searches their vectors."""

import asyncio
from collections.abc import Sequence

from sidemand.embedding.chunking import cut_passages, text_to_embed
from sidemand.embedding.ports import Embedder
from sidemand.embedding.queries import embed_queries
from sidemand.schemas.casework import (
    CaseContext,
    EmbeddedCaseDocument,
    RedactedCaseDocument,
    VectorsBeside,
)
from sidemand.schemas.knowledge import KnowledgeEmbedded, KnowledgeRedacted, KnowledgeVersion
from sidemand.schemas.text import EmbeddedPassage, Passage, Section, Vector


async def embed_document(
    document: RedactedCaseDocument, embedder: Embedder, beside: Embedder | None = None
) -> EmbeddedCaseDocument:
    """Give a case document the vectors that search for it, and its passages theirs.

    Those of the model `beside` stand beside them: the index says which are searched with.
    """
    carried = {name: getattr(document, name) for name in CaseContext.model_fields}
    heading = f"{document.title} – {document.legal_basis.title}"
    embedded = EmbeddedCaseDocument(
        **carried,
        model=embedder.model,
        queries=await embed_queries(document.text, embedder, heading),
        passages=await _passages(document.title, document.text, document.sections, embedder),
    )
    if beside is None:
        return embedded
    return embedded.model_copy(update={"beside": (await _beside(embedded, beside),)})


async def embed_knowledge(document: KnowledgeRedacted, embedder: Embedder) -> KnowledgeEmbedded:
    """Cut a document into passages, and give each its vector."""
    carried = {name: getattr(document, name) for name in KnowledgeVersion.model_fields}
    return KnowledgeEmbedded(
        **carried,
        published_at=document.published_at,
        masked=document.masked,
        text=document.text,
        model=embedder.model,
        passages=await _passages(document.title, document.text, document.sections, embedder),
    )


async def embed_anew(document: KnowledgeEmbedded, embedder: Embedder) -> KnowledgeEmbedded:
    """Give a document's passages the vectors that `embed_knowledge` would give them."""
    if document.model == embedder.model:
        return document
    passages = [each.passage for each in document.passages]
    vectors = await _vectors(document.title, passages, embedder)
    embedded = tuple(
        each.model_copy(update={"vector": vector})
        for each, vector in zip(document.passages, vectors, strict=True)
    )
    return document.model_copy(update={"model": embedder.model, "passages": embedded})


async def _beside(document: EmbeddedCaseDocument, embedder: Embedder) -> VectorsBeside:
    queries = await embedder.queries([each.text for each in document.queries])
    passages = [each.passage for each in document.passages]
    return VectorsBeside(
        model=embedder.model,
        queries=tuple(Vector.of(each.tolist()) for each in queries),
        passages=await _vectors(document.title, passages, embedder),
    )


async def _vectors(
    title: str, passages: Sequence[Passage], embedder: Embedder
) -> tuple[Vector, ...]:
    vectors = await embedder.passages([text_to_embed(title, each) for each in passages])
    return tuple(Vector.of(each.tolist()) for each in vectors)


async def _passages(
    title: str, text: str, sections: Sequence[Section], embedder: Embedder
) -> tuple[EmbeddedPassage, ...]:
    # Apart from the event loop: a text of a million words takes seconds.
    passages = await asyncio.to_thread(cut_passages, text, sections)
    vectors = await _vectors(title, passages, embedder)
    return tuple(
        EmbeddedPassage(passage=passage, vector=vector)
        for passage, vector in zip(passages, vectors, strict=True)
    )
