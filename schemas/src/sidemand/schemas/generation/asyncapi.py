"""AsyncAPI 3.0 for all topics: channels, messages, and which service sends and receives what.

Source: AsyncAPI 3.0.0, Kafka bindings 0.5.0.
"""

from collections.abc import Iterator
from typing import Any, Final

from pydantic.json_schema import models_json_schema
from sidemand.schemas.generation.headers import fixed_values, headers_schema
from sidemand.schemas.identity import Payload
from sidemand.schemas.json_schema import JsonSchema
from sidemand.schemas.kafka_topics import configuration
from sidemand.schemas.knowledge import KnowledgeVersion
from sidemand.schemas.topics import ALL, Topic

Document = dict[str, Any]

_BINDING: Final = "0.5.0"
_NUMBERS: Final = ("retention.ms", "delete.retention.ms")
_KEYS: Final = {
    "case": "`<tenant>|<case id>`: the events of one case are handled in order.",
    "document": "`<tenant>|<document id>`: the versions of one document are handled in order.",
}


def carries_deletions(topic: Topic[Payload]) -> bool:
    """Whether a null value on the topic means that the document under its key is deleted."""
    return issubclass(topic.payload, KnowledgeVersion)


def asyncapi(notice: str) -> Document:
    """Describe the whole contract in one document without references to other files."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Sidemand",
            "version": "1.0.0",
            "description": (
                "Case events in, suggestions with quoted sources out. Channels with a tenant "
                "exist once per municipality; the others are reachable for services only. "
                f"{notice}"
            ),
            "license": {"name": "MPL-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in ALL},
        "operations": dict(operation for topic in ALL for operation in _operations(topic)),
        "components": {
            "schemas": {"Headers": headers_schema(), **_payload_schemas()},
            "messages": dict(message for topic in ALL for message in _messages(topic)),
        },
    }


def _channel(topic: Topic[Payload]) -> Document:
    channel: Document = {
        "address": topic.of("{tenant}"),
        "title": topic.payload.__name__,
        "description": topic.about,
        "messages": {
            name: {"$ref": f"#/components/messages/{name}"} for name, _ in _messages(topic)
        },
        "bindings": {"kafka": _channel_binding(topic)},
        "x-personal-data": topic.holds,
    }
    if topic.edge:
        channel["parameters"] = {
            "tenant": {
                "description": "The municipality's slug, or `faelles` for shared knowledge.",
                "examples": ["storaadal"],
            }
        }
    return channel


def _channel_binding(topic: Topic[Payload]) -> Document:
    settings: Document = dict(configuration(topic))
    settings["cleanup.policy"] = [settings["cleanup.policy"]]
    described = {name: int(settings[name]) for name in _NUMBERS if name in settings}
    return {
        "partitions": topic.partitions,
        "topicConfiguration": {"cleanup.policy": settings["cleanup.policy"], **described},
        "bindingVersion": _BINDING,
    }


def _operations(topic: Topic[Payload]) -> Iterator[tuple[str, Document]]:
    """One operation for each who sends or receives, seen from there."""
    for action, services in (("send", topic.producers), ("receive", topic.consumers)):
        for service in services:
            operation: Document = {
                "action": action,
                "channel": {"$ref": f"#/channels/{topic.name}"},
                "title": f"{service}: {action} {topic.payload.__name__}",
                "tags": [{"name": service}],
            }
            yield f"{service}.{action}.{topic.name}", operation


def _messages(topic: Topic[Payload]) -> Iterator[tuple[str, Document]]:
    payload = {"$ref": f"#/components/schemas/{topic.payload.__name__}"}
    yield topic.name, _message(topic, topic.about, payload)
    if carries_deletions(topic):
        yield (
            f"{topic.name}.deleted",
            _message(topic, "The document under this key is deleted.", {"type": "null"}),
        )


def _message(topic: Topic[Payload], summary: str, payload: JsonSchema) -> Document:
    fixed = {name: {"const": value} for name, value in fixed_values(topic).items()}
    return {
        "name": topic.payload.__name__,
        "summary": summary,
        "contentType": "application/json",
        "headers": {"allOf": [{"$ref": "#/components/schemas/Headers"}, {"properties": fixed}]},
        "payload": payload,
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": _KEYS[topic.keyed_by]},
                "bindingVersion": _BINDING,
            }
        },
    }


def _payload_schemas() -> JsonSchema:
    _, together = models_json_schema(
        [(topic.payload, "validation") for topic in ALL],
        ref_template="#/components/schemas/{model}",
    )
    schemas: JsonSchema = together["$defs"]
    return dict(sorted(schemas.items()))
