"""`docs/events.md`: what every topic is for, what it holds, and how to send and follow it."""

import json
import shlex
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from sidemand.schemas.generation.asyncapi import carries_deletions
from sidemand.schemas.generation.examples import Example, examples_of
from sidemand.schemas.generation.field_tables import field_table
from sidemand.schemas.generation.headers import HEADERS, headers_of
from sidemand.schemas.identity import Payload
from sidemand.schemas.json_schema import JsonSchema
from sidemand.schemas.kafka_topics import dead_letters
from sidemand.schemas.topics import ALL, Topic

_BROKER: Final = "localhost:9092"

_HOLDS: Final = {
    "raw": "as it is",
    "tokens": "as tokens that only the vault can undo",
    "masked": "masked for good",
    "public": "only what is published anyway",
    "none": "none",
}

_INTRODUCTION: Final = f"""\
# Events

Every event travels on Kafka as CloudEvents 1.0 in binary mode: metadata in headers, the payload
as JSON in the value. Its key is explicit, and all events of one key are handled in order. A topic
written `<tenant>.…` exists once for each municipality, and the tenant of an event is the one of
its topic: headers or a payload that say otherwise are refused. Consumers ignore fields that they
do not know. An added field has a default; anything else is a new version of the topic
(`python -m sidemand.schemas.compatibility --against HEAD` says which).

The same contract for programs: [JSON Schemas](../schemas/json),
[AsyncAPI](../schemas/asyncapi.json), [topics for Kafka](../infra/kafka/topics.tsv), and
[topics for Kubernetes](../infra/k8s/topics.yaml).
All persons in the examples are invented, and no CPR number of theirs can be in the CPR register.

The lines for kcat run in the repository's folder, against a Kafka at `{_BROKER}`. Each example
has an id of its own, so that sending it twice is a redelivery, which changes nothing; take
another `ce_id` for another event.
"""

_OVERVIEW_HEAD: Final = "| topic | personal data | kept | from | to |\n|---|---|---|---|---|\n"


def events_page(notice: str, schemas: Mapping[str, JsonSchema], repository: Path) -> str:
    """Write the page from the topics' `schemas` and the examples in `repository`.

    Raises `ValueError` where a topic has no example.
    """
    parts = (
        f"<!-- {notice} -->\n\n{_INTRODUCTION}",
        f"## All topics\n\n{_OVERVIEW_HEAD}" + "".join(_overview_row(topic) for topic in ALL),
        f"## Headers\n\n{_headers_table()}",
        *(_section(topic, schemas[topic.name], examples_of(topic, repository)) for topic in ALL),
        "## Models\n\nWhat the payloads are made of.\n",
        *_models(schemas),
    )
    return "\n".join(parts)


def _overview_row(topic: Topic[Payload]) -> str:
    return (
        f"| [`{topic.of('<tenant>')}`](#{_anchor(topic)}) | {topic.holds} | {_kept(topic)} "
        f"| {', '.join(topic.producers)} | {', '.join(topic.consumers)} |\n"
    )


def _headers_table() -> str:
    rows = (
        f"| `{header.name}` | {'required' if header.required else 'optional'} "
        f"| {header.description} |\n"
        for header in HEADERS
    )
    return "| header | | meaning |\n|---|---|---|\n" + "".join(rows)


def _section(topic: Topic[Payload], schema: JsonSchema, examples: tuple[Example, ...]) -> str:
    if not examples:
        raise ValueError(f"{topic.name} has no example; write one into schemas/examples")
    return "\n".join(
        (
            f"## {topic.name}\n",
            f"{topic.about}\n",
            "".join(f"- {line}\n" for line in _facts(topic)),
            f"Payload `{topic.payload.__name__}`: {schema['description']}\n",
            field_table(schema),
            *_shown(examples),
        )
    )


def _facts(topic: Topic[Payload]) -> Iterator[str]:
    yield f"Kafka topic `{topic.of('<tenant>')}`, {topic.partitions} partitions"
    yield f"Key `<tenant>|<{topic.keyed_by} id>`"
    yield f"Personal data: {_HOLDS[topic.holds]}"
    yield f"Kept: {_kept(topic)}"
    yield f"From {', '.join(topic.producers)} to {', '.join(topic.consumers)}"
    if carries_deletions(topic):
        yield "A null value deletes the document under its key"
    for name in dead_letters(topic):
        yield f"Dead letters in `{name}`"


def _shown(examples: tuple[Example, ...]) -> Iterator[str]:
    first = examples[0]
    pretty = json.dumps(json.loads(first.text), ensure_ascii=False, indent=2)
    listed = ", ".join(f"[{example.name}](../{example.path})" for example in examples)
    yield f"Examples: {listed}. The first of them:\n"
    yield f"<details><summary>{first.name}</summary>\n\n```json\n{pretty}\n```\n\n</details>\n"
    yield "Send it, and follow the topic:\n"
    yield f"```sh\n{_send(first)}\n{_follow(first)}\n```\n"
    if carries_deletions(first.topic):
        yield f"Delete the document:\n\n```sh\n{_delete(first)}\n```\n"


def _send(example: Example) -> str:
    produce = f"kcat {_produce(example)} -k {shlex.quote(example.payload.key)}"
    return " \\\n  ".join((produce, *_options(headers_of(example)), example.path))


def _delete(example: Example) -> str:
    """Send a null value. kcat sends none for an empty line or file, but for `key#` with `-Z`."""
    produce = f"echo {shlex.quote(example.payload.key + '#')} | kcat {_produce(example)} -K '#' -Z"
    headers = {**headers_of(example), "ce_id": example.deletion_id}
    return " \\\n  ".join((produce, *_options(headers)))


def _produce(example: Example) -> str:
    return f"-P -b {_BROKER} -t {example.topic.of(example.payload.tenant)}"


def _options(headers: Mapping[str, str]) -> Iterator[str]:
    for name, value in headers.items():
        yield f"-H {_quoted(f'{name}={value}')}"


def _quoted(text: str) -> str:
    """Quote for a shell, but let it run what stands in `$(…)`."""
    return f'"{text}"' if "$(" in text else shlex.quote(text)


def _follow(example: Example) -> str:
    topic = example.topic.of(example.payload.tenant)
    return rf"kcat -C -b {_BROKER} -t {topic} -o beginning -f '%k %h\n%s\n'"


def _models(schemas: Mapping[str, JsonSchema]) -> Iterator[str]:
    models: dict[str, JsonSchema] = {}
    for schema in schemas.values():
        models.update(schema.get("$defs", {}))
    for name, model in sorted(models.items()):
        yield f"### {name}\n\n{model['description']}\n\n{field_table(model)}"


def _kept(topic: Topic[Payload]) -> str:
    if topic.retention is None:
        return "the newest of each key"
    days = topic.retention // timedelta(days=1)
    years, rest = divmod(days, 365)
    if years > 1 and not rest:
        return f"{years} years"
    return "1 day" if days == 1 else f"{days} days"


def _anchor(topic: Topic[Payload]) -> str:
    """The anchor that Markdown makes of the topic's heading: dots fall away."""
    return topic.name.replace(".", "")
