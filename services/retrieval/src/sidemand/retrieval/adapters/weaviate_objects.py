"""Passages and documents as Weaviate keeps them."""

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import numpy as np
from sidemand.retrieval.adapters.read_passages import ReadPassage
from sidemand.retrieval.adapters.weaviate_schema import vector_name
from sidemand.retrieval.analysed import PassageTerms, heading_key, passage_terms, unpacked
from sidemand.retrieval.ports import Hit
from sidemand.retrieval.versions import EarlierPassage, KnownDocument, since_when
from sidemand.schemas.casework import CASE_DOCUMENT, EmbeddedCaseDocument
from sidemand.schemas.identity import DocumentRef
from sidemand.schemas.knowledge import KnowledgeEmbedded
from sidemand.schemas.text import EmbeddedPassage, Passage
from weaviate.collections.classes.data import DataObject

FOR_EVER: Final = date.max.toordinal()
"""Stands for a document that is in force without an end."""

_PASSAGES: Final = uuid.UUID("7c1de0a4-58a3-5a39-9f0c-2a4be0f3a8d1")


def publication_of(document: KnowledgeEmbedded) -> str:
    """Names one publication of a document: two may have the same version."""
    published = document.published_at.astimezone(UTC).isoformat()
    return f"{document.version}|{published}|{document.model.sha256[:16]}"


def passage_objects(
    document: KnowledgeEmbedded, earlier: Mapping[str, EarlierPassage]
) -> list[DataObject[Mapping[str, Any], None]]:
    """The passages of a version, with ids that a redelivery makes again."""
    since = since_when((each.passage for each in document.passages), earlier, document.version)
    shared = _of_document(document)
    return [
        DataObject(
            {
                **shared,
                **_of_passage(each.passage, terms),
                "terms": terms.all,
                "asked": terms.asked,
                "headings": [heading_key(heading) for heading in each.passage.heading_path],
                "since": since[each.passage.passage_id],
            },
            uuid=_passage_uuid(
                document.document.key, publication_of(document), each.passage.passage_id
            ),
            vector=_vector(document.model.sha256, each),
        )
        for each in document.passages
        for terms in [passage_terms(document.title, each.passage, document.asked_as)]
    ]


def case_objects(
    document: EmbeddedCaseDocument,
) -> list[DataObject[Mapping[str, Any], None]]:
    """The passages of a case document, with their vectors in each of its models."""
    document_id = str(document.document_id)
    of_document = {
        "case_id": str(document.case.case_id),
        "document_id": document_id,
        "title": document.title,
        "model": document.model.sha256,
    }
    return [
        DataObject(
            {
                **of_document,
                **_of_passage(
                    embedded.passage, passage_terms(document.title, embedded.passage, ())
                ),
            },
            uuid=_passage_uuid(document.case.key, document_id, embedded.passage.passage_id),
            vector={
                vector_name(model.sha256): unpacked(vector).tolist()
                for model, vector in [
                    (document.model, embedded.vector),
                    *((each.model, each.passages[number]) for each in document.beside),
                ]
            },
        )
        for number, embedded in enumerate(document.passages)
    ]


def document_object(known: KnownDocument, changed_at: datetime) -> dict[str, Any]:
    """What is remembered of a document."""
    return {
        "version": known.version,
        "published_at": known.published_at.isoformat(),
        "model": known.model,
        "present": known.present,
        "removed_at": known.removed_at.isoformat() if known.removed_at else None,
        "changed_at": changed_at,
    }


def known_document(properties: Mapping[str, Any]) -> KnownDocument:
    """What `document_object` wrote."""
    removed_at = properties.get("removed_at")
    return KnownDocument(
        version=int(properties["version"]),
        published_at=datetime.fromisoformat(properties["published_at"]),
        model=properties["model"],
        present=properties["present"],
        removed_at=datetime.fromisoformat(removed_at) if removed_at else None,
    )


def knowledge_passage(
    tenant: str, properties: Mapping[str, Any], vectors: Mapping[str, Any]
) -> ReadPassage:
    """A passage of the knowledge base as it was read."""
    model = str(properties["model"])
    hit = Hit(
        document=DocumentRef(tenant=tenant, document_id=properties["document_id"]),
        version=int(properties["version"]),
        title=properties["title"],
        kind=properties["kind"],
        source=properties.get("source"),
        asked_as=tuple(properties.get("asked_as") or ()),
        passage=_passage(properties),
        terms=PassageTerms(properties["head"], properties["body"], properties["asked"]),
        vector=_found_vector(vectors, model),
    )
    return ReadPassage(hit, model)


def case_hit(
    tenant: str, properties: Mapping[str, Any], vectors: Mapping[str, Any], model_sha256: str
) -> Hit:
    """A passage of the case's own documents as it was found."""
    return Hit(
        document=DocumentRef(tenant=tenant, document_id=properties["document_id"]),
        version=1,
        title=properties["title"],
        kind=CASE_DOCUMENT,
        source=None,
        asked_as=(),
        passage=_passage(properties),
        terms=PassageTerms(properties["head"], properties["body"], ""),
        vector=_found_vector(vectors, model_sha256),
    )


def _of_document(document: KnowledgeEmbedded) -> dict[str, Any]:
    overrides = document.overrides
    return {
        "document_id": document.document.document_id,
        "publication": publication_of(document),
        "version": document.version,
        "model": document.model.sha256,
        "title": document.title,
        "kind": document.kind,
        "source": document.source,
        "asked_as": list(document.asked_as),
        "valid_from": document.valid_from.toordinal(),
        "valid_to": document.valid_to.toordinal() if document.valid_to else FOR_EVER,
        "sensitivity": document.sensitivity,
        "is_override": overrides is not None,
        "overrides_document": overrides.document_id if overrides else None,
        "overrides_heading": heading_key(overrides.heading) if overrides else None,
    }


def _of_passage(passage: Passage, terms: PassageTerms) -> dict[str, Any]:
    return {
        "passage_id": passage.passage_id,
        "heading_path": list(passage.heading_path),
        "locator": passage.locator,
        "start": passage.start,
        "stop": passage.end,
        "text": passage.text,
        "head": terms.head,
        "body": terms.body,
    }


def _passage(properties: Mapping[str, Any]) -> Passage:
    return Passage(
        passage_id=properties["passage_id"],
        heading_path=tuple(properties.get("heading_path") or ()),
        locator=properties.get("locator"),
        start=int(properties["start"]),
        end=int(properties["stop"]),
        text=properties["text"],
    )


def _passage_uuid(*names: str) -> uuid.UUID:
    return uuid.uuid5(_PASSAGES, "|".join(names))


def _vector(model_sha256: str, embedded: EmbeddedPassage) -> dict[str, list[float]]:
    return {vector_name(model_sha256): unpacked(embedded.vector).tolist()}


def _found_vector(vectors: Mapping[str, Any], model_sha256: str) -> Any:
    found = vectors.get(vector_name(model_sha256))
    return None if found is None else np.asarray(found, dtype=np.float32)
