"""Generations of the index in Weaviate: seen, switched and removed as an operator wants it."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sidemand.bus.errors import Transient
from sidemand.retrieval.adapters.weaviate_objects import known_document
from sidemand.retrieval.adapters.weaviate_schema import Names, recorded_model, vector_name
from sidemand.retrieval.generations import Documents, Generation, behind
from sidemand.retrieval.versions import KnownDocument
from sidemand.schemas.text import EmbeddingModel
from weaviate import WeaviateAsyncClient
from weaviate.classes.aggregate import GroupByAggregate
from weaviate.classes.query import Filter
from weaviate.collections import CollectionAsync
from weaviate.collections.classes.filters import _Filters
from weaviate.exceptions import WeaviateBaseError

_PAGE = 1_000


class WeaviateGenerations:
    """The generations of one installation."""

    def __init__(self, client: WeaviateAsyncClient, names: Names) -> None:
        self._client = client
        self._names = names

    async def all(self) -> list[Generation]:
        """Every generation that there is, by number, counted in Weaviate. Raises `Transient`."""
        async with _reachable():
            searched = await self._searched()
            return [await self._seen(each, each == searched) for each in await self._numbers()]

    async def behind(self, number: int) -> int:
        """In how many documents generation `number` differs from what is searched.

        Reads every document of both: a second or more for ten thousand. Raises `Transient`.
        """
        async with _reachable():
            searched = await self._searched()
            if number == searched:
                return 0
            truth = await self._documents(searched) if searched else {}
            return behind(truth, await self._documents(number))

    async def switch(self, number: int) -> None:
        """Search generation `number` from now on. Raises `Transient`."""
        async with _reachable():
            await self._client.alias.update(
                alias_name=self._names.alias, new_target_collection=self._names.of(number).knowledge
            )

    async def remove(self, number: int) -> None:
        """Remove a generation with all that is in it. Raises `Transient`."""
        names = self._names.of(number)
        async with _reachable():
            # In this order: broken off, it is seen to be there, and can be removed again.
            await self._client.collections.delete(names.documents)
            await self._client.collections.delete(names.knowledge)

    async def cases_come_in(self, model: EmbeddingModel) -> bool:
        """Whether case documents have come with vectors of `model`. Raises `Transient`."""
        async with _reachable():
            config = await self._client.collections.use(self._names.cases).config.get()
        return vector_name(model.sha256) in (config.vector_config or {})

    async def _numbers(self) -> list[int]:
        collections = await self._client.collections.list_all()
        numbers = (self._names.generation_in(each) for each in collections)
        return sorted(number for number in numbers if number is not None)

    async def _searched(self) -> int | None:
        alias = await self._client.alias.get(alias_name=self._names.alias)
        return self._names.generation_in(alias.collection) if alias else None

    async def _seen(self, number: int, is_searched: bool) -> Generation:
        names = self._names.of(number)
        passages = self._client.collections.use(names.knowledge)
        model = recorded_model((await passages.config.get()).description)
        in_other_model = Filter.by_property("model").not_equal(model.sha256) if model else None
        return Generation(
            number=number,
            is_searched=is_searched,
            model=model,
            documents=await self._present(names.documents),
            passages=await _count(passages),
            in_other_models=await _count(passages, in_other_model) if model else 0,
        )

    async def _present(self, name: str) -> int:
        """How many documents can be found. They have no index to filter by, so all are grouped."""
        if not await self._client.collections.exists(name):  # a removal that was broken off
            return 0
        collection = self._client.collections.use(name)
        grouped = [
            await collection.with_tenant(tenant).aggregate.over_all(
                group_by=GroupByAggregate(prop="present"), total_count=True
            )
            for tenant in await collection.tenants.get()
        ]
        return sum(
            each.total_count or 0
            for of_tenant in grouped
            for each in of_tenant.groups
            if each.grouped_by.value is True
        )

    async def _documents(self, number: int) -> Documents:
        documents: dict[uuid.UUID, KnownDocument] = {}
        name = self._names.of(number).documents
        if not await self._client.collections.exists(name):  # a removal that was broken off
            return documents
        collection = self._client.collections.use(name)
        for tenant in await collection.tenants.get():
            async for each in collection.with_tenant(tenant).iterator(cache_size=_PAGE):
                documents[each.uuid] = known_document(each.properties)
        return documents


async def _count(passages: "CollectionAsync[Any, None]", only: _Filters | None = None) -> int:
    counted = [
        await passages.with_tenant(tenant).aggregate.over_all(filters=only, total_count=True)
        for tenant in await passages.tenants.get()
    ]
    return sum(each.total_count or 0 for each in counted)


@asynccontextmanager
async def _reachable() -> AsyncIterator[None]:
    """An outage passes; the cause is cut off, a server's message may quote what was written."""
    try:
        yield
    except WeaviateBaseError as error:
        raise Transient(f"Weaviate cannot be used ({type(error).__name__})") from None
