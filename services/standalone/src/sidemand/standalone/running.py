"""`make run`: everything stays up, and says how to reach it."""

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from sidemand.client import Sidemand, knowledge_at
from sidemand.schemas import topics
from sidemand.schemas.identity import SHARED_TENANT
from sidemand.standalone.home import Home
from sidemand.standalone.standalone import Standalone

_TENANT: Final = "storaadal"
EXAMPLE: Final = "schemas/examples/casework.event.published.v1/notat-om-udeblivelse.json"
"""The case event in the line for kcat."""
EXAMPLE_KEY: Final = f"{_TENANT}|d44c1513-4b5f-58a4-9246-8d4d43813c4c"
"""Its key."""


async def stay_up(home: Home, tenants: Sequence[str], knowledge: Sequence[Path], port: int) -> None:
    """Run until Ctrl-C or SIGTERM. `SIDEMAND_KAFKA` names a real Kafka; else one is embedded.

    Raises `BusError` and `ClientError`, whose texts are sentences for a person.
    """
    console = Console()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    kafka = os.environ.get("SIDEMAND_KAFKA")
    async with Standalone(home, tenants, kafka=kafka, port=port) as standalone:
        async with Sidemand(standalone.bus, tenant=SHARED_TENANT, source="redaktion") as editor:
            for path in knowledge:
                console.print(f"Loading {path} …")
                report = await editor.load(knowledge_at(path, SHARED_TENANT))
                console.print(
                    f"  {report.indexed} documents indexed, {report.unchanged} unchanged, "
                    f"{len(report.refused)} refused, {len(report.skipped)} skipped."
                )
        print(_how_to_reach(standalone.bus.kafka, home.folder), flush=True)  # noqa: T201 - to copy from
        told = asyncio.create_task(stop.wait())
        failed = asyncio.create_task(standalone.failed())
        done, waiting = await asyncio.wait({told, failed}, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        if failed in done:
            failed.result()
    console.print("Stopped.")


def _how_to_reach(address: str, folder: Path) -> str:
    published = topics.CASE_EVENT_PUBLISHED
    made = "-H ce_id=kcat-$(date +%s) -H ce_source=kcat -H ce_time=$(date -Is)"
    return (
        f"\nSidemand is up. Kafka answers at {address}, state is kept in {folder}.\n\n"
        f"Follow the suggestions:\n"
        f"  kcat -C -u -b {address} -t {topics.SUGGESTION_CHANGED.of(_TENANT)} -o beginning\n\n"
        f"Send a case event:\n"
        f"  kcat -P -b {address} -t {published.of(_TENANT)} -k '{EXAMPLE_KEY}' {made} "
        f"-H ce_type={published.name} "
        f"{EXAMPLE}\n\n"
        f"Or both with the client:\n"
        f"  SIDEMAND_KAFKA={address} .venv/bin/sidemand ask "
        "samples/cases/ps-08-genoptraening-foerst-om-tre-uger.yaml\n\n"
        "Ctrl-C stops."
    )
