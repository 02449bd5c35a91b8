"""The AsyncAPI document describes the whole contract and stands alone."""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from sidemand.schemas.generation.asyncapi import asyncapi, carries_deletions
from sidemand.schemas.generation.examples import examples_of
from sidemand.schemas.generation.headers import headers_of
from sidemand.schemas.generation.repository import find_repository
from sidemand.schemas.topics import ALL, CASE_EVENT_PUBLISHED, KNOWLEDGE_PUBLISHED

DOCUMENT = asyncapi("notice")
CHANNELS = DOCUMENT["channels"]
MESSAGES = DOCUMENT["components"]["messages"]


def test_every_topic_is_a_channel() -> None:
    assert set(CHANNELS) == {topic.name for topic in ALL}


def test_an_edge_topic_takes_the_tenant_as_parameter() -> None:
    for topic in ALL:
        channel = CHANNELS[topic.name]
        assert ("{tenant}" in channel["address"]) is topic.edge
        assert ("tenant" in channel.get("parameters", {})) is topic.edge


def test_whoever_sends_or_receives_has_an_operation() -> None:
    wanted = {f"{who}.send.{topic.name}" for topic in ALL for who in topic.producers}
    wanted |= {f"{who}.receive.{topic.name}" for topic in ALL for who in topic.consumers}
    assert set(DOCUMENT["operations"]) == wanted


def test_every_reference_leads_somewhere_in_the_document() -> None:
    references = list(_references(DOCUMENT))
    assert references
    for reference in references:
        found: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def test_a_deletion_is_a_message_of_its_own_where_documents_travel() -> None:
    deleted = f"{KNOWLEDGE_PUBLISHED.name}.deleted"
    assert MESSAGES[deleted]["payload"] == {"type": "null"}
    assert deleted in CHANNELS[KNOWLEDGE_PUBLISHED.name]["messages"]
    assert f"{CASE_EVENT_PUBLISHED.name}.deleted" not in MESSAGES


def test_a_compacted_topic_lets_documents_be_deleted() -> None:
    for topic in ALL:
        assert carries_deletions(topic) or not topic.compacted


def test_bindings_give_partitions_and_retention_as_numbers() -> None:
    binding = CHANNELS[CASE_EVENT_PUBLISHED.name]["bindings"]["kafka"]
    assert binding["partitions"] == CASE_EVENT_PUBLISHED.partitions
    assert binding["topicConfiguration"] == {
        "cleanup.policy": ["delete"],
        "retention.ms": 3 * 24 * 60 * 60 * 1000,
    }


def test_the_documented_headers_of_an_example_fit_the_headers_of_its_message() -> None:
    for topic in ALL:
        message = MESSAGES[topic.name]["headers"]
        validator = Draft202012Validator({**message, "components": DOCUMENT["components"]})
        for example in examples_of(topic, find_repository()):
            assert list(validator.iter_errors(dict(headers_of(example)))) == []
            other = {**headers_of(example), "ce_type": "casework.thing.forgotten.v1"}
            assert not validator.is_valid(other)


def test_an_example_fits_the_payload_of_its_message() -> None:
    for topic in ALL:
        payload = MESSAGES[topic.name]["payload"]
        validator = Draft202012Validator({**payload, "components": DOCUMENT["components"]})
        for example in examples_of(topic, find_repository()):
            assert validator.is_valid(example.payload.model_dump(mode="json"))


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
