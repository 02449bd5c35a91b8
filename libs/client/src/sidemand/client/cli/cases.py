"""`sidemand publish`, `ask` and `follow`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from sidemand.bus import BusSettings
from sidemand.client.answering import Answer
from sidemand.client.case_files import CaseFile, read_case_file
from sidemand.client.cli.running import console, fail, run, say, settings_of
from sidemand.client.errors import ClientError
from sidemand.client.following import Since
from sidemand.client.rendering import KINDS, in_danish, render_refusal, render_suggestion
from sidemand.client.session import Sidemand

_SOURCE = "sidemand/client"

File = Annotated[Path, typer.Argument(help="A case event, .yaml or .json.", show_default=False)]
Tenant = Annotated[str | None, typer.Option(help="The municipality, such as storaadal.")]
Source = Annotated[str | None, typer.Option(help="The case system, such as postsag.")]
EventId = Annotated[str | None, typer.Option(help="The event's id; the same again counts once.")]


def register(app: typer.Typer) -> None:
    """Add the commands about cases."""
    app.command()(publish)
    app.command()(ask)
    app.command()(follow)


def publish(
    context: typer.Context,
    file: File,
    tenant: Tenant = None,
    source: Source = None,
    event_id: EventId = None,
) -> None:
    """Publish a case event. Its id is the file's, unless you give one."""
    settings = settings_of(context)

    async def work() -> None:
        case_file = read_case_file(file, tenant=tenant, source=source)
        async with _sidemand(settings, case_file) as sidemand:
            envelope = await sidemand.publish(
                case_file.event, event_id=event_id or case_file.event_id
            )
        say(f"Published {envelope.id} on case {envelope.subject} of {envelope.tenant}.")

    run(work())


def ask(
    context: typer.Context,
    file: File,
    tenant: Tenant = None,
    source: Source = None,
    event_id: EventId = None,
    patience: Annotated[float, typer.Option(min=0.1, help="Seconds to wait.")] = 30.0,
) -> None:
    """Publish a case event and show the answer. It gets a new id, unless you give one."""
    settings = settings_of(context)

    async def work() -> Answer:
        case_file = read_case_file(file, tenant=tenant, source=source)
        async with _sidemand(settings, case_file) as sidemand:
            return await sidemand.ask(case_file.event, event_id=event_id, patience=patience)

    _show(run(work()), patience)


def follow(
    context: typer.Context,
    tenant: Annotated[str, typer.Option(help="The municipality, such as storaadal.")],
    earliest: Annotated[
        bool, typer.Option("--earliest", help="Begin with everything that Kafka still has.")
    ] = False,
    count: Annotated[int, typer.Option(min=0, help="End after so many; 0: never.")] = 0,
) -> None:
    """Show suggestions and refusals as they come, until you press Ctrl-C."""
    since: Since = "earliest" if earliest else "latest"
    run(_follow(settings_of(context), tenant, since, count))


async def _follow(settings: BusSettings, tenant: str, since: Since, count: int) -> None:
    screen = console()
    shown = asyncio.Semaphore(0)

    async with (
        Sidemand(settings, tenant=tenant, source=_SOURCE) as sidemand,
        sidemand.suggestions(since=since) as suggestions,
        sidemand.refusals(since=since) as refusals,
    ):

        async def show_suggestions() -> None:
            async for changed in suggestions:
                screen.print(f"Sag {changed.case.case_id} · {in_danish(changed.published_at)}")
                screen.print(render_suggestion(changed))
                shown.release()

        async def show_refusals() -> None:
            async for refused in refusals:
                screen.print(f"Sag {refused.case.case_id} · {in_danish(refused.refused_at)}")
                screen.print(render_refusal(refused))
                shown.release()

        async def enough() -> None:
            for _ in range(count):
                await shown.acquire()

        following = [asyncio.create_task(show_suggestions()), asyncio.create_task(show_refusals())]
        ends = [asyncio.create_task(enough())] if count else []
        say(f"Following {tenant}; Ctrl-C ends it.", stderr=True)
        done, rest = await asyncio.wait([*following, *ends], return_when=asyncio.FIRST_COMPLETED)
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        for task in done:
            task.result()


def _sidemand(settings: BusSettings, case_file: CaseFile) -> Sidemand:
    if case_file.source is None:
        raise ClientError("The file names no case system: give --source, such as postsag.")
    return Sidemand(settings, tenant=case_file.event.tenant, source=case_file.source)


def _show(answer: Answer, patience: float) -> None:
    screen = console()
    for changed in answer.suggestions:
        screen.print(render_suggestion(changed))
    if answer.refusal is not None:
        screen.print(render_refusal(answer.refusal))
        fail("The event was refused; the answer says why and what to do.")
    if answer.unanswered:
        kinds = ", ".join(KINDS[kind] for kind in answer.unanswered)
        fail(
            f"Nothing came within {patience:g} seconds for: {kinds}. See whether all five services "
            "run and whether `sidemand dead-letters list` shows the event; an event that came "
            "before under the same id is answered once."
        )
