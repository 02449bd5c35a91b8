"""What a sender writes into a header that has a form of its own does not outlive the event."""

import time

import pytest
from aiokafka import ConsumerRecord
from sidemand.bus.dead_letters import Verdict, dead_letter
from sidemand.bus.decoding import Record

from .numbered import DEAD_LETTERS, GIVEN, MARKS, SERVICE, TENANT

WRONG = Verdict("not_json", "the body is no JSON in UTF-8")


def with_header(name: str, text: str) -> Record:
    return ConsumerRecord(
        topic=GIVEN.of(TENANT),
        partition=0,
        offset=1,
        timestamp=int(time.time() * 1000),
        timestamp_type=0,
        key=b"storaadal|00000000-0000-0000-0000-000000000001",
        value=b"{",
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=1,
        headers=[(name, text.encode())],
    )


@pytest.mark.parametrize("name", ["x-citizen", "traceparent", "ce_subject", "ce_time", "ce_id"])
def test_no_person_stands_in_the_headers_of_a_dead_letter(name: str) -> None:
    letter = dead_letter(with_header(name, MARKS[0]), DEAD_LETTERS, SERVICE, WRONG)
    assert not [value for _, value in letter.headers if MARKS[0].encode() in value]
