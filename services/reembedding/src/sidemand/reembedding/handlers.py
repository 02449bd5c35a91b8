"""What re-embedding does: takes knowledge into its generation in the vectors of its own model.

Before the switch to its generation it says nothing: receipts, and contexts for what changed, are
the live retrieval's to give. From then on it says what retrieval says. An event that meets the
switch is said by one of the two at least, since each looks after it has applied it, and by both
under the same id.
"""

from collections.abc import Sequence

from sidemand.embedding.handlers import embed_anew
from sidemand.embedding.ports import Embedder
from sidemand.retrieval.contexts import Retrieval
from sidemand.retrieval.handlers import settle_deletion, settle_version
from sidemand.schemas.envelope import Event
from sidemand.schemas.identity import Payload, Tombstone
from sidemand.schemas.knowledge import KnowledgeEmbedded


async def take_in(
    document: KnowledgeEmbedded, embedder: Embedder, retrieval: Retrieval
) -> Sequence[Payload]:
    """Apply a version in the vectors of the embedder's model."""
    embedded = await embed_anew(document, embedder)
    applied = await retrieval.index.apply(embedded)
    if not await retrieval.index.is_searched():
        return ()
    return await settle_version(embedded, applied, retrieval)


async def forget(event: Event[Tombstone], retrieval: Retrieval) -> Sequence[Payload]:
    """Forget a deleted document."""
    await retrieval.index.remove(event.data.document, event.envelope.time)
    if not await retrieval.index.is_searched():
        return ()
    return await settle_deletion(event, retrieval)
