"""What docs/events.md says to send is what the services take."""

import asyncio
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from aiokafka import ConsumerRecord
from sidemand.bus import headers
from sidemand.bus.decoding import Record, Rejected, decode
from sidemand.bus.embedded import EmbeddedKafka
from sidemand.bus.reader import RecordReader
from sidemand.bus.settings import BusSettings
from sidemand.schemas.envelope import Envelope, Event
from sidemand.schemas.generation.asyncapi import carries_deletions
from sidemand.schemas.generation.examples import Example, examples_of
from sidemand.schemas.generation.headers import HEADERS, SHELL_TIME, headers_of
from sidemand.schemas.generation.repository import find_repository
from sidemand.schemas.identity import Payload, Tombstone
from sidemand.schemas.topics import ALL, Topic
from sidemand.storage import ClaimStore, Objects

REPOSITORY = find_repository()
EXAMPLES = [example for topic in ALL for example in examples_of(topic, REPOSITORY)]
PAGE = (REPOSITORY / "docs/events.md").read_text(encoding="utf-8")
SHELL_LINES = re.findall(r"^(?:echo .*)?kcat -P .*$", PAGE.replace("\\\n", ""), re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.path)
async def test_an_example_with_its_documented_headers_is_an_event(
    example: Example, claims: ClaimStore
) -> None:
    event = await decode(_record(example), example.topic, claims)
    assert isinstance(event, Event), event
    assert event.data == example.payload
    assert event.envelope.id == example.event_id


@pytest.mark.parametrize("missing", [header.name for header in HEADERS if header.required])
async def test_an_event_without_a_required_header_is_refused(
    missing: str, claims: ClaimStore
) -> None:
    event = await decode(_record(EXAMPLES[0], missing), EXAMPLES[0].topic, claims)
    assert isinstance(event, Rejected)
    assert missing in event.detail


@pytest.mark.parametrize("missing", [header.name for header in HEADERS if not header.required])
async def test_an_event_without_an_optional_header_is_taken(
    missing: str, claims: ClaimStore
) -> None:
    event = await decode(_record(EXAMPLES[0], missing), EXAMPLES[0].topic, claims)
    assert isinstance(event, Event)


def test_every_header_that_the_bus_writes_is_documented() -> None:
    written = {name for name, _ in headers.write(_envelope(EXAMPLES[0]))}
    assert written <= {header.name for header in HEADERS}


@pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat is not installed")
async def test_the_lines_for_kcat_send_every_topic_an_event_and_delete_documents(
    claims: ClaimStore,
) -> None:
    with EmbeddedKafka() as kafka:
        await asyncio.to_thread(_run, SHELL_LINES, kafka.bootstrap)
        records = await _everything_in(kafka.bootstrap)
    decoded = [await decode(record, _topic_of(record.topic), claims) for record in records]
    assert [event for event in decoded if isinstance(event, Rejected)] == []
    events = [event for event in decoded if isinstance(event, Event)]
    sent = [event.envelope.type for event in events if not isinstance(event.data, Tombstone)]
    deleted = [event.envelope.type for event in events if isinstance(event.data, Tombstone)]
    assert sorted(sent) == sorted(topic.name for topic in ALL)
    assert sorted(deleted) == sorted(topic.name for topic in ALL if carries_deletions(topic))


def _run(lines: list[str], bootstrap: str) -> None:
    """Run them as somebody would who copied them, with the port of this test's Kafka."""
    for line in lines:
        script = line.replace("localhost:9092", bootstrap)
        subprocess.run(["/bin/sh", "-c", script], check=True, cwd=REPOSITORY)


async def _everything_in(bootstrap: str) -> list[Record]:
    settings = BusSettings(kafka=bootstrap, fetch_max_wait_ms=20)
    names = sorted({name for line in SHELL_LINES for name in re.findall(r"-t (\S+)", line)})
    records: list[Record] = []
    for name in names:
        async with RecordReader(settings, name, "earliest") as reader:
            records += [record async for record in reader.until_now()]
    return records


def _topic_of(kafka_topic: str) -> Topic[Payload]:
    return next(topic for topic in ALL if re.match(topic.pattern, kafka_topic))


def _envelope(example: Example) -> Envelope:
    found = headers.read(_documented(example))
    return headers.envelope(found, example.payload.tenant, example.payload.subject)


def _documented(example: Example, missing: str = "") -> list[tuple[str, bytes]]:
    values = {**headers_of(example), "ce_time": "2026-03-09T13:52:03Z"}
    assert headers_of(example)["ce_time"] == SHELL_TIME
    return [(name, value.encode()) for name, value in values.items() if name != missing]


def _record(example: Example, missing: str = "") -> Record:
    payload = example.payload
    body = example.text.encode()
    return ConsumerRecord(
        topic=example.topic.of(payload.tenant),
        partition=0,
        offset=0,
        timestamp=0,
        timestamp_type=0,
        key=payload.key.encode(),
        value=body,
        checksum=None,
        serialized_key_size=len(payload.key),
        serialized_value_size=len(body),
        headers=tuple(_documented(example, missing)),
    )


@pytest.fixture
def claims(tmp_path: Path) -> ClaimStore:
    return ClaimStore(Objects.at(f"file://{tmp_path}"))
