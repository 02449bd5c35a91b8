"""The JSON Schema of a topic's payload: what the generated files say and the judge compares."""

from typing import Any, Final

from sidemand.schemas.identity import Payload
from sidemand.schemas.topics import ALL, Topic

JsonSchema = dict[str, Any]
"""A JSON Schema (2020-12) as Pydantic writes it."""

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_ORDER: Final = ("$schema", "$id", "title", "description", "type", "properties", "required")


def schema_id(topic: Topic[Payload]) -> str:
    """Name the schema of the topic's payload; it stands in the header `ce_dataschema`."""
    return f"urn:sidemand:schema:{topic.name}"


def schema_of(topic: Topic[Payload]) -> JsonSchema:
    """Describe what a consumer of `topic` accepts, without the rules between several fields."""
    schema = topic.payload.model_json_schema(mode="validation")
    named = {"$schema": DIALECT, "$id": schema_id(topic), **schema}
    leading = {keyword: named[keyword] for keyword in _ORDER if keyword in named}
    return leading | named


def all_schemas() -> dict[str, JsonSchema]:
    """The schemas of all topics by topic name."""
    return {topic.name: schema_of(topic) for topic in ALL}
