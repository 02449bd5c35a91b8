"""`sidemand dead-letters`: list, show, redrive. Bodies are never printed."""

from typing import Annotated

import typer
from sidemand.client.cli.running import run, say, settings_of
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
    shown = [letter for letter in found if redriven or letter.redriven_at is None]
    for letter in shown:
        say(_line(letter))
    if not shown:
        say("No dead letters.")


@app.command()
def show(context: typer.Context, position: Position, why: Why) -> None:
    """Show what is known of one dead letter, its body excepted."""
    settings = settings_of(context)

    async def work() -> DeadLetter:
        return await look_into(settings, position, Reason(why))

    letter = run(work())
    for name, value in _details(letter):
        say(f"{name:<10} {value}")


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
        say(f"redriven {letter.position}")
    say(f"{len(done)} redriven.")


def _line(letter: DeadLetter) -> str:
    """Two lines: the position to copy, and what is known at a glance."""
    failed = f"{letter.failed_at:%Y-%m-%d %H:%M}" if letter.failed_at else "at an unknown time"
    times = "once" if letter.attempts == 1 else f"{letter.attempts} times"
    redriven = f", redriven {letter.redriven_at:%Y-%m-%d %H:%M}" if letter.redriven_at else ""
    whose = letter.tenant or "an unknown tenant"
    about = f"of {whose}, tried {times}, given up {failed}{redriven}"
    return f"{letter.position}\n    {letter.code}: {letter.detail or 'no detail'} ({about})"


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
