"""`sidemand dead-letters`: list, show, redrive. Bodies are never printed."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from sidemand.client.cli.running import console, run, settings_of
from sidemand.client.dead_letters import (
    DeadLetter,
    Reason,
    Wanted,
    find_dead_letters,
    look_into,
    redrive_on_record,
)

app = typer.Typer(help="Events that a service could not handle.", no_args_is_help=True)

Topic = Annotated[str, typer.Option(help="Only of this topic, named without tenant.")]
Tenant = Annotated[str, typer.Option(help="Only of this tenant.")]
Code = Annotated[str, typer.Option(help="Only with this code.")]
Why = Annotated[str, typer.Option(help="The reason, which is put on record.")]
Position = Annotated[str, typer.Argument(help="As `list` shows it: topic/partition/offset.")]


@app.command("list")
def list_letters(
    context: typer.Context,
    topic: Topic = "",
    tenant: Tenant = "",
    code: Code = "",
    redriven: Annotated[bool, typer.Option("--redriven", help="Also those redriven.")] = False,
) -> None:
    """List the open dead letters, oldest first."""
    found = run(find_dead_letters(settings_of(context), Wanted(topic, tenant, code)))
    _show_table([letter for letter in found if redriven or letter.redriven_at is None])


@app.command()
def show(context: typer.Context, position: Position, why: Why) -> None:
    """Show what is known of one dead letter, its body excepted."""
    settings = settings_of(context)

    async def work() -> DeadLetter:
        return await look_into(settings, position, Reason(why))

    letter = run(work())
    for name, value in _details(letter):
        console().print(f"{name:<10} {value}")


@app.command()
def redrive(
    context: typer.Context,
    why: Why,
    position: Annotated[str, typer.Argument(help="One letter; or choose by options.")] = "",
    topic: Topic = "",
    tenant: Tenant = "",
    code: Code = "",
) -> None:
    """Publish open dead letters again, where they came from: all, or those that you choose.

    Mend the cause first. One that was redriven is not redriven again.
    """
    settings = settings_of(context)

    async def work() -> list[DeadLetter]:
        return await redrive_on_record(settings, Wanted(topic, tenant, code, position), Reason(why))

    done = run(work())
    for letter in done:
        console().print(f"redriven {letter.position}")
    console().print(f"{len(done)} redriven.")


def _show_table(letters: Sequence[DeadLetter]) -> None:
    if not letters:
        console().print("No dead letters.")
        return
    table = Table("failed", "code", "tenant", "attempts", "position", "why", box=None)
    for letter in letters:
        failed = f"{letter.failed_at:%Y-%m-%d %H:%M}" if letter.failed_at else ""
        tenant, attempts = letter.tenant or "", str(letter.attempts)
        table.add_row(failed, letter.code, tenant, attempts, letter.position, letter.detail)
    console().print(table)


def _details(letter: DeadLetter) -> list[tuple[str, object]]:
    unknown = "(not given, or not safe to show)"
    return [
        ("code", letter.code),
        ("why", letter.detail),
        ("service", letter.service),
        ("attempts", letter.attempts),
        ("failed", letter.failed_at or unknown),
        ("tenant", letter.tenant or unknown),
        ("about", letter.about.key if letter.about else unknown),
        ("event", letter.event_id or unknown),
        ("source", letter.source or unknown),
        ("came from", letter.origin or unknown),
        ("body", f"{letter.size} bytes, not shown"),
        ("redriven", letter.redriven_at or "no"),
    ]
