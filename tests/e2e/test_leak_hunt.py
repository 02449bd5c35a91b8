"""Marked persons go through the whole system; afterwards they are looked for everywhere.

Good events, a claim check, feedback, knowledge, refusals, broken records and a language model that
fails: what is behind the gate holds no written form of any mark. What lies before the gate holds
them, which shows that the search finds them.
"""

import asyncio
import base64
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest
from sidemand.bus import BusSettings, Publisher
from sidemand.bus.embedded import EmbeddedKafka
from sidemand.bus.publisher import Message
from sidemand.schemas import topics

from .hunt import Hunt, behind_the_gate, hunt_through, read_everything
from .marked_events import TENANT
from .marks import HIDDEN, PROTECTED_WORDS, ZELVINA, Place

pytestmark = pytest.mark.server


def leaks(places: Iterable[Place]) -> dict[str, set[str]]:
    """Where which marks stand."""
    return {place.where: marks for place in places if (marks := place.marks())}


@pytest.fixture(scope="module")
def hunt(tmp_path_factory: pytest.TempPathFactory) -> Hunt:
    return asyncio.run(hunt_through(tmp_path_factory.mktemp("house")))


def test_no_topic_behind_the_gate_holds_a_marked_person(hunt: Hunt) -> None:
    # The sender's own headers stay where the sender wrote them; they go no farther.
    sent = f"{topics.CASE_EVENT_PUBLISHED.of(TENANT)}/"
    found = leaks(hunt.behind_the_gate())
    assert {where for where in found if not where.startswith(sent)} == set()
    spoilt = {"x-citizen", "ce_id", "ce_source", "ce_time"}
    assert {where.rpartition(" ")[2] for where in found} == spoilt


def test_no_prompt_of_a_language_model_holds_a_marked_person(hunt: Hunt) -> None:
    assert any("⟦PERSON_" in prompt for prompt in hunt.prompts)
    assert leaks(Place("prompt", prompt.encode()) for prompt in hunt.prompts) == {}


def test_no_file_behind_the_gate_holds_a_marked_person(hunt: Hunt) -> None:
    searched = behind_the_gate(hunt.files)
    names = {Path(place.where).name for place in searched}
    assert names >= {"index.db", "vault.db", "ingestion.db", "suggestions.db", "output.log"}
    assert leaks(searched) == {}


def test_no_metric_holds_a_marked_person(hunt: Hunt) -> None:
    assert b"sidemand" in hunt.metrics
    assert leaks([Place("/metrics", hunt.metrics)]) == {}


def test_no_trace_holds_a_marked_person(hunt: Hunt) -> None:
    assert leaks(Place("trace", body) for body in hunt.traces.bodies) == {}
    assert {"Poison", "Transient"} <= {span.failed_with for span in hunt.traces.spans}


def test_one_trace_tells_the_way_of_an_event_through_all_services(hunt: Hunt) -> None:
    ways: dict[bytes, set[str]] = defaultdict(set)
    for span in hunt.traces.spans:
        ways[span.trace_id].add(span.name.partition(" ")[0])
    services = {"ingestion", "redaction", "embedding", "retrieval", "generation"}
    assert services in ways.values()


def test_the_log_tells_of_the_failures_without_a_word_of_them(hunt: Hunt) -> None:
    (log,) = [file for file in hunt.files if file.where.endswith("/output.log")]
    assert b"script_unknown" in log.content
    assert log.marks() == set()


def test_what_the_caseworker_gets_names_the_party_and_never_the_protected_address(
    hunt: Hunt,
) -> None:
    bodies = [body.decode() for body in hunt.of(topics.SUGGESTION_CHANGED)]
    assert any(ZELVINA.name in body for body in bodies)
    assert any(HIDDEN.name in body for body in bodies)
    assert not [body for body in bodies for word in PROTECTED_WORDS if word in body.casefold()]


def test_after_the_erasure_no_file_at_all_holds_a_person_of_a_case(hunt: Hunt) -> None:
    assert sum(confirmed.erased for confirmed in hunt.erased) > 0
    assert leaks(hunt.files_after_erasure) == {}


def test_the_search_finds_the_marks_before_the_gate(hunt: Hunt) -> None:
    for topic in (
        topics.CASE_EVENT_PUBLISHED,
        topics.CASE_DOCUMENT_INGESTED,
        topics.FEEDBACK_GIVEN,
        topics.KNOWLEDGE_PUBLISHED,
    ):
        assert leaks(Place(topic.name, body) for body in hunt.of(topic)), topic.name
    claims = [file for file in hunt.files if "/claims/" in file.where]
    assert leaks(claims)


@pytest.mark.parametrize(
    "written",
    [
        b"Zelvina",
        b"ZELVINAS sag",
        "Brøndstrømsens".encode(),
        "Brøndstrømsen".encode("utf-16-le"),
        "x Brøndstrømsen".encode("utf-16-be"),
        rb"Br\u00f8ndstr\u00f8msen",
        b"Br%C3%B8ndstr%C3%B8msen",
        b"Br&oslash;ndstr&oslash;msen",
        b"xy" + base64.b64encode(b"Hej Zelvina, farvel"),
        b"7603529814",
        b"76 03 52 - 98 14",
        "760352–9814".encode(),
        "født 760352".encode(),
        b"+45 58 63 91 27",
    ],
)
def test_a_mark_is_found_in_whatever_form_it_is_written(written: bytes) -> None:
    assert Place("here", b"\x00\x01 " + written + b" \xff").marks()


def test_hashes_and_counts_are_no_marks() -> None:
    assert not Place("here", b"a760352f 1760352 zelvi-na").marks()


async def test_a_person_planted_behind_the_gate_is_found(
    embedded_kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    topic = topics.FEEDBACK_REDACTED.name
    embedded_kafka.create_topic(topic, 1)
    bus = BusSettings(kafka=embedded_kafka.bootstrap, objects=f"file://{tmp_path}")
    planted = b'{"comment": "58-63-91-27"}'
    async with Publisher(bus, "test") as publisher:
        await publisher.send([Message(topic, b"k", planted, [("x", b"Zelvina")])])
    found = leaks(Hunt(tmp_path, await read_everything(bus)).behind_the_gate())
    assert set(found) == {f"{topic}/0/0", f"{topic}/0/0 header x"}
