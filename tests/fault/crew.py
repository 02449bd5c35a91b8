"""The processes of one service, kept alive as an orchestrator would: who ends is started anew."""

import asyncio
import ctypes
import operator
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sidemand.testing.servers.program import HOST, free_ports

ROOT: Final = Path(__file__).parents[2]
_LOOK_EVERY: Final = 0.1
_BEFORE_ANOTHER_TRY: Final = 1.0
"""Seconds before a member that gave up by itself is started again."""
_RETRIES: Final = "sidemand_retries_total{"
_PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Member:
    """One process, over all its starts."""

    name: str
    module: str
    environment: Mapping[str, str]
    folder: Path
    port: int = field(default_factory=lambda: free_ports(1)[0])
    process: subprocess.Popen[bytes] | None = None
    kept: bool = True
    """Whether it is started anew when it ends."""
    told: signal.Signals | None = None
    """The signal that is to end it."""
    peak_kb: int = 0
    """The most memory that was seen, resident, in kB."""

    @property
    def log(self) -> Path:
        """What it prints, over all its starts."""
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        """Start the process."""
        self.told = None
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                cwd=ROOT,
                env={**os.environ, **self.environment, "SIDEMAND_HEALTH_PORT": str(self.port)},
                stdout=log,
                stderr=log,
                preexec_fn=_end_with_the_tests,  # noqa: PLW1509 - it makes one system call
            )

    @property
    def running(self) -> subprocess.Popen[bytes]:
        """The process that was started last."""
        assert self.process is not None, f"{self.name} was never started"
        return self.process

    def tell(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.told = number
        self.running.send_signal(number)

    async def end(self, number: signal.Signals) -> int:
        """Send a signal that ends it, and wait for the exit code."""
        process = self.running
        self.tell(number)
        return await asyncio.to_thread(process.wait, 40)

    def measure(self) -> None:
        """Look how much memory it has."""
        with suppress(OSError, StopIteration):
            lines = Path(f"/proc/{self.running.pid}/status").read_text().splitlines()
            resident = next(line for line in lines if line.startswith("VmRSS"))
            self.peak_kb = max(self.peak_kb, int(resident.split()[1]))

    async def is_ready(self) -> bool:
        """Whether it says so itself."""
        with suppress(OSError):
            await asyncio.to_thread(_page, self.port, "ready")
            return True
        return False

    async def retries(self) -> float:
        """How many attempts failed and will be repeated, since its start; 0 while it starts."""
        with suppress(OSError):
            lines = (await asyncio.to_thread(_page, self.port, "metrics")).splitlines()
            return sum(float(each.split()[-1]) for each in lines if each.startswith(_RETRIES))
        return 0


def _page(port: int, name: str) -> str:
    """What a health port says. Raises `OSError` where it says nothing, or that it is not well."""
    with urllib.request.urlopen(f"http://{HOST}:{port}/{name}", timeout=2) as answer:
        return str(answer.read().decode())


def _end_with_the_tests() -> None:
    """Have the kernel end this process with the one that starts it, however that ends."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass
class Crew:
    """All members of a service, or of several."""

    members: list[Member]
    spare: Member
    """Joins only for a while."""
    exits: list[str] = field(default_factory=list)
    """How members ended that nobody had told to, and those told to that ended otherwise."""

    def by_pid(self, pid: int) -> Member:
        """The member whose process this is."""
        return next(each for each in self.members if each.running.pid == pid)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Start all, keep them alive until the block ends, and end them."""
        for member in self.members:
            member.start()
        keeping = [asyncio.create_task(self._keep(member)) for member in self.members]
        try:
            await self.until_ready(self.members)
            yield
        finally:
            for task in keeping:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)
            for member in self.everybody:
                if member.process is not None:
                    member.process.kill()
                    member.process.wait()

    @property
    def everybody(self) -> list[Member]:
        """The members and the spare."""
        return [*self.members, self.spare]

    @property
    def peak_kb(self) -> int:
        """The most memory that one of them had."""
        return max(member.peak_kb for member in self.everybody)

    @asynccontextmanager
    async def hindered(self, seconds: float = 120) -> AsyncIterator[None]:
        """Wait at the end of the block until a member repeats what failed since its beginning."""
        before = await self._retries()
        yield
        async with asyncio.timeout(seconds):
            while not any(map(operator.gt, await self._retries(), before)):  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_EVERY)

    @asynccontextmanager
    async def stopped(self, *names: str) -> AsyncIterator[None]:
        """Stop these politely for the length of the block, or all; then they come back."""
        members = [each for each in self.members if not names or each.name in names]
        for member in members:
            member.kept = False
        try:
            await asyncio.gather(*(member.end(signal.SIGTERM) for member in members))
            yield
        finally:
            for member in members:
                member.kept = True

    async def until_ready(self, members: Sequence[Member], seconds: float = 180) -> None:
        """Wait until these are ready."""
        try:
            async with asyncio.timeout(seconds):
                for member in members:
                    while not await member.is_ready():  # noqa: ASYNC110 - it is out there
                        await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            raise AssertionError("\n".join(self.last_words())) from None

    def last_words(self) -> Iterator[str]:
        """The ends of the logs."""
        for member in self.everybody:
            if member.process is None:
                continue
            yield f"{member.name}: {member.log.read_text(errors='replace')[-1500:]}"

    async def _retries(self) -> list[float]:
        return [await member.retries() for member in self.members]

    async def _keep(self, member: Member) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            member.measure()
            code = member.running.poll()
            if code is None or not member.kept:
                continue
            if not _is_as_told(code, member.told):
                self.exits.append(f"{member.name}: {code}")
                await asyncio.sleep(_BEFORE_ANOTHER_TRY)
            member.start()


def _is_as_told(code: int, told: signal.Signals | None) -> bool:
    """A polite stop ends with 0, or at once where it falls into the start of the process.

    Whoever is killed, was killed by a fault.
    """
    return code in ({0, -signal.SIGTERM} if told is signal.SIGTERM else {-signal.SIGKILL})
