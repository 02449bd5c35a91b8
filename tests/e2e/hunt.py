"""Sends the marked events through a running house, and brings home everything it left anywhere."""

import asyncio
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from sidemand.bus import BusSettings, Publisher
from sidemand.bus.provisioning import partition_counts
from sidemand.client import ErasureConfirmed, Sidemand, knowledge_at
from sidemand.schemas import topics
from sidemand.schemas.identity import Payload
from sidemand.schemas.topics import Topic
from sidemand.testing.collector import Collector, collector
from sidemand.testing.language_model import ChatRequest, FakeLanguageModel, Reply, completion, error
from sidemand.testing.servers.program import free_ports

from . import marked_events
from .marked_events import CASES, TENANT
from .marks import Place

ROOT: Final = Path(__file__).parents[2]
PATIENCE: Final = 120.0
_TOKEN: Final = re.compile(r"⟦[A-Z]+_\w+⟧")
_SOURCE: Final = re.compile(r"^BEGYND \w+ kilde (K\d+)\n\(.*\)\n(.+)$", re.M)
Found = ConsumerRecord[bytes, bytes]
_OF_THE_GATE: Final = ("raw", "public")
"""Topics that hold persons as they are: the edge, and what redaction has yet to read."""


@dataclass
class Hunt:
    """What was found, before and after the cases were erased."""

    folder: Path
    records: list[Found] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    metrics: bytes = b""
    traces: Collector = field(default_factory=lambda: Collector(""))
    files: list[Place] = field(default_factory=list)
    files_after_erasure: list[Place] = field(default_factory=list)
    erased: list[ErasureConfirmed] = field(default_factory=list)

    def of(self, topic: Topic[Payload], letters_of: str | None = None) -> list[bytes]:
        """The bodies on `topic`, or on the dead letters that a service has of it."""
        name = topic.dead_letters(letters_of) if letters_of else None
        return [
            record.value or b""
            for record in self.records
            if (record.topic == name if name else re.match(topic.pattern, record.topic))
        ]

    def behind_the_gate(self) -> Iterator[Place]:
        """Every topic: headers and key of all, the body where no person may stand in it."""
        for record in self.records:
            where = f"{record.topic}/{record.partition}/{record.offset}"
            for name, value in record.headers:
                yield Place(f"{where} header {name}", (value or b""))
            yield Place(f"{where} key", record.key or b"")
            if not _holds_persons(record.topic):
                yield Place(where, record.value or b"")


def _holds_persons(kafka_topic: str) -> bool:
    found = topics.find(kafka_topic.split(".dlq", maxsplit=1)[0]) or next(
        (topic for topic in topics.ALL if kafka_topic.startswith(f"{topic.name}.")), None
    )
    assert found is not None, kafka_topic
    return found.holds in _OF_THE_GATE


def behind_the_gate(files: Collection[Place]) -> list[Place]:
    """Without the bodies of the events that hold persons anyway."""
    return [
        file
        for file in files
        if not re.search(r"/claims/casework\.(event|document\.ing)", file.where)
    ]


async def hunt_through(folder: Path) -> Hunt:
    """Start the house below `folder`, send everything, look everywhere, erase, and look again."""
    async with AsyncExitStack() as running:
        hunt = Hunt(folder, traces=running.enter_context(collector()))
        model = await running.enter_async_context(FakeLanguageModel())
        addresses = {
            "GENERATION_BASE_URL": model.base_url,
            "OTEL_EXPORTER_OTLP_ENDPOINT": hunt.traces.endpoint,
        }
        house = await running.enter_async_context(_house(folder, addresses))
        model.then(error(500, message="upstream"), _rambling, _inventing)
        await _send_everything(house.bus)
        await _until(house, hunt, _documents_are_redacted)
        await _comment(house.bus)
        await _until(house, hunt, _everything_is_answered)
        hunt.metrics = await asyncio.to_thread(house.metrics)
        hunt.files = list(_files(folder))
        async with Sidemand(house.bus, tenant=TENANT, source="postsag") as fagsystem:
            for case in CASES:
                hunt.erased += await fagsystem.erase_case(case)
        hunt.records = await read_everything(house.bus)
        hunt.prompts = [m["content"] for request in model.requests for m in request.messages]
    hunt.files_after_erasure = list(_files(folder))
    return hunt


@dataclass(frozen=True, slots=True)
class House:
    """A running one."""

    process: asyncio.subprocess.Process
    bus: BusSettings
    port: int

    def metrics(self) -> bytes:
        """The page that Prometheus reads."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as page:
            return bytes(page.read())


@asynccontextmanager
async def _house(folder: Path, addresses: Mapping[str, str]) -> AsyncIterator[House]:
    """Everything that the house writes lies below `folder`: state, output, temporary files."""
    (port,) = free_ports(1)
    for name in ("temporary", "home"):
        (folder / name).mkdir(parents=True)
    environment = {
        **os.environ,
        "TMPDIR": str(folder / "temporary"),
        "HOME": str(folder / "home"),
        "SIDEMAND_HEALTH_PORT": str(port),
        "GENERATION_WRITER": "openai",
        "GENERATION_MODEL": "attrap",
        **addresses,
    }
    with (folder / "output.log").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(Path(__file__).with_name("hunted_house.py"))),
            *(str(folder / "state"), str(ROOT / "samples")),
            cwd=folder / "home",
            env=environment,
            stdout=subprocess.PIPE,
            stderr=output,
        )
        assert process.stdout is not None
        try:
            kafka = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode().strip()
            objects = f"file://{folder / 'state' / 'objects'}"
            yield House(process, BusSettings(kafka=kafka, objects=objects), port)
            process.terminate()
            assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _send_everything(bus: BusSettings) -> None:
    async with Sidemand(bus, tenant="faelles", source="redaktion") as editor:
        await editor.load(
            knowledge_at(ROOT / "samples/guidance/genoptraening-syv-dage.md", "faelles")
        )
    async with Sidemand(bus, tenant=TENANT, source="redaktion") as editor:
        await editor.load([marked_events.minutes()])
    async with Publisher(bus, "postsag") as publisher:
        for event in (
            *marked_events.good_events(),
            *marked_events.refused_events(),
            *marked_events.unredactable_events(),
        ):
            await publisher.publish(topics.CASE_EVENT_PUBLISHED, event)
        await publisher.send(list(marked_events.broken()))


async def _comment(bus: BusSettings) -> None:
    """A caseworker comments on what was suggested, so after the documents."""
    async with Publisher(bus, "postsag") as publisher:
        for comment in marked_events.feedback():
            await publisher.publish(topics.FEEDBACK_GIVEN, comment)


def _documents_are_redacted(hunt: Hunt) -> str:
    """What is still missing of them."""
    good = len(list(marked_events.good_events()))
    missing = good - len(hunt.of(topics.CASE_DOCUMENT_REDACTED))
    return f"documents behind the gate: {missing}" if missing > 0 else ""


def _everything_is_answered(hunt: Hunt) -> str:
    """What is still missing; nothing when the house is at rest."""
    good = len(list(marked_events.good_events()))
    wanted = {
        "documents behind the gate": (good, hunt.of(topics.CASE_DOCUMENT_REDACTED)),
        "suggestions": (2 * good, hunt.of(topics.SUGGESTION_CHANGED)),
        "accesses": (1, hunt.of(topics.ACCESS_RECORDED)),
        "comments": (2, hunt.of(topics.FEEDBACK_REDACTED)),
        "refusals": (2, hunt.of(topics.CASE_EVENT_REFUSED)),
        "unredactable": (1, hunt.of(topics.CASE_DOCUMENT_INGESTED, letters_of="redaction")),
        "broken events": (4, hunt.of(topics.CASE_EVENT_PUBLISHED, letters_of="ingestion")),
        "broken comments": (1, hunt.of(topics.FEEDBACK_GIVEN, letters_of="redaction")),
    }
    missing = Counter({name: n - len(found) for name, (n, found) in wanted.items()})
    return ", ".join(f"{name}: {count}" for name, count in (+missing).items())


async def _until(house: House, hunt: Hunt, missing: Callable[[Hunt], str]) -> None:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while True:
        hunt.records = await read_everything(house.bus)
        still = missing(hunt)
        if not still:
            return
        assert house.process.returncode is None, "the house came down"
        assert asyncio.get_running_loop().time() < deadline, f"still missing: {still}"
        await asyncio.sleep(1)


async def read_everything(bus: BusSettings) -> list[Found]:
    """Every record of every topic of a Kafka."""
    counts = await partition_counts(bus)
    partitions = [TopicPartition(name, n) for name, count in counts.items() for n in range(count)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bus.kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(partitions)
        ends = {each: end for each, end in (await consumer.end_offsets(partitions)).items() if end}
        consumer.assign(list(ends))
        await consumer.seek_to_beginning(*ends)
        found: list[Found] = []
        while any([await consumer.position(each) < end for each, end in ends.items()]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found += batch
        return found
    finally:
        await consumer.stop()


def _files(folder: Path) -> Iterator[Place]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield Place(str(path), path.read_bytes())
            yield Place(f"{path} (its name)", path.name.encode())


def _inventing(request: ChatRequest) -> Reply:
    """Statements that quote a source, with the prompt's persons and addresses and invented ones."""
    label, line = next(each for each in _SOURCE.findall(request.user) if len(each[1]) > 40)
    tokens = sorted(set(_TOKEN.findall(request.user)), reverse=True)
    texts = [f"{line} {token}" for token in tokens if token[1:5] in ("PERS", "ADDR")]
    texts += [f"{line} ⟦PERSON_AAAAAA⟧", f"{line} PERSON_1"]
    quotes = [{"source": label, "quote": line}]
    answer = {"statements": [{"text": text, "quotes": quotes} for text in texts[:12]]}
    return completion(json.dumps(answer))


def _rambling(request: ChatRequest) -> Reply:
    """The prompt itself, as a model does that did not understand."""
    return completion(f"Jeg forstår ikke: {request.user}")
