"""The models keep what the committed schemas promise."""

import json

import pytest
from sidemand.schemas.compatibility import changes, read_folder, verdicts
from sidemand.schemas.compatibility.verdicts import FOLDER, next_version
from sidemand.schemas.generate import COMMAND
from sidemand.schemas.generation.repository import find_repository
from sidemand.schemas.json_schema import all_schemas

PROMISED = read_folder(find_repository() / FOLDER)
DECLARED = all_schemas()


@pytest.mark.parametrize("topic", sorted(PROMISED.keys() & DECLARED.keys()))
def test_no_model_breaks_its_readers(topic: str) -> None:
    found = changes(PROMISED[topic], DECLARED[topic])
    breaking = [str(change) for change in found if not change.allowed]
    assert not breaking, (
        f"{topic} breaks its readers: {'; '.join(breaking)}. Keep its model as it was, declare "
        f"{next_version(topic)} with the new one in topics.py, and run `{COMMAND}`."
    )


@pytest.mark.parametrize("topic", sorted(PROMISED.keys() & DECLARED.keys()))
def test_every_allowed_change_is_in_the_committed_schema(topic: str) -> None:
    found = [str(change) for change in changes(PROMISED[topic], DECLARED[topic])]
    assert not found, f"{topic} changed: {'; '.join(found)}. Run `{COMMAND}` and commit the files."


def test_no_topic_is_gone_and_none_is_unwritten() -> None:
    found = verdicts(PROMISED, DECLARED)
    assert [str(verdict) for verdict in found if verdict.is_gone] == []
    assert [verdict.topic for verdict in found if verdict.is_new] == [], f"run `{COMMAND}`"


def test_there_are_eighteen_topics_of_the_first_version() -> None:
    assert sum(topic.endswith(".v1") for topic in PROMISED) == 18


@pytest.mark.parametrize("topic", sorted(DECLARED))
def test_the_judge_sees_a_required_field_that_is_taken_from_any_topic(topic: str) -> None:
    less = json.loads(json.dumps(DECLARED[topic]))
    field = less["required"][-1]
    del less["properties"][field]
    less["required"].remove(field)
    found = changes(DECLARED[topic], less)
    assert [(change.path, change.kind) for change in found] == [(field, "field removed")]
