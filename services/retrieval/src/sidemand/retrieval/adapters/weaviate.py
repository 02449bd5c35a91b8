"""The index in Weaviate: BM25 on the analysed terms and nearest vectors in one hybrid query.

New passages are written beside the old ones, then the document's version is noted, then the old
ones are removed. Each step may be repeated, so that a crash between two of them leaves nothing
that a redelivery does not put right. Only Weaviate's choice of candidates is used: their weighing
is the same for every index (`fusion`), as Weaviate's own scores differ from municipality to
municipality, each shard counting its own words.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sidemand.bus.errors import Transient
from sidemand.retrieval.adapters.weaviate_objects import (
    case_objects,
    document_object,
    known_document,
    passage_objects,
    publication_of,
)
from sidemand.retrieval.adapters.weaviate_schema import (
    Names,
    add_vector,
    create_collections,
    record_model,
)
from sidemand.retrieval.adapters.weaviate_search import (
    NothingSearched,
    Replaced,
    Shelves,
    find,
    passages_gone,
)
from sidemand.retrieval.ports import Applied, Hit, PassageRef, Query, Reach
from sidemand.retrieval.queries import models_of
from sidemand.retrieval.versions import (
    EarlierPassage,
    KnownDocument,
    is_seen_deletion,
    only_deleted,
    standing,
)
from sidemand.schemas.casework import EmbeddedCaseDocument
from sidemand.schemas.identity import CaseRef, DocumentRef
from sidemand.schemas.knowledge import KnowledgeEmbedded
from sidemand.schemas.text import EmbeddingModel
from weaviate import WeaviateAsyncClient, use_async_with_custom
from weaviate.classes.aggregate import Metrics
from weaviate.classes.query import Filter
from weaviate.collections import CollectionAsync
from weaviate.collections.classes.data import DataObject
from weaviate.exceptions import (
    WeaviateBaseError,
    WeaviateInsertInvalidPropertyError,
    WeaviateInvalidInputError,
)

Properties = Mapping[str, Any]

_NO_CHANGE_YET: Final = datetime.fromtimestamp(0, UTC)
_OUR_MISTAKES: Final = (WeaviateInvalidInputError, WeaviateInsertInvalidPropertyError)
_MOST_PASSAGES: Final = 10_000
_PATIENCE: Final = 15.0
"""Seconds that a call may take. While Weaviate is away its client waits a minute between attempts
of its own, and sleeps on when it is back; the bus tries again sooner."""
_LONG_PATIENCE: Final = 60.0
"""For an act of thousands of passages, and for collections that are made."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where Weaviate listens."""

    host: str
    http_port: int
    grpc_port: int


def client_at(address: Address) -> WeaviateAsyncClient:
    """A client that is not yet connected."""
    return use_async_with_custom(
        http_host=address.host,
        http_port=address.http_port,
        http_secure=False,
        grpc_host=address.host,
        grpc_port=address.grpc_port,
        grpc_secure=False,
    )


@asynccontextmanager
async def weaviate_at(address: Address) -> AsyncIterator[WeaviateAsyncClient]:
    """A connected client. Raises `Transient` where Weaviate is away."""
    client = client_at(address)
    try:
        await client.connect()
    except WeaviateBaseError:
        await client.close()
        raise Transient(f"no Weaviate answers at {address.host}:{address.http_port}") from None
    try:
        yield client
    finally:
        await client.close()


class WeaviateIndex:
    """A `PassageIndex` on a server that several processes may share."""

    def __init__(self, address: Address, names: Names) -> None:
        self._names = names
        self._client = client_at(address)
        self._shelves = Shelves(self._client, names)
        self._vectors: set[tuple[str, str]] = set()
        self._adding_vector = asyncio.Lock()

    async def open(self) -> None:
        """Connect, and create collections and aliases where they are missing.

        Raises `Transient` where Weaviate is away.
        """
        async with self._reachable(_LONG_PATIENCE):
            await self._client.connect()
            await create_collections(self._client, self._names)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._client.close()

    async def apply(self, document: KnowledgeEmbedded) -> Applied:
        """See `PassageIndex`."""
        async with self._reachable(_LONG_PATIENCE):
            known = await self._known(document.document)
            how = standing(known, document)
            if how == "superseded":
                held = await self._held(document.document) if known and known.present else 0
                return Applied("superseded", held)
            if how == "new":
                await self._put(document, known)
            if known is not None:
                await self._drop(document.document, publication_of(document))
            return Applied("indexed", len(document.passages))

    async def remove(self, document: DocumentRef, at: datetime) -> Applied:
        """See `PassageIndex`."""
        async with self._reachable():
            known = await self._known(document)
            if known is None:
                await self._write_document(document, only_deleted(at), at)
            elif not is_seen_deletion(known, at):
                await self._drop(document)
                await self._note(document, known, at)
            return Applied("removed")

    async def search(self, query: Query) -> list[Hit]:
        """See `PassageIndex`."""
        async with self._reachable():
            while True:
                with suppress(Replaced):
                    return await find(self._shelves, query)

    async def model(self, among: Sequence[EmbeddingModel]) -> EmbeddingModel:
        """See `PassageIndex`."""
        if len(among) == 1:
            return among[0]
        async with self._reachable():
            searched = await self._shelves.searched()
            wanted = await self._shelves.model_of(searched.knowledge)
        sha256 = wanted.sha256 if wanted else None
        return next((each for each in among if each.sha256 == sha256), among[0])

    async def written_model(self) -> EmbeddingModel | None:
        """The model of the generation that is written; none before its first passage."""
        async with self._reachable():
            return await self._shelves.model_of(self._names.knowledge)

    async def is_searched(self) -> bool:
        """See `PassageIndex`."""
        async with self._reachable():
            return await self._shelves.searched() == self._names

    async def gone(self, reach: Reach, cited: frozenset[PassageRef]) -> frozenset[PassageRef]:
        """See `PassageIndex`."""
        async with self._reachable():
            return await passages_gone(self._shelves, reach, cited)

    async def add_case(self, document: EmbeddedCaseDocument) -> None:
        """See `PassageIndex`."""
        async with self._reachable():
            for model in models_of(document):
                await self._add_vector(self._names.cases, model)
            cases = await self._shelves.of(self._names.cases, document.case.tenant)
            wanted = case_objects(document)
            await _insert(cases, wanted)
            stale = Filter.by_property("document_id").equal(str(document.document_id))
            if wanted:
                stale &= Filter.by_id().contains_none([each.uuid for each in wanted if each.uuid])
            await cases.data.delete_many(where=stale)

    async def erase_case(self, case: CaseRef) -> int:
        """See `PassageIndex`."""
        async with self._reachable():
            cases = await self._shelves.of(self._names.cases, case.tenant)
            result = await cases.data.delete_many(
                where=Filter.by_property("case_id").equal(str(case.case_id))
            )
            return result.successful

    async def as_of(self, reach: Reach) -> datetime:
        """See `PassageIndex`."""
        async with self._reachable():
            documents = (await self._shelves.searched()).documents
            newest = await asyncio.gather(
                *(self._newest(documents, tenant) for tenant in reach.tenants)
            )
            return max(newest)

    async def _known(self, document: DocumentRef) -> KnownDocument | None:
        documents = await self._shelves.of(self._names.documents, document.tenant)
        found = await documents.query.fetch_object_by_id(_document_uuid(document))
        return known_document(found.properties) if found else None

    async def _put(self, document: KnowledgeEmbedded, known: KnownDocument | None) -> None:
        """Write the new passages beside the old ones, then note the version."""
        await self._add_vector(self._names.knowledge, document.model)
        earlier = await self._earlier(document.document, known)
        passages = await self._shelves.of(self._names.knowledge, document.tenant)
        await _insert(passages, passage_objects(document, earlier))
        removed_at = known.removed_at if known else None
        now = KnownDocument(
            document.version, document.published_at, document.model.sha256, True, removed_at
        )
        await self._write_document(document.document, now, document.published_at)

    async def _note(self, document: DocumentRef, known: KnownDocument, at: datetime) -> None:
        removed = KnownDocument(known.version, known.published_at, known.model, False, at)
        await self._write_document(document, removed, at)

    async def _write_document(
        self, document: DocumentRef, known: KnownDocument, changed_at: datetime
    ) -> None:
        documents = await self._shelves.of(self._names.documents, document.tenant)
        properties = document_object(known, changed_at)
        # An insert of many replaces what has the same id.
        await _insert(documents, [DataObject(properties, uuid=_document_uuid(document))])

    async def _earlier(
        self, document: DocumentRef, known: KnownDocument | None
    ) -> dict[str, EarlierPassage]:
        """The passages before this version; of a new generation those that are searched meanwhile.

        So a passage is as old in a generation that was filled by replay as in the one before it.
        """
        was_there = known is not None and known.was_there
        names = self._names if was_there else await self._shelves.searched()
        passages = await self._shelves.of(names.knowledge, document.tenant)
        found = await passages.query.fetch_objects(
            filters=_of(document),
            limit=_MOST_PASSAGES,
            return_properties=["passage_id", "text", "since"],
        )
        return {
            str(each.properties["passage_id"]): EarlierPassage(
                str(each.properties["text"]), int(each.properties["since"])
            )
            for each in found.objects
        }

    async def _drop(self, document: DocumentRef, except_for: str | None = None) -> None:
        """Remove a document's passages, but not those of one publication."""
        passages = await self._shelves.of(self._names.knowledge, document.tenant)
        stale = _of(document)
        if except_for is not None:
            stale &= Filter.by_property("publication").not_equal(except_for)
        await passages.data.delete_many(where=stale)

    async def _held(self, document: DocumentRef) -> int:
        passages = await self._shelves.of(self._names.knowledge, document.tenant)
        counted = await passages.aggregate.over_all(filters=_of(document), total_count=True)
        return counted.total_count or 0

    async def _newest(self, documents: str, tenant: str) -> datetime:
        shelf = await self._shelves.of(documents, tenant)
        found = await shelf.aggregate.over_all(
            return_metrics=Metrics("changed_at").date_(maximum=True)
        )
        newest = getattr(found.properties.get("changed_at"), "maximum", None)
        return datetime.fromisoformat(newest) if newest else _NO_CHANGE_YET

    async def _add_vector(self, collection: str, model: EmbeddingModel) -> None:
        key = (collection, model.sha256)
        async with self._adding_vector:
            if key not in self._vectors:
                if collection == self._names.knowledge:
                    await record_model(self._client, collection, model)
                await add_vector(self._client, collection, model)
                self._vectors.add(key)

    @asynccontextmanager
    async def _reachable(self, patience: float = _PATIENCE) -> AsyncIterator[None]:
        """An outage passes; the cause is cut off, a server's message may quote what was written."""
        try:
            async with asyncio.timeout(patience):
                yield
        except _OUR_MISTAKES:
            raise
        except TimeoutError:
            raise Transient("Weaviate does not answer") from None
        except NothingSearched:
            raise Transient("Weaviate names no knowledge that is searched") from None
        except WeaviateBaseError as error:
            # Perhaps a collection was removed, with shards and vectors that were seen in it.
            self._shelves.forget()
            raise Transient(f"Weaviate cannot be used ({type(error).__name__})") from None


def _document_uuid(document: DocumentRef) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, document.key)


def _of(document: DocumentRef) -> Any:
    return Filter.by_property("document_id").equal(document.document_id)


async def _insert(
    collection: "CollectionAsync[Properties, None]", objects: list["DataObject[Properties, None]"]
) -> None:
    if objects and (await collection.data.insert_many(objects)).has_errors:
        raise Transient("Weaviate did not take all passages of a document")
