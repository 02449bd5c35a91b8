"""What this machine has to run servers with."""

import functools
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

NO_DOCKER = "no Docker daemon answers"


class Unavailable(Exception):
    """This machine cannot run the server; the text says what it lacks."""


@functools.cache
def docker_answers() -> bool:
    """Whether containers can be started here. Asked once: a daemon does not come and go."""
    try:
        from docker.client import DockerClient

        DockerClient.from_env(timeout=5).ping()
    except Exception:  # noqa: BLE001 - whatever is wrong with it, there is no Docker to use
        return False
    return True


def program(name: str, needed_for: str) -> str:
    """The path of an installed program. Raises `Unavailable`."""
    path = shutil.which(name)
    if path is None:
        raise Unavailable(f"{NO_DOCKER}, and {name} is not installed, which {needed_for} needs")
    return path


def run(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
) -> str:
    """Run a program to its end and return what it printed; `environment` comes on top of ours.

    Raises `Unavailable` where it cannot be run, or fails.
    """
    name = Path(command[0]).name
    try:
        outcome = subprocess.run(  # noqa: S603 - our own command lines
            command,
            env={**os.environ, **(environment or {})},
            cwd=folder,
            user=user,
            extra_groups=None if user is None else [],
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        who = "" if user is None else f" as the user {user}"
        raise Unavailable(f"{command[0]} cannot be run{who}: {error.strerror}") from error
    if outcome.returncode != 0:
        told = outcome.stdout.strip().splitlines() or ["it printed nothing"]
        raise Unavailable(f"{name} failed with exit code {outcome.returncode}: {told[-1]}")
    return outcome.stdout
