"""From a coroutine to an exit code: 0 done, 1 failed with one sentence, 2 not understood."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from sidemand.bus import BusError, BusSettings
from sidemand.client.errors import ClientError
from sidemand.observability import configure_logs, failure
from sidemand.storage.errors import StorageError

R = TypeVar("R")

FAILED: Final = 1
_FETCH_WAIT_MS: Final = 50


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the command was told to go."""

    kafka: str

    def settings(self) -> BusSettings:
        """The bus's settings for a person who waits."""
        settings = BusSettings(kafka=self.kafka)
        # The embedded Kafka does not wake a waiting fetch; a real one does, and does not mind.
        wait = min(settings.fetch_max_wait_ms, _FETCH_WAIT_MS)
        return settings.model_copy(update={"fetch_max_wait_ms": wait})


def settings_of(context: typer.Context) -> BusSettings:
    """The settings that the command was called with."""
    connection = context.find_object(Connection)
    assert connection is not None
    try:
        return connection.settings()
    except ValidationError as error:
        fields = {str(fault["loc"][0]) for fault in error.errors(include_input=False)}
        names = ", ".join(f"SIDEMAND_{name.upper()}" for name in sorted(fields))
        fail(f"{names} cannot be used as set in the environment: correct it.")


def run(task: Coroutine[Any, Any, R]) -> R:
    """Run `task`. Whatever stops it becomes one sentence on standard error, and exit code 1."""
    configure_logs("ERROR", "console")
    # What it says of an address that nobody answers at, we say better.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        return asyncio.run(task)
    except (ClientError, BusError, StorageError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    except Exception as error:  # noqa: BLE001 - its text may quote a case, so only its kind is told
        said = failure(error)
        fail(f"That is a fault of Sidemand: {said['error']} at {said['where'][-1]}. Report it.")


def fail(sentence: str) -> NoReturn:
    """End with exit code 1."""
    say(f"sidemand: {sentence}", stderr=True)
    raise typer.Exit(FAILED)


def say(line: str, *, stderr: bool = False) -> None:
    """Print a line as it is, however long: people copy from it, and programs read it."""
    typer.echo(line, err=stderr)


def console(*, stderr: bool = False) -> Console:
    """Print without reading markup into texts that come from elsewhere."""
    return Console(stderr=stderr, markup=False, highlight=False)
