"""`sidemand load` and `delete`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text
from sidemand.bus import BusSettings
from sidemand.client import load_report
from sidemand.client.cli.running import FAILED, console, run, say, settings_of
from sidemand.client.knowledge import knowledge_at
from sidemand.client.load_report import LoadReport
from sidemand.client.session import Sidemand
from sidemand.schemas.identity import SHARED_TENANT

_SOURCE = "sidemand/client"
_NAMED = 20

Owner = Annotated[str, typer.Option(help="Who owns it: a municipality, or faelles for all.")]


def register(app: typer.Typer) -> None:
    """Add the commands about knowledge."""
    app.command()(load)
    app.command()(delete)


def load(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A law file, a folder or a document.")],
    tenant: Owner = SHARED_TENANT,
    patience: Annotated[
        float, typer.Option(min=1, help="Seconds without any receipt before it gives up.")
    ] = 60.0,
) -> None:
    """Load knowledge and wait until it can be found: law (.jsonl, .jsonl.gz) or documents
    (.md, .txt, .html, .docx, .pdf). --tenant owns the documents that name no other."""
    report = run(_load(settings_of(context), path, tenant, patience))
    _show(report)
    if report.refused or report.skipped:
        raise typer.Exit(FAILED)


def delete(
    context: typer.Context,
    document_id: Annotated[str, typer.Argument(help="Such as partshoering.")],
    tenant: Owner = SHARED_TENANT,
) -> None:
    """Delete a document and wait until it cannot be found any more."""
    settings = settings_of(context)

    async def work() -> None:
        async with Sidemand(settings, tenant=tenant, source=_SOURCE) as sidemand:
            await sidemand.delete_document(document_id)

    run(work())
    say(f"{document_id} of {tenant} is gone.")


async def _load(settings: BusSettings, path: Path, tenant: str, patience: float) -> LoadReport:
    documents = knowledge_at(path, tenant)
    async with Sidemand(settings, tenant=tenant, source=_SOURCE) as sidemand:
        with _bar() as bar:
            task = bar.add_task("Loading", total=None)

            def show(progress: load_report.Progress) -> None:
                bar.update(task, completed=progress.settled, total=progress.total)

            return await sidemand.load(documents, progress=show, patience=patience)


class _Rate(ProgressColumn):
    """Documents a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:.0f}/s")


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        console=console(stderr=True),
    )


def _show(report: LoadReport) -> None:
    say(
        f"{report.indexed} indexed ({report.passages} passages), {report.unchanged} unchanged, "
        f"{len(report.refused)} refused, {len(report.skipped)} skipped, "
        f"in {report.seconds:.1f} s ({report.documents_per_second:.0f}/s)."
    )
    if report.unchanged:
        say(
            "Unchanged: this version or a newer one was there already; a change needs a higher one."
        )
    faults = [f"refused: {each.document.document_id}: {each.reason}" for each in report.refused]
    faults += [f"skipped: {each}" for each in report.skipped]
    for fault in faults[:_NAMED]:
        say(f"sidemand: {fault}", stderr=True)
    if len(faults) > _NAMED:
        say(f"sidemand: and {len(faults) - _NAMED} more.", stderr=True)
