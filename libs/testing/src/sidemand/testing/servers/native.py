"""A server as a process of this machine, that never outlives the one that started it."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from sidemand.testing.servers.program import StartFailed, end_with_parent, wait_until

# Linux ends the child when the *thread* that forked it ends, so one that stays does all forking.
_FORKING_THREAD = ThreadPoolExecutor(1, "servers")
_START_SECONDS = 120
_STOP_SECONDS = 60
_LOG_LINES = 15


@dataclass(frozen=True)
class Command:
    """What to run: `folder` holds its data and log; `user` only where it must not run as root.

    `stop_signal` is what the server takes as the wish that it end soon, with its data in order.
    """

    name: str
    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def log(self) -> Path:
        """Everything that the server prints, over all its starts."""
        return self.folder / f"{self.name}.log"


class NativeProgram:
    """A command in a process group of its own; `ready` says whether the server answers."""

    origin = "native"

    def __init__(self, command: Command, ready: Callable[[], bool]) -> None:
        self._command = command
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process that was started last, running or not."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start and wait until it answers. Raises `StartFailed`."""
        process = _FORKING_THREAD.submit(_spawn, self._command).result()
        self._process = process
        answered = wait_until(lambda: process.poll() is not None or self._ready(), _START_SECONDS)
        if process.poll() is not None:
            raise StartFailed(self._failure(f"ended with exit code {process.returncode}"))
        if not answered:
            self.kill()
            raise StartFailed(self._failure(f"did not answer within {_START_SECONDS} s"))

    def stop(self) -> None:
        """Ask it to end; kill it where it does not."""
        self._signal(self._command.stop_signal)
        try:
            self._wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process group at once."""
        self._signal(signal.SIGKILL)
        self._wait(_STOP_SECONDS)

    def discard(self) -> None:
        """Kill it and remove its folder."""
        self.kill()
        shutil.rmtree(self._command.folder, ignore_errors=True)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def _wait(self, seconds: float) -> None:
        if self._process is not None:
            self._process.wait(seconds)

    def _failure(self, how: str) -> str:
        lines = self._command.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return "\n".join([f"{self._command.name} {how}; it logged last:", *lines])


def _spawn(command: Command) -> subprocess.Popen[bytes]:
    with command.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own command lines
            command.arguments,
            cwd=command.folder,
            env={**os.environ, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            user=command.user,
            group=None if command.user is None else _group_of(command.user),
            extra_groups=None if command.user is None else [],
            process_group=0,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - it makes one system call
        )


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid
