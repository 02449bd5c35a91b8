"""Runs the demo from the first line to the report."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from sidemand.schemas.identity import SHARED_TENANT
from sidemand.standalone.demo.observer import Observer
from sidemand.standalone.demo.report import Report, report
from sidemand.standalone.demo.story import Story
from sidemand.standalone.demo.telling import Telling
from sidemand.standalone.home import Home
from sidemand.standalone.standalone import Standalone

TENANTS = ("storaadal", "vesterhede", SHARED_TENANT)
"""The invented municipalities of the samples, and the shared knowledge."""


async def show(
    samples: Path, knowledge: Sequence[Path], report_path: Path, *, in_full: bool
) -> Report:
    """Play the demo in a folder of its own, and write its figures to `report_path`.

    Raises `BusError` and `ClientError`, whose texts are sentences for a person.
    """
    telling = Telling(Console(), in_full=in_full)
    with tempfile.TemporaryDirectory(prefix="sidemand-demo-") as folder:
        home = Home(Path(folder), registries=samples)
        async with (
            Standalone(home, TENANTS) as standalone,
            Observer(standalone.bus, TENANTS) as observer,
        ):
            telling.opening(standalone.bus_kind, standalone.bus.kafka)
            story = Story(standalone, observer, samples, telling)
            seen = await story.play(knowledge)
            figures = report(
                seen,
                story.played.events,
                story.played.checks,
                story.played.loads,
                {
                    "bus": standalone.bus_kind,
                    "index": home.retrieval(standalone.bus).index,
                    "writer": home.generation(standalone.bus).writer,
                },
            )
    figures.write(report_path)
    telling.summary(figures, str(report_path))
    return figures
