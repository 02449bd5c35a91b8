"""From a case document to what is searched for."""

from typing import Final
from zoneinfo import ZoneInfo

from sidemand.danish.figures import asked_for
from sidemand.retrieval.analysed import query_terms, unpacked
from sidemand.retrieval.lexical import weight_of
from sidemand.retrieval.ports import Query, QueryPart, Reach
from sidemand.schemas.casework import CaseContext, EmbeddedCaseDocument, EmbeddedQuery
from sidemand.schemas.text import EmbeddingModel

MOST_PARTS: Final = 8
"""Stretches of a document that are searched for; the whole document is one of them."""
WHOLE_DEPTH: Final = 60
PART_DEPTH: Final = 12

_DENMARK: Final = ZoneInfo("Europe/Copenhagen")


def reach_of(document: CaseContext) -> Reach:
    """What `document` may see: rules count by the day on which things happened in Denmark."""
    return Reach(
        case=document.case,
        document_id=document.document_id,
        on=document.occurred_at.astimezone(_DENMARK).date(),
        sensitivity=document.facts.sensitivity,
    )


def models_of(document: EmbeddedCaseDocument) -> tuple[EmbeddingModel, ...]:
    """The models that `document` has vectors of, its own first."""
    return document.model, *(each.model for each in document.beside)


def in_model(document: EmbeddedCaseDocument, model: EmbeddingModel) -> EmbeddedCaseDocument:
    """`document` with the queries' vectors of `model`, one of `models_of` it."""
    for beside in document.beside:
        if beside.model == model:
            queries = tuple(
                query.model_copy(update={"vector": vector})
                for query, vector in zip(document.queries, beside.queries, strict=True)
            )
            return document.model_copy(update={"model": model, "queries": queries})
    return document


def query_of(document: EmbeddedCaseDocument) -> Query:
    """The whole document, and those of its parts that say most."""
    whole, *parts = document.queries
    return Query(
        reach=reach_of(document),
        parts=(
            _part(whole, f"{document.title}\n{whole.text}", WHOLE_DEPTH),
            *most_telling([_part(each, each.text, PART_DEPTH) for each in parts]),
        ),
        model=document.model,
        asked=asked_for(document.text),
    )


def most_telling(parts: list[QueryPart]) -> list[QueryPart]:
    """The parts whose terms weigh most, in the order of the text; greetings weigh little."""
    weighed = sorted(parts, key=lambda part: sum(map(weight_of, part.terms)), reverse=True)
    kept = {id(part) for part in weighed[: MOST_PARTS - 1]}
    return [part for part in parts if id(part) in kept]


def _part(query: EmbeddedQuery, text: str, depth: int) -> QueryPart:
    return QueryPart(terms=query_terms(text), vector=unpacked(query.vector), depth=depth)
