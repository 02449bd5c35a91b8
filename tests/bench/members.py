"""Processes that are measured from outside: their CPU time, their memory, their metrics."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sidemand.testing.processes import Process
from sidemand.testing.servers import StartFailed

from .measuring import ROOT

_START_SECONDS: Final = 300.0
_END_SECONDS: Final = 30.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Member(Process):
    """A process that is measured."""

    cwd: Path | None = ROOT
    page_seconds: float = 5.0

    @property
    def running(self) -> subprocess.Popen[bytes]:
        """The process. Raises `StartFailed` with its last words where it has ended."""
        process = super().running
        if process.poll() is not None:
            raise StartFailed(f"{self.name} has ended: {self.log.read_text()[-2000:]}")
        return process

    @property
    def cpu_seconds(self) -> float:
        """CPU time since its start, of all its threads, in user and in system."""
        stat = Path(f"/proc/{self.running.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def resident_mb(self) -> float:
        """Resident memory now, in megabytes."""
        pages = Path(f"/proc/{self.running.pid}/statm").read_text().split()[1]
        return int(pages) * _PAGE / 1e6


@contextmanager
def at_work(
    members: Sequence[Member],
    is_ready: Callable[[Member], bool] = lambda each: each.answers("/ready"),
) -> Iterator[None]:
    """Start all, wait until all are ready at the same time, and end them at the block's end.

    They are asked first, so that they leave their consumer groups to those that come after them.
    """
    try:
        for member in members:
            member.start()
        _until_ready(members, is_ready)
        yield
    finally:
        _end([member.process for member in members if member.process is not None])


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
    deadline = time.monotonic() + _END_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until_ready(members: Sequence[Member], is_ready: Callable[[Member], bool]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not all(member.running.pid and is_ready(member) for member in members):
        if time.monotonic() > deadline:
            raise StartFailed("\n".join(each.log.read_text()[-1000:] for each in members))
        time.sleep(0.1)


def cpu_seconds(members: Sequence[Member]) -> float:
    """CPU time of all of them since their starts."""
    return sum(member.cpu_seconds for member in members)
