"""`sidemand dead-letters`: list, show, redrive, drop. A body is printed only for a reason."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sidemand.bus import BusSettings
from sidemand.client import letter_rendering
from sidemand.client.cli.running import run, say, settings_of
from sidemand.client.dead_letters import (
    Body,
    Choice,
    DeadLetter,
    Reason,
    Wanted,
    choose_to_drop,
    choose_to_redrive,
    drop_on_record,
    find_dead_letters,
    find_one,
    read_on_record,
    redrive_on_record,
)
from sidemand.client.errors import ClientError
from sidemand.client.points_in_time import point_in_time

app = typer.Typer(help="Events that a service could not handle.", no_args_is_help=True)

Topic = Annotated[str, typer.Option(help="Only of this topic, named without tenant.")]
Tenant = Annotated[str, typer.Option(help="Only of this tenant.")]
Code = Annotated[str, typer.Option(help="Only with this code.")]
Since = Annotated[
    str, typer.Option(help="Given up then or later: 2031-05-04T03:00, or 2h, 3d ago.")
]
Until = Annotated[str, typer.Option(help="Given up before then, written in the same way.")]
Why = Annotated[str, typer.Option(help="The reason, without personal data: it goes on record.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")]
Position = Annotated[str, typer.Argument(help="As `list` shows it: topic/partition/offset.")]
OnePosition = Annotated[str, typer.Argument(help="One letter; or choose by options.")]


@dataclass(frozen=True, slots=True)
class _Options:
    """Which letters, as it was typed."""

    matching: Wanted
    since: str
    until: str

    def wanted(self) -> Wanted:
        """Read the two points in time. Raises `ClientError`."""
        now = datetime.now(UTC)
        begin, end = point_in_time(self.since, now), point_in_time(self.until, now)
        if begin and end and begin >= end:
            raise ClientError("--since is not before --until, so no dead letter lies between them.")
        return replace(self.matching, since=begin, until=end)


@app.command("list")
def list_letters(  # noqa: PLR0913 - each option is a parameter
    context: typer.Context,
    *,
    topic: Topic = "",
    tenant: Tenant = "",
    code: Code = "",
    since: Since = "",
    until: Until = "",
    settled: Annotated[bool, typer.Option("--all", help="Also those redriven or dropped.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, for programs.")] = False,
) -> None:
    """List the open dead letters, oldest first."""
    settings = settings_of(context)

    async def work() -> tuple[list[DeadLetter], int]:
        wanted = _Options(Wanted(topic, tenant, code), since, until).wanted()
        found = [
            letter
            for letter in await find_dead_letters(settings, Wanted())
            if settled or letter.mark is None
        ]
        shown = [letter for letter in found if wanted.includes(letter)]
        return shown, len(found) - len(shown)

    shown, others = run(work())
    if as_json:
        say(letter_rendering.as_json(shown))
        return
    for letter in shown:
        say(letter_rendering.two_lines(letter))
    say(letter_rendering.summary(shown) if shown else letter_rendering.none_wanted(others))


@app.command()
def show(
    context: typer.Context,
    position: Position,
    body: Annotated[bool, typer.Option("--body", help="Also the body; give --why.")] = False,
    why: Why = "",
    kilobytes: Annotated[int, typer.Option(min=1, max=16_384, help="Of the body, at most.")] = 16,
) -> None:
    """Explain one dead letter: what its code means, and what to do.

    Nothing of this is personal data. The body can be: it is printed only with --body and --why,
    and after who reads it and why was put on record.
    """
    settings = settings_of(context)

    async def work() -> tuple[DeadLetter, Body | None]:
        if why and not body:
            raise ClientError("--why belongs to --body: without the body nothing is put on record.")
        reason = Reason(why) if body else None
        letter = await find_one(settings, position)
        if reason is None:
            return letter, None
        return letter, await read_on_record(settings, letter, reason, kilobytes * 1024)

    letter, read = run(work())
    for name, value in letter_rendering.details(letter):
        say(f"{name:<10} {value}")
    note = read.note if read else f"{letter.size} bytes in Kafka, not shown"
    say(f"{'body':<10} {note}")
    for command in letter_rendering.commands(letter):
        say(f"{'next':<10} {command}")
    if read and read.text is not None:
        say(f"\n{read.text}")


@app.command()
def redrive(  # noqa: PLR0913 - each option is a parameter
    context: typer.Context,
    *,
    position: OnePosition = "",
    topic: Topic = "",
    tenant: Tenant = "",
    code: Code = "",
    since: Since = "",
    until: Until = "",
    why: Why = "",
    dry_run: DryRun = False,
) -> None:
    """Publish open dead letters again, where they came from: all, or those that you choose.

    Mend the cause first, and try one. Key and id stay; none is redriven twice. What kills its
    process, or fails again whatever is mended, is taken only by --code or by its position.
    """
    options = _Options(Wanted(topic, tenant, code, position), since, until)
    if dry_run:
        _rehearse(context, choose_to_redrive, options, letter_rendering.would_redrive)
        return

    async def work() -> tuple[list[DeadLetter], Choice]:
        return await redrive_on_record(settings_of(context), options.wanted(), Reason(why))

    _tell("redriven", *run(work()))


@app.command()
def drop(  # noqa: PLR0913 - each option is a parameter
    context: typer.Context,
    *,
    position: OnePosition = "",
    topic: Topic = "",
    tenant: Tenant = "",
    code: Code = "",
    since: Since = "",
    until: Until = "",
    why: Why = "",
    dry_run: DryRun = False,
) -> None:
    """Give dead letters up: they are listed and redriven no more.

    It cannot be undone. The events stay in Kafka until their retention is over, 14 days.
    """
    options = _Options(Wanted(topic, tenant, code, position), since, until)
    if dry_run:
        _rehearse(context, choose_to_drop, options, letter_rendering.would_drop)
        return

    async def work() -> tuple[list[DeadLetter], Choice]:
        return await drop_on_record(settings_of(context), options.wanted(), Reason(why))

    _tell("dropped", *run(work()))


def _rehearse(
    context: typer.Context,
    choose: Callable[[BusSettings, Wanted], Coroutine[Any, Any, Choice]],
    options: _Options,
    line: Callable[[DeadLetter], str],
) -> None:
    """Say which letters would be taken, each in a line."""

    async def work() -> Choice:
        return await choose(settings_of(context), options.wanted())

    choice = run(work())
    for letter in choice.taken:
        say(line(letter))
    _tell_left(choice)
    say(f"{len(choice.taken)} would be taken; nothing was changed.")


def _tell(fate: str, done: list[DeadLetter], choice: Choice) -> None:
    for letter in done:
        say(f"{fate} {letter.position}")
    _tell_left(choice)
    say(f"{len(done)} {fate}.")


def _tell_left(choice: Choice) -> None:
    for letter, reason in choice.left:
        say(f"left {letter.position}: {reason}")
    if not choice.taken and not choice.left:
        say(letter_rendering.none_wanted(choice.others))
