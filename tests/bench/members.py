"""Processes that are measured from outside: their CPU time, their memory, their metrics."""

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sidemand.testing.servers import StartFailed
from sidemand.testing.servers.program import HOST, free_ports

from .measuring import ROOT

_START_SECONDS: Final = 300.0
_END_SECONDS: Final = 30.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Member:
    """One process: a module that is run, and where it logs."""

    name: str
    module: str
    environment: Mapping[str, str]
    folder: Path
    port: int = field(default_factory=lambda: free_ports(1)[0])
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it ends with this process, however that ends."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                cwd=ROOT,
                env={**os.environ, **self.environment, "SIDEMAND_HEALTH_PORT": str(self.port)},
                stdout=log,
                stderr=log,
                preexec_fn=_end_with_us,  # noqa: PLW1509 - it makes one system call
            )

    @property
    def log(self) -> Path:
        """What it prints."""
        return self.folder / f"{self.name}.log"

    @property
    def running(self) -> subprocess.Popen[bytes]:
        """The process. Raises `StartFailed` with its last words where it has ended."""
        assert self.process is not None, f"{self.name} was never started"
        if self.process.poll() is not None:
            raise StartFailed(f"{self.name} has ended: {self.log.read_text()[-2000:]}")
        return self.process

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

    @property
    def is_ready(self) -> bool:
        """Whether it says so itself."""
        with suppress(OSError):
            self.page("ready")
            return True
        return False

    def page(self, name: str) -> str:
        """What its health port says. Raises `OSError` where it says nothing, or is not well."""
        with urllib.request.urlopen(f"http://{HOST}:{self.port}/{name}", timeout=5) as answer:
            return str(answer.read().decode())

    def metric(self, name: str) -> float:
        """The sum of a metric over all its labels."""
        lines = self.page("metrics").splitlines()
        return sum(float(each.split()[-1]) for each in lines if each.startswith(f"{name}{{"))


def _end_with_us() -> None:
    """Have the kernel end this process with the one that starts it."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def at_work(
    members: Sequence[Member], is_ready: Callable[[Member], bool] = lambda each: each.is_ready
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
