"""Measures the embedded form: loading law, one document, and case event → suggestion.

    python -m tests.bench.bench_standalone [--law FILE] [--rate 5] [--seconds 60]

Without `--law` the guidance of the samples is all the knowledge there is. Writes
`build/bench/standalone.json`; the budgets are those of the design.
"""

import argparse
import asyncio
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from sidemand.client import CaseEvent, Sidemand, knowledge_at
from sidemand.observability import configure_logs
from sidemand.schemas.identity import SHARED_TENANT
from sidemand.schemas.knowledge import KnowledgePublished
from sidemand.standalone.demo.observer import Observer
from sidemand.standalone.demo.show import TENANTS
from sidemand.standalone.demo.stage import SampleCase, read_samples
from sidemand.standalone.home import Home
from sidemand.standalone.standalone import Standalone

from .measuring import SAMPLES, machine, write

DOCUMENTS = 30


@dataclass(frozen=True)
class Wanted:
    """What is measured."""

    law: Path | None
    rate: float
    seconds: float


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum, milliseconds."""
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    return {
        "p50": round(cuts[9] * 1000),
        "p95": round(cuts[18] * 1000),
        "max": round(max(seconds) * 1000),
    }


async def measure(wanted: Wanted) -> dict[str, object]:
    """Run everything once, and give the figures."""
    with tempfile.TemporaryDirectory(prefix="sidemand-bench-") as folder:
        home = Home(Path(folder), registries=SAMPLES)
        async with Standalone(home, TENANTS) as standalone:
            figures: dict[str, object] = {}
            editor = Sidemand(standalone.bus, tenant=SHARED_TENANT, source="redaktion")
            async with editor:
                for path in filter(None, (SAMPLES / "guidance", wanted.law)):
                    report = await editor.load(knowledge_at(path, SHARED_TENANT))
                    figures[f"load_{path.name.partition('.')[0]}"] = {
                        "documents": report.indexed,
                        "passages": report.passages,
                        "seconds": round(report.seconds, 1),
                        "per_second": round(report.documents_per_second),
                    }
                figures.update(await one_document(editor))
            figures["case_event_to_suggestion_ms"] = await cases(standalone, wanted)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            figures["peak_rss_mb"] = round(peak)
    return figures


async def one_document(editor: Sidemand) -> dict[str, object]:
    """Publish new versions of one document one by one, and delete it as often."""
    document = next(iter(knowledge_at(SAMPLES / "guidance" / "habilitet.md", SHARED_TENANT)))
    assert isinstance(document, KnowledgePublished)
    published, deleted = [], []
    for number in range(DOCUMENTS):
        version = document.model_copy(update={"version": document.version + 1 + number})
        report = await editor.load([version])
        published.append(report.seconds)
        started = time.monotonic()
        await editor.delete_document(document.document.document_id)
        deleted.append(time.monotonic() - started)
    return {"published_to_searchable_ms": spread(published), "deleted_to_gone_ms": spread(deleted)}


async def cases(standalone: Standalone, wanted: Wanted) -> dict[str, float]:
    """Publish the sample cases at a steady rate, and take the time to their suggestions."""
    samples = [
        each
        for each in read_samples(SAMPLES / "cases")
        if each.expectation.outcome != "refusal" and each.event.tenant == "storaadal"
    ]
    count = int(wanted.rate * wanted.seconds)
    async with (
        Observer(standalone.bus, TENANTS) as observer,
        Sidemand(standalone.bus, tenant="storaadal", source="bench") as system,
    ):
        expected = 0
        beginning = time.monotonic()
        for number in range(count):
            event = as_new_case(system, samples[number % len(samples)], number)
            expected += len(set(event.requests))
            await asyncio.sleep(max(0.0, beginning + number / wanted.rate - time.monotonic()))
            await system.publish(event)
        await observer.until(lambda seen: len(seen.latencies_ms) >= expected, 120)
        seconds = [each / 1000 for each in observer.seen.latencies_ms]
    assert len(seconds) == expected, f"{len(seconds)} of {expected} suggestions came"
    return {"rate": wanted.rate, "events": count, "suggestions": expected, **spread(seconds)}


def as_new_case(system: Sidemand, sample: SampleCase, number: int) -> CaseEvent:
    """The sample's event in a case of its own."""
    return sample.event.model_copy(
        update={"case": system.case(f"{sample.name}-{number}"), "occurred_at": datetime.now(UTC)}
    )


def main() -> None:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--law", type=Path)
    parser.add_argument("--rate", type=float, default=5.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    arguments = parser.parse_args()
    configure_logs("ERROR", "console")
    about = machine()
    figures = uvloop.run(measure(Wanted(arguments.law, arguments.rate, arguments.seconds)))
    print(json.dumps(figures, indent=2))
    write("standalone", {**figures, "machine": about})


if __name__ == "__main__":
    main()
