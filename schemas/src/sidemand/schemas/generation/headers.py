"""The headers of every event, for AsyncAPI and for the events page.

Source: CloudEvents 1.0, Kafka protocol binding (binary mode); W3C Trace Context.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sidemand.schemas.generation.examples import Example
from sidemand.schemas.identity import Payload
from sidemand.schemas.json_schema import JsonSchema, schema_id
from sidemand.schemas.topics import Topic

SHELL_TIME: Final = "$(date -u +%FT%TZ)"
"""Now, as a shell writes it."""

_SOURCES: Final = {"fagsystem": "ydelse-plus", "editors": "vidensredaktionen"}


@dataclass(frozen=True, slots=True)
class Header:
    """A Kafka header; its value is UTF-8 text."""

    name: str
    """As it stands on the wire."""
    description: str
    """What it holds."""
    required: bool = True
    """Whether an event without it is refused."""
    format: str | None = None
    """Format in the words of JSON Schema."""


HEADERS: Final = (
    Header("ce_specversion", "Always `1.0`.", required=False),
    Header(
        "ce_id",
        "Unique within `ce_source`, of `A-Z a-z 0-9 . _ : / -`. The same id with the same body is "
        "a redelivery.",
    ),
    Header("ce_source", "Who made the event: a case system, or `sidemand/<service>`."),
    Header("ce_type", "The topic's name without tenant."),
    Header("ce_time", "When it was made, with offset from UTC.", format="date-time"),
    Header(
        "ce_tenant",
        "The municipality, or `faelles`; the one of topic and key, or the event is refused.",
        required=False,
    ),
    Header("ce_subject", "The case or the document.", required=False),
    Header("content-type", "Always `application/json`.", required=False),
    Header("ce_dataschema", "Names the schema of the body.", required=False, format="uri"),
    Header(
        "ce_dataref",
        "Where the body lies when it is too large for Kafka: a `ContentRef` as JSON.",
        required=False,
    ),
    Header(
        "ce_causationid",
        "Id of the event that this one was derived from; of one from outside a name for it.",
        required=False,
    ),
    Header("traceparent", "W3C trace context.", required=False),
    Header("replay-of", "Where a dead letter stood before it was sent again.", required=False),
)
"""All headers; none of them holds personal data. Sidemand itself writes all that apply."""


def headers_schema() -> JsonSchema:
    """Describe the headers that every topic has in common."""
    return {
        "type": "object",
        "title": "Headers",
        "description": "CloudEvents 1.0 in Kafka's binary mode.",
        "properties": {header.name: _schema(header) for header in HEADERS},
        "required": [header.name for header in HEADERS if header.required],
    }


def fixed_values(topic: Topic[Payload]) -> Mapping[str, str]:
    """The headers whose value the topic decides."""
    return {
        "ce_specversion": "1.0",
        "ce_type": topic.name,
        "content-type": "application/json",
        "ce_dataschema": schema_id(topic),
    }


def headers_of(example: Example) -> Mapping[str, str]:
    """The headers to send `example` with from a shell, in the order of `HEADERS`."""
    payload = example.payload
    producer = example.topic.producers[0]
    values = {
        **fixed_values(example.topic),
        "ce_id": example.event_id,
        "ce_source": _SOURCES.get(producer, f"sidemand/{producer}"),
        "ce_time": SHELL_TIME,
        "ce_tenant": payload.tenant,
        "ce_subject": payload.subject,
    }
    return {header.name: values[header.name] for header in HEADERS if header.name in values}


def _schema(header: Header) -> JsonSchema:
    described: JsonSchema = {"type": "string", "description": header.description}
    return described | ({"format": header.format} if header.format else {})
