"""The demo's figures, all counted from what passed over Kafka: `build/demo/report.json`."""

import resource
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel
from sidemand.client import CaseEvent, CaseRef, LoadReport
from sidemand.standalone.demo.expectations import Check
from sidemand.standalone.demo.leaks import Marks
from sidemand.standalone.demo.observer import Seen


class Expectations(BaseModel):
    """How many expectations of the sample cases were met."""

    met: int
    total: int


class Latency(BaseModel):
    """From the publication of a case event to its suggestion, milliseconds."""

    p50: float
    p95: float


class Report(BaseModel):
    """What the demo did."""

    events: int
    expectations: Expectations
    suggestions: int
    updated: int
    withdrawn: int
    abstained: int
    refused: int
    conflicts: int
    dead_letters: int
    statements: int
    quotes: int
    quotes_verbatim: int
    personal_data_behind_gate: int
    """Cases of which a party's name, number or e-mail stands in a text behind the gate."""
    documents: int
    passages: int
    load_seconds: float
    latency_ms: Latency
    peak_rss_mb: float
    bus: str
    index: str
    writer: str

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.model_dump_json(indent=2) + "\n", "utf-8")


def report(
    seen: Seen,
    events: Sequence[CaseEvent],
    checks: Iterable[Check],
    loads: Sequence[LoadReport],
    kinds: Mapping[str, str],
) -> Report:
    """Count. `events` are those that were published, redeliveries and refused ones included;
    `kinds` names bus, index and writer."""
    judged = list(checks)
    states = [changed.suggestion for changed in seen.changed]
    verbatim, quotes = seen.quotes_verbatim()
    return Report(
        events=len(events),
        expectations=Expectations(met=sum(each.met for each in judged), total=len(judged)),
        suggestions=sum(each.state == "created" for each in states),
        updated=sum(each.state == "updated" for each in states),
        withdrawn=sum(each.state == "withdrawn" for each in states),
        abstained=sum(each.abstention is not None for each in states),
        refused=len(seen.refused),
        conflicts=sum(each.code == "conflict" for each in seen.refused),
        dead_letters=seen.dead_letters.total(),
        statements=sum(len(each.statements) for each in states),
        quotes=quotes,
        quotes_verbatim=verbatim,
        personal_data_behind_gate=len(leaking_cases(seen, events)),
        documents=len(seen.passages),
        passages=sum(seen.passages.values()),
        load_seconds=round(sum(load.seconds for load in loads), 2),
        latency_ms=latency(seen.latencies_ms),
        peak_rss_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        **kinds,
    )


def leaking_cases(seen: Seen, events: Iterable[CaseEvent]) -> dict[CaseRef, set[str]]:
    """Say of which cases something personal stands behind the gate, and of which kind it is."""
    leaks: dict[CaseRef, set[str]] = {}
    for event in events:
        found = Marks.of(event).found_in(seen.behind_gate.get(event.case, []))
        if found:
            leaks.setdefault(event.case, set()).update(found)
    return leaks


def latency(milliseconds: Sequence[float]) -> Latency:
    """Median and 95th percentile; zero where nothing was measured."""
    if len(milliseconds) < 2:
        return Latency(p50=0.0, p95=0.0)
    cuts = statistics.quantiles(milliseconds, n=20, method="inclusive")
    return Latency(p50=round(cuts[9], 1), p95=round(cuts[18], 1))
