"""Whether slow calls of a language model hold each other up.

    python -m tests.bench.bench_generation [--calls 80] [--shortest 1] [--longest 4] [--seed 1]
        [--concurrency 8]

The generation service asks a simulated language model whose calls take 1 to 4 seconds, as many at
a time as it may. Two questions, each for cases of their own and again with a case among them that
has a quarter of all events, one after the other:

full: all events are there at once. How much of the ideal (calls in flight ÷ mean time of a call)
is reached while any case waits that could go on? Wanted: 90 %.
waiting: events come at 60 % of the ideal. How long does one wait from its publication until its
call begins, longer than its own work takes? A case with a short call must not wait for long ones.

Writes build/bench/generation.json.
"""

import argparse
import asyncio
import json
import random
import re
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sidemand.bus import BusSettings, Publisher
from sidemand.bus.provisioning import create_topics
from sidemand.observability import configure_logs
from sidemand.schemas import topics
from sidemand.schemas.casework import RetrievedContext
from sidemand.schemas.identity import CaseRef
from sidemand.testing.language_model import ChatRequest, FakeLanguageModel, Reply, completion
from sidemand.testing.servers import Unavailable, kafka_server

from .feedback import Counting, counting
from .measuring import ROOT, machine, percentiles, table, until, write
from .members import Member, at_work

TENANT: Final = "storaadal"
BUSY_SHARE: Final = 0.25
"""Of all events, those of the one case that has many."""
LOAD: Final = 0.6
PATIENCE: Final = 300.0
_EXAMPLE: Final = topics.CONTEXT_RETRIEVED.name
_TITLE: Final = re.compile(r"Sag nummer (\d+)")


@dataclass(frozen=True)
class Wanted:
    """What is measured."""

    calls: int
    shortest: float
    longest: float
    seed: int
    concurrency: int


@dataclass
class Call:
    """One event and its call; moments of `time.monotonic`."""

    seconds: float
    """What the call takes."""
    of_busy_case: bool
    published: float = 0.0
    began: float = 0.0
    ended: float = 0.0


class SlowModel(FakeLanguageModel):
    """Each call takes as long as was drawn for its event."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.then(_answer)

    async def _send(self, reply: Reply, writer: asyncio.StreamWriter) -> None:
        call = self.calls[int(reply.headers["x-number"])]
        call.began = call.began or time.monotonic()
        await asyncio.sleep(call.seconds)
        await super()._send(reply, writer)
        call.ended = time.monotonic()


def _answer(request: ChatRequest) -> Reply:
    found = _TITLE.search(request.user)
    assert found is not None, "the title stands in every prompt"
    good = completion(json.dumps({"statements": []}))
    return Reply(body=good.body, headers={**good.headers, "x-number": found[1]})


def context(number: int, case: int) -> RetrievedContext:
    """The passages that may answer a document of a case; one suggestion is asked for."""
    folder = ROOT / "schemas" / "examples" / _EXAMPLE
    example = RetrievedContext.model_validate_json(next(folder.glob("notat-*")).read_text())
    return example.model_copy(
        update={
            "case": CaseRef(tenant=TENANT, case_id=uuid.UUID(int=case)),
            "document_id": uuid.UUID(int=number),
            "title": f"Sag nummer {number}",
            "requests": ("answer",),
            "published_at": datetime.now(UTC),
        }
    )


class Bench:
    """One service and its language model."""

    def __init__(self, publisher: Publisher, model: SlowModel, drafted: Counting) -> None:
        self._publisher = publisher
        self._model = model
        self._drafted = drafted
        self._busy_case = 0

    async def run(self, calls: Sequence[Call], per_second: float | None) -> None:
        """Publish an event for each call, at once or at a pace, and wait for the last draft."""
        first, before = len(self._model.calls), await self._drafted.now()
        self._model.calls.extend(calls)
        self._busy_case += 1
        began = time.monotonic()
        async with asyncio.TaskGroup() as publishing:
            for number, call in enumerate(calls):
                await until(began + (number / per_second if per_second else 0))
                case = 10**9 + self._busy_case if call.of_busy_case else first + number
                publishing.create_task(self._publish(call, context(first + number, case)))
        await self._drafted.reach(before + len(calls), PATIENCE)

    async def _publish(self, call: Call, event: RetrievedContext) -> None:
        call.published = time.monotonic()
        await self._publisher.publish(topics.CONTEXT_RETRIEVED, event)


def drawn(wanted: Wanted, *, busy: bool) -> list[Call]:
    """The same calls for the same seed; with a busy case, its events stand among the others."""
    numbers = random.Random(wanted.seed)
    return [
        Call(
            numbers.uniform(wanted.shortest, wanted.longest),
            of_busy_case=numbers.random() < BUSY_SHARE and busy,
        )
        for _ in range(wanted.calls)
    ]


def share_of_ideal(calls: Sequence[Call], concurrency: int) -> dict[str, float]:
    """What was done while a call of another case waited, against all slots being in use."""
    others = [call for call in calls if not call.of_busy_case]
    first = min(call.began for call in calls)
    last = max(call.began for call in others)
    inside = sum(max(0.0, min(call.ended, last) - call.began) for call in calls)
    mean = sum(call.seconds for call in calls) / len(calls)
    share = inside / (last - first) / concurrency
    return {
        "share_of_ideal": round(share, 3),
        "ideal_calls_per_second": round(concurrency / mean, 2),
        "calls_per_second": round(share * concurrency / mean, 2),
        "seconds_to_the_last": round(max(call.ended for call in calls) - first, 1),
    }


def waiting(calls: Sequence[Call], shortest: float) -> dict[str, object]:
    """How long calls waited to begin; a call in the shortest quarter of the range is short."""
    others = [call for call in calls if not call.of_busy_case]
    short = [call for call in others if call.seconds <= shortest]
    return {
        "all": percentiles([call.began - call.published for call in others]),
        "short_calls": percentiles([call.began - call.published for call in short]),
    }


async def measure(bus: BusSettings, wanted: Wanted, folder: Path) -> dict[str, object]:
    """Both questions, without and with a busy case."""
    await create_topics(bus, [TENANT])
    found: dict[str, object] = {}
    async with SlowModel() as model:
        environment = {
            "SIDEMAND_KAFKA": bus.kafka,
            "SIDEMAND_OBJECTS": bus.objects,
            "SIDEMAND_CONCURRENCY": str(wanted.concurrency),
            "GENERATION_WRITER": "openai",
            "GENERATION_BASE_URL": model.base_url,
            "GENERATION_MODEL": "simulated",
        }
        member = Member("generation", "sidemand.generation", environment, folder)
        with at_work([member]):
            async with (
                Publisher(bus, "sidemand/retrieval") as publisher,
                counting(bus, topics.SUGGESTION_DRAFTED, TENANT) as drafted,
            ):
                bench = Bench(publisher, model, drafted)
                await bench.run([Call(0.1, of_busy_case=False) for _ in range(24)], None)
                for name, busy in (("cases_alike", False), ("one_busy_case", True)):
                    found[name] = await both(bench, wanted, busy=busy)
    return found


async def both(bench: Bench, wanted: Wanted, *, busy: bool) -> dict[str, object]:
    """All at once, and at a pace."""
    full = drawn(wanted, busy=busy)
    await bench.run(full, None)
    ideal = share_of_ideal(full, wanted.concurrency)
    paced = drawn(wanted, busy=busy)
    await bench.run(paced, ideal["ideal_calls_per_second"] * LOAD)
    quarter = wanted.shortest + (wanted.longest - wanted.shortest) / 4
    return {"full": ideal, "waiting": waiting(paced, quarter)}


def show(figures: dict[str, object]) -> None:
    """Print what came out."""
    rows = []
    for name, each in figures.items():
        assert isinstance(each, dict)
        full, waited = each["full"], each["waiting"]
        rows.append(
            (
                name,
                full["ideal_calls_per_second"],
                full["calls_per_second"],
                f"{full['share_of_ideal']:.0%}",
                waited["all"]["p50_ms"],
                waited["all"]["p95_ms"],
                waited["short_calls"]["p95_ms"],
            )
        )
    table(
        (
            "",
            "ideal calls a second",
            "reached",
            "of ideal",
            "wait p50 ms",
            "wait p95 ms",
            "short calls' wait p95 ms",
        ),
        rows,
    )


def main() -> None:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=80, help="in each of the four runs")
    parser.add_argument("--shortest", type=float, default=1.0, help="seconds of a call")
    parser.add_argument("--longest", type=float, default=4.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=8)
    wanted = Wanted(**vars(parser.parse_args()))
    configure_logs("ERROR", "console")
    about = machine()
    try:
        with kafka_server() as kafka, tempfile.TemporaryDirectory() as folder:
            bus = BusSettings(kafka=kafka.bootstrap, objects=f"file://{folder}/objects")
            figures = asyncio.run(measure(bus, wanted, Path(folder)))
            show(figures)
            about = {"servers": [str(kafka)], "machine": about, "seed": wanted.seed}
            write("generation", {**figures, "wanted": vars(wanted), **about})
    except Unavailable as reason:
        raise SystemExit(f"not measured: {reason}") from None


if __name__ == "__main__":
    main()
