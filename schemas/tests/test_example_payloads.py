"""The example payloads are right in everything that a reader may copy from them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sidemand.schemas.casework import Suggestion, SuggestionDrafted
from sidemand.schemas.generation.examples import FOLDER, Example, examples_of
from sidemand.schemas.generation.repository import find_repository
from sidemand.schemas.identity import Payload
from sidemand.schemas.json_schema import schema_of
from sidemand.schemas.knowledge import KnowledgeEmbedded, KnowledgeText
from sidemand.schemas.raw import SuggestionChanged
from sidemand.schemas.topics import ALL, KNOWLEDGE_EMBEDDED, Topic

REPOSITORY = find_repository()
EXAMPLES = [example for topic in ALL for example in examples_of(topic, REPOSITORY)]
CPR = re.compile(r"\b(\d\d) ?(\d\d) ?(\d\d) ?[-–] ?(\d{4})\b")

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.path)
each_topic = pytest.mark.parametrize("topic", ALL, ids=lambda topic: topic.name)


@each_topic
def test_every_topic_has_two_examples(topic: Topic[Payload]) -> None:
    assert len(examples_of(topic, REPOSITORY)) >= 2


def test_every_folder_of_examples_belongs_to_a_topic() -> None:
    folders = {path.name for path in (REPOSITORY / FOLDER).iterdir() if path.is_dir()}
    assert folders == {topic.name for topic in ALL}


@each_example
def test_an_example_is_one_json_document_on_one_line(example: Example) -> None:
    assert example.text.endswith("\n")
    assert example.text.count("\n") == 1
    assert isinstance(json.loads(example.text), dict)


@each_example
def test_an_example_fits_its_json_schema(example: Example) -> None:
    validator = Draft202012Validator(
        schema_of(example.topic), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    assert [error.message for error in validator.iter_errors(json.loads(example.text))] == []


@each_example
def test_an_example_survives_the_round_trip(example: Example) -> None:
    again = example.topic.payload.model_validate_json(example.payload.model_dump_json())
    assert again == example.payload


@each_example
def test_an_example_holds_no_field_that_its_model_does_not_know(example: Example) -> None:
    kept = json.loads(example.payload.model_dump_json())
    assert _unknown(json.loads(example.text), kept, "$") == []


@each_example
def test_the_key_of_an_example_names_tenant_and_what_it_is_about(example: Example) -> None:
    content = json.loads(example.text)
    subject = content[example.topic.keyed_by]
    assert example.payload.key == f"{subject['tenant']}|{subject[f'{example.topic.keyed_by}_id']}"


@each_example
def test_no_cpr_number_in_an_example_can_exist(example: Example) -> None:
    # 61 to 91 is how day 1 to 31 stands in a replacement number.
    for day, *_ in CPR.findall(example.text):
        assert 31 < int(day) <= 60 or int(day) > 91


def test_some_examples_hold_cpr_numbers() -> None:
    assert sum(bool(CPR.search(example.text)) for example in EXAMPLES) >= 4


@each_example
def test_every_passage_and_section_lies_in_its_text(example: Example) -> None:
    payload = json.loads(example.text)
    text = payload.get("text", "")
    for section in payload.get("sections", []):
        assert 0 <= section["start"] < section["end"] <= len(text)
    if example.topic.name.endswith("document.embedded.v1"):
        for embedded in payload["passages"]:
            passage = embedded["passage"]
            assert text[passage["start"] : passage["end"]] == passage["text"]


def test_every_quote_stands_verbatim_in_its_document() -> None:
    texts = {
        (example.payload.document, example.payload.version): example.payload.text
        for example in examples_of(KNOWLEDGE_EMBEDDED, REPOSITORY)
        if isinstance(example.payload, KnowledgeEmbedded)
    }
    citations = [
        citation
        for suggestion in _suggestions()
        for statement in suggestion.statements
        for citation in statement.citations
    ]
    assert citations
    for citation in citations:
        text = texts[citation.document, citation.version]
        assert text[citation.start : citation.end] == citation.quote


def test_every_section_of_a_document_stands_below_its_heading() -> None:
    for example in EXAMPLES:
        if isinstance(example.payload, KnowledgeText):
            for section in example.payload.sections:
                assert section.heading_path[-1] in example.payload.text[: section.start]


def _suggestions() -> Iterator[Suggestion]:
    for example in EXAMPLES:
        if isinstance(example.payload, SuggestionDrafted | SuggestionChanged):
            yield example.payload.suggestion


def _unknown(written: Any, kept: Any, path: str) -> list[str]:
    """Paths in `written` that are not in `kept`."""
    if isinstance(written, dict):
        missing = [f"{path}.{name}" for name in written if name not in kept]
        both = [name for name in written if name in kept]
        return missing + [
            fault
            for name in both
            for fault in _unknown(written[name], kept[name], f"{path}.{name}")
        ]
    if isinstance(written, list):
        return [
            fault
            for ours, theirs in zip(written, kept, strict=True)
            for fault in _unknown(ours, theirs, f"{path}[]")
        ]
    return []
