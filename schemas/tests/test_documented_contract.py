"""A reader of the contract finds a word on every field, and every link leads somewhere."""

import re

import pytest
from pydantic import BaseModel
from sidemand.schemas import casework, governance, identity, knowledge, raw, text
from sidemand.schemas.envelope import Envelope
from sidemand.schemas.generation.asyncapi import carries_deletions
from sidemand.schemas.generation.events_page import events_page
from sidemand.schemas.generation.field_tables import type_words
from sidemand.schemas.generation.headers import HEADERS
from sidemand.schemas.generation.repository import find_repository
from sidemand.schemas.identity import Payload
from sidemand.schemas.json_schema import JsonSchema, all_schemas, schema_id, schema_of
from sidemand.schemas.model import Model
from sidemand.schemas.topics import ALL, Topic

MODULES = (casework, governance, identity, knowledge, raw, text)
MODELS = sorted(
    {
        found
        for module in MODULES
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, Model) and found is not Model
    },
    key=lambda model: model.__name__,
)
PAGE = events_page("notice", all_schemas(), find_repository())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_says_what_it_means(model: type[BaseModel]) -> None:
    assert model.__doc__
    assert [name for name, field in model.model_fields.items() if not field.description] == []


def test_every_model_of_a_payload_was_looked_at() -> None:
    in_use = {name for topic in ALL for name in schema_of(topic).get("$defs", {})}
    in_use |= {topic.payload.__name__ for topic in ALL}
    assert in_use <= {model.__name__ for model in MODELS}


@pytest.mark.parametrize("topic", ALL, ids=lambda topic: topic.name)
def test_a_schema_says_what_it_is_the_schema_of(topic: Topic[Payload]) -> None:
    schema = schema_of(topic)
    assert schema["$id"].endswith(f":{topic.name}")
    assert schema["title"]
    assert schema["description"]


def test_no_two_schemas_share_a_name() -> None:
    assert len({schema_id(topic) for topic in ALL}) == len(ALL)


def test_every_part_of_the_envelope_has_a_header() -> None:
    names = {header.name for header in HEADERS}
    for field in Envelope._fields:
        assert {field, f"ce_{field.replace('_', '')}"} & names


def test_every_link_within_the_page_leads_to_a_heading() -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE, flags=re.MULTILINE)
    anchors = {heading.lower().replace(".", "").replace(" ", "-") for heading in headings}
    links = set(re.findall(r"\]\(#([^)]+)\)", PAGE))
    assert links
    assert links <= anchors


def test_every_link_to_a_file_leads_to_one() -> None:
    files = re.findall(r"\]\(\.\./([^)#]+)\)", PAGE)
    assert len(files) > 2 * len(ALL)
    assert [file for file in files if not (find_repository() / file).exists()] == []


def test_the_page_shows_how_to_send_and_follow_every_topic() -> None:
    assert PAGE.count("kcat -C ") == len(ALL)
    assert PAGE.count("kcat -P ") == len(ALL) + sum(carries_deletions(topic) for topic in ALL)


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    for table in re.findall(r"(?:^\|.*\|\n)+", PAGE, flags=re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "maxLength": 80}, "text (at most 80 characters)"),
        (
            {"type": "string", "minLength": 1, "maxLength": 9},
            "text (not empty, at most 9 characters)",
        ),
        ({"type": "string", "pattern": "^a|b$"}, "text (`^a\\|b$`)"),
        ({"type": "string", "format": "date-time"}, "time with offset"),
        ({"type": "integer", "minimum": 1}, "whole number (at least 1)"),
        ({"type": "integer", "exclusiveMinimum": 0}, "whole number (more than 0)"),
        ({"type": "number", "minimum": 0, "maximum": 1}, "number (0 to 1)"),
        ({"type": "boolean"}, "true or false"),
        ({"type": "boolean", "const": True}, "always `true`"),
        ({"type": "string", "enum": ["a", "b"]}, "one of `a`, `b`"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text or null"),
        ({"$ref": "#/$defs/CaseRef"}, "[CaseRef](#caseref)"),
        ({"type": "array", "items": {"type": "string"}, "minItems": 1}, "non-empty list of text"),
        ({"type": "array", "items": {"$ref": "#/$defs/Party"}}, "list of [Party](#party)"),
    ],
)
def test_a_type_is_said_in_words(schema: JsonSchema, words: str) -> None:
    assert type_words(schema) == words
