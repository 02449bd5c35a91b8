"""Ids of derived events are UUIDs of version 5, which any other program can make as well."""

import uuid

from hypothesis import given
from hypothesis import strategies as st
from sidemand.schemas.envelope import cause_id, derived_id

EVENTS = uuid.UUID("0b8f5a1e-3a64-5d0c-9d0a-3b1c6a2f9e55")


@given(st.text(), st.text())
def test_a_cause_is_named_by_uuid5_of_source_and_id(source: str, event_id: str) -> None:
    assert cause_id(source, event_id) == str(uuid.uuid5(EVENTS, f"{source}|{event_id}"))


def test_a_derived_event_is_named_by_uuid5_of_parent_stage_and_version() -> None:
    assert derived_id("p", "stage", "2") == str(uuid.uuid5(EVENTS, "p|stage|2"))
