"""The collections of the Weaviate index, multi-tenant: each municipality has shards of its own.

Three for each knowledge base: its passages, its documents with their versions and deletions, and,
outlasting a rebuild, the passages of the cases. Each embedding model has a named vector. What is
searched is one generation, which an alias names; its model stands in its description.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

from sidemand.schemas.text import EmbeddingModel
from weaviate import WeaviateAsyncClient
from weaviate.classes.config import (
    Configure,
    DataType,
    Property,
    StopwordsPreset,
    Tokenization,
    VectorDistances,
)


@dataclass(frozen=True, slots=True)
class Names:
    """What the collections of one installation are called.

    Every name begins with `alias`, so that several installations can share a Weaviate.
    """

    alias: str = "Knowledge"
    """Points to the passages of the generation that is searched, after a rebuild to the next."""
    generation: int = 1
    """Number of the knowledge base that is written, from 1."""

    @property
    def knowledge(self) -> str:
        """The passages that are written."""
        return f"{self.alias}_{self.generation}"

    @property
    def documents(self) -> str:
        """The documents of the passages that are written."""
        return f"{self.knowledge}_documents"

    @property
    def cases(self) -> str:
        """The passages of the cases' own documents."""
        return f"{self.alias}_cases"

    def of(self, generation: int) -> Self:
        """The same with another generation."""
        return replace(self, generation=generation)

    def generation_in(self, collection: str) -> int | None:
        """The generation whose passages `collection` holds; none where it holds something else."""
        number = collection.removeprefix(f"{self.alias}_")
        return int(number) if number.isdecimal() and number != collection else None


def _kept(name: str, data_type: DataType = DataType.TEXT) -> Property:
    """A property that is given back and never searched for."""
    return Property(name=name, data_type=data_type, index_filterable=False, index_searchable=False)


def _exact(name: str, data_type: DataType = DataType.TEXT) -> Property:
    """A text that is compared as a whole."""
    return Property(
        name=name,
        data_type=data_type,
        tokenization=Tokenization.FIELD,
        index_filterable=True,
        index_searchable=False,
    )


def _number(name: str) -> Property:
    return Property(
        name=name, data_type=DataType.INT, index_filterable=True, index_range_filters=True
    )


_OF_PASSAGE: Final = (
    _exact("document_id"),
    _exact("passage_id"),
    _exact("model"),
    _kept("title"),
    _kept("heading_path", DataType.TEXT_ARRAY),
    _kept("locator"),
    _kept("start", DataType.INT),
    _kept("stop", DataType.INT),
    _kept("text"),
    _kept("head"),
    _kept("body"),
)
_OF_KNOWLEDGE: Final = (
    *_OF_PASSAGE,
    Property(
        name="terms",
        data_type=DataType.TEXT,
        tokenization=Tokenization.WHITESPACE,
        index_filterable=False,
        index_searchable=True,
    ),
    _kept("asked"),
    _kept("kind"),
    _kept("source"),
    _kept("asked_as", DataType.TEXT_ARRAY),
    _exact("headings", DataType.TEXT_ARRAY),
    _exact("publication"),
    _number("version"),
    _number("since"),
    _number("valid_from"),
    _number("valid_to"),
    _number("sensitivity"),
    Property(name="is_override", data_type=DataType.BOOL, index_filterable=True),
    _kept("overrides_document"),
    _kept("overrides_heading"),
)
_OF_DOCUMENT: Final = (
    _kept("version", DataType.INT),
    _kept("published_at"),
    _kept("model"),
    _kept("present", DataType.BOOL),
    _kept("removed_at"),
    Property(name="changed_at", data_type=DataType.DATE, index_filterable=True),
)
_OF_CASE: Final = (*_OF_PASSAGE, _exact("case_id"))


async def create_collections(client: WeaviateAsyncClient, names: Names) -> None:
    """Create what is missing; an alias that is there keeps what it points to."""
    await _create(client, names.knowledge, _OF_KNOWLEDGE)
    await _create(client, names.documents, _OF_DOCUMENT)
    await _create(client, names.cases, _OF_CASE)
    if not await client.alias.exists(alias_name=names.alias):
        await client.alias.create(alias_name=names.alias, target_collection=names.knowledge)


def vector_name(model_sha256: str) -> str:
    """Vectors of two models are never compared: each model's have a name of their own."""
    return f"model_{model_sha256[:16]}"


async def add_vector(client: WeaviateAsyncClient, collection: str, model: EmbeddingModel) -> None:
    """Let `collection` take vectors of `model`, where it does not yet."""
    config = client.collections.use(collection).config
    if vector_name(model.sha256) in ((await config.get()).vector_config or {}):
        return
    vector = Configure.Vectors.self_provided(
        name=vector_name(model.sha256),
        vector_index_config=Configure.VectorIndex.hnsw(distance_metric=VectorDistances.COSINE),
    )
    await config.add_vector(vector_config=vector)


async def record_model(client: WeaviateAsyncClient, collection: str, model: EmbeddingModel) -> None:
    """Note on `collection` that it is of `model`, unless it is of one already: the first counts."""
    config = client.collections.use(collection).config
    if not (await config.get()).description:
        await config.update(description=model.model_dump_json())


def recorded_model(description: str | None) -> EmbeddingModel | None:
    """The model that `record_model` noted."""
    return EmbeddingModel.model_validate_json(description) if description else None


async def _create(client: WeaviateAsyncClient, name: str, properties: tuple[Property, ...]) -> None:
    if await client.collections.exists(name):
        return
    await client.collections.create(
        name,
        properties=list(properties),
        multi_tenancy_config=Configure.multi_tenancy(
            enabled=True, auto_tenant_creation=True, auto_tenant_activation=True
        ),
        # The text is analysed already: stop words are out, and none of the terms is English.
        inverted_index_config=Configure.inverted_index(stopwords_preset=StopwordsPreset.NONE),
    )
