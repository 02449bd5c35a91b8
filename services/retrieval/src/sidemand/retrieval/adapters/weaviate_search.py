"""Searching the Weaviate index."""

import asyncio
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sidemand.retrieval.adapters.read_passages import ReadPassage, ReadPassages
from sidemand.retrieval.adapters.weaviate_objects import case_hit, knowledge_passage
from sidemand.retrieval.adapters.weaviate_schema import Names, recorded_model, vector_name
from sidemand.retrieval.ports import Hit, PassageRef, Query, QueryPart, Reach
from sidemand.schemas.identity import SHARED_TENANT
from sidemand.schemas.text import EmbeddingModel
from weaviate import WeaviateAsyncClient
from weaviate.classes.query import Filter, HybridFusion
from weaviate.collections import CollectionAsync
from weaviate.collections.classes.filters import _Filters
from weaviate.collections.classes.internal import QueryReturn

Shelf: TypeAlias = CollectionAsync[Mapping[str, Any], None]

_CASE_PASSAGES: Final = 200
"""Passages of a case that are weighed."""
_ALL: Final = 10_000
"""More than there are of what is asked for; Weaviate gives few unless it is told how many."""
_EVEN: Final = 0.5
"""Words and meaning count the same in the choice of candidates."""


class Replaced(Exception):
    """Passages that were found were gone when they were read: a newer version took their place."""


class NothingSearched(Exception):
    """No generation is named as the one that is searched."""


class Shelves:
    """The shards of the municipalities in each collection, and what was read there last."""

    def __init__(self, client: WeaviateAsyncClient, names: Names) -> None:
        self._client = client
        self._names = names
        self._searched = names
        self._seen: set[tuple[str, str]] = set()
        self._models: dict[str, EmbeddingModel] = {}
        self.memory = ReadPassages[uuid.UUID]()

    def forget(self) -> None:
        """Look anew at what is there."""
        self._seen.clear()
        self._models.clear()
        self.memory = ReadPassages[uuid.UUID]()

    async def searched(self) -> Names:
        """What is searched now. Whoever searches asks once, so that all he finds is of one kind."""
        alias = await self._client.alias.get(alias_name=self._names.alias)
        number = self._names.generation_in(alias.collection) if alias else None
        if number is None:
            raise NothingSearched
        if number != self._searched.generation:
            self._searched = self._names.of(number)
            self.forget()
        return self._searched

    async def of(self, collection: str, tenant: str) -> Shelf:
        """The shard of `tenant`, made where it is missing: asking one that is not is an error."""
        shelves = self._client.collections.use(collection)
        if (collection, tenant) not in self._seen:
            if not await shelves.tenants.exists(tenant):
                await shelves.tenants.create(tenant)
            self._seen.add((collection, tenant))
        return shelves.with_tenant(tenant)

    async def model_of(self, collection: str) -> EmbeddingModel | None:
        """The model that the passages of `collection` are embedded with; none before the first."""
        if collection not in self._models:
            config = await self._client.collections.use(collection).config.get()
            model = recorded_model(config.description)
            if model is None:
                return None
            self._models[collection] = model
        return self._models[collection]

    async def has_vectors(self, collection: str, model_sha256: str) -> bool:
        """Whether anything in `collection` was embedded with this model."""
        key = (collection, model_sha256)
        if key not in self._seen:
            config = await self._client.collections.use(collection).config.get()
            if vector_name(model_sha256) not in (config.vector_config or {}):
                return False
            self._seen.add(key)
        return True


async def find(shelves: Shelves, query: Query) -> list[Hit]:
    """The passages within reach that may be relevant. Raises `Replaced`: then search again."""
    room = _Room(shelves, await shelves.searched())
    hidden = await _hidden(room, query.reach)
    *knowledge, of_case = await asyncio.gather(
        *(_knowledge(room, query, tenant, hidden) for tenant in query.reach.tenants),
        _of_case(room, query),
    )
    return [*_newest(hit for hits in knowledge for hit in hits), *of_case]


async def passages_gone(
    shelves: Shelves, reach: Reach, cited: frozenset[PassageRef]
) -> frozenset[PassageRef]:
    """Those of `cited` that the reach no longer holds in the words of their version."""
    room = _Room(shelves, await shelves.searched())
    hidden = await _hidden(room, reach)
    standing = await asyncio.gather(
        *(_standing(room, reach, hidden, owner, cited) for owner in reach.tenants),
        _standing_of_case(room, reach, cited),
    )
    return cited.difference(*standing)


@dataclass(frozen=True, slots=True)
class _Room:
    """The one generation in which a search finds everything, whatever is switched meanwhile."""

    shelves: Shelves
    names: Names

    async def knowledge(self, tenant: str) -> Shelf:
        return await self.shelves.of(self.names.knowledge, tenant)

    async def cases(self, tenant: str) -> Shelf:
        return await self.shelves.of(self.names.cases, tenant)


async def _standing(
    room: _Room, reach: Reach, hidden: list[_Filters], owner: str, cited: Iterable[PassageRef]
) -> set[PassageRef]:
    """Those of the owner's `cited` passages that are within reach and as old as their citation."""
    of_owner = {each for each in cited if each.document.tenant == owner}
    if not of_owner:
        return set()
    shelf = await room.knowledge(owner)
    found = await shelf.query.fetch_objects(
        filters=_any_of(of_owner) & _within(reach, owner, hidden),
        limit=_ALL,
        return_properties=["document_id", "passage_id", "since"],
    )
    # Two of a name stand beside each other while a version is being replaced.
    said_since = [(_names(each), int(each.properties["since"])) for each in found.objects]
    return {
        ref
        for ref in of_owner
        for names, since in said_since
        if names == (ref.document.document_id, ref.passage_id) and since <= ref.version
    }


async def _standing_of_case(
    room: _Room, reach: Reach, cited: Iterable[PassageRef]
) -> set[PassageRef]:
    """Those of `cited` that stand in the case's own documents."""
    of_owner = {each for each in cited if each.document.tenant == reach.case.tenant}
    if not of_owner:
        return set()
    shelf = await room.cases(reach.case.tenant)
    found = await shelf.query.fetch_objects(
        filters=_any_of(of_owner) & Filter.by_property("case_id").equal(str(reach.case.case_id)),
        limit=_ALL,
        return_properties=["document_id", "passage_id"],
    )
    names = {_names(each) for each in found.objects}
    return {each for each in of_owner if (each.document.document_id, each.passage_id) in names}


def _any_of(cited: Iterable[PassageRef]) -> _Filters:
    passages: dict[str, list[str]] = {}
    for each in cited:
        passages.setdefault(each.document.document_id, []).append(each.passage_id)
    return Filter.any_of(
        [
            Filter.by_property("document_id").equal(document_id)
            & Filter.by_property("passage_id").contains_any(sorted(ids))
            for document_id, ids in sorted(passages.items())
        ]
    )


def _names(found: Any) -> tuple[str, str]:
    return str(found.properties["document_id"]), str(found.properties["passage_id"])


async def _hidden(room: _Room, reach: Reach) -> list[_Filters]:
    """What a rule of the municipality replaces on that day, a filter for each section.

    A rule that was replaced is not told, even where its replacement may not be shown to the case.
    """
    own = await room.knowledge(reach.case.tenant)
    rules = await own.query.fetch_objects(
        filters=Filter.by_property("is_override").equal(True) & _in_force(reach),
        limit=_ALL,
        return_properties=["overrides_document", "overrides_heading"],
    )
    sections = {
        (str(rule.properties["overrides_document"]), str(rule.properties["overrides_heading"]))
        for rule in rules.objects
    }
    return [
        Filter.by_property("document_id").equal(document_id)
        & Filter.by_property("headings").contains_any([heading])
        for document_id, heading in sorted(sections)
    ]


def _in_force(reach: Reach) -> _Filters:
    day = reach.on.toordinal()
    return Filter.by_property("valid_from").less_or_equal(day) & Filter.by_property(
        "valid_to"
    ).greater_or_equal(day)


def _within(reach: Reach, tenant: str, hidden: list[_Filters]) -> _Filters:
    within = _in_force(reach) & Filter.by_property("sensitivity").less_or_equal(reach.sensitivity)
    if tenant == SHARED_TENANT and hidden:
        within &= Filter.not_(Filter.any_of(hidden))
    return within


async def _knowledge(room: _Room, query: Query, tenant: str, hidden: list[_Filters]) -> list[Hit]:
    shelf = await room.knowledge(tenant)
    dense = await room.shelves.has_vectors(room.names.knowledge, query.model.sha256)
    within = _within(query.reach, tenant, hidden)
    found = await asyncio.gather(
        *(
            _nearest(shelf, part, within, query.model.sha256 if dense else None)
            for part in query.parts
            if dense or part.terms
        )
    )
    read = await _read(shelf, set().union(*found), room.shelves.memory)
    return [each.compared_by(query.model.sha256) for each in read]


async def _read(
    shelf: Shelf, ids: set[uuid.UUID], memory: ReadPassages[uuid.UUID]
) -> Iterable[ReadPassage]:
    """The passages of `ids`, each once however many parts found it."""
    read = memory.kept(ids)
    missing = ids - read.keys()
    if missing:
        found = await shelf.query.fetch_objects(
            filters=Filter.by_id().contains_any(list(missing)),
            limit=len(missing),
            include_vector=True,
        )
        if len(found.objects) < len(missing):
            raise Replaced
        read |= {
            each.uuid: knowledge_passage(str(shelf.tenant), each.properties, each.vector)
            for each in found.objects
        }
    memory.keep(read)
    return read.values()


async def _nearest(
    shelf: Shelf, part: QueryPart, within: _Filters, model_sha256: str | None
) -> set[uuid.UUID]:
    """Ids of the nearest by words and, where the model is known, by meaning."""
    words = " ".join(part.terms)
    if model_sha256 is None:
        found = await shelf.query.bm25(
            words,
            query_properties=["terms"],
            filters=within,
            limit=part.depth,
            return_properties=[],
        )
        return _ids(found)
    target = vector_name(model_sha256)
    if not words:
        near = await shelf.query.near_vector(
            part.vector.tolist(),
            target_vector=target,
            filters=within,
            limit=part.depth,
            return_properties=[],
        )
        return _ids(near)
    hybrid = await shelf.query.hybrid(
        words,
        vector=part.vector.tolist(),
        target_vector=target,
        query_properties=["terms"],
        alpha=_EVEN,
        fusion_type=HybridFusion.RANKED,
        filters=within,
        limit=2 * part.depth,
        return_properties=[],
    )
    return _ids(hybrid)


def _ids(found: "QueryReturn[Any, None]") -> set[uuid.UUID]:
    return {each.uuid for each in found.objects}


async def _of_case(room: _Room, query: Query) -> list[Hit]:
    """Passages of the case's other documents: they are few."""
    tenant = query.reach.case.tenant
    shelf = await room.cases(tenant)
    of_others = Filter.by_property("case_id").equal(
        str(query.reach.case.case_id)
    ) & Filter.by_property("document_id").not_equal(str(query.reach.document_id))
    found = await shelf.query.fetch_objects(
        filters=of_others, limit=_CASE_PASSAGES, include_vector=True
    )
    return [
        case_hit(tenant, each.properties, each.vector, query.model.sha256) for each in found.objects
    ]


def _newest(hits: Iterable[Hit]) -> list[Hit]:
    """Each passage once, of the newest version while an older one is being replaced."""
    best: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        key = (hit.document.key, hit.passage.passage_id)
        if key not in best or best[key].version < hit.version:
            best[key] = hit
    return list(best.values())
