"""The processes of one service, kept alive as an orchestrator would: who ends is started anew."""

import asyncio
import operator
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sidemand.testing.processes import Process

ROOT: Final = Path(__file__).parents[2]
_LOOK_EVERY: Final = 0.1
_BEFORE_ANOTHER_TRY: Final = 1.0
"""Seconds before a member that gave up by itself is started again."""


@dataclass
class Member(Process):
    """One of them, over all its starts."""

    cwd: Path | None = ROOT
    kept: bool = True
    """Whether it is started anew when it ends."""
    told: signal.Signals | None = None
    """The signal that is to end it."""
    peak_kb: int = 0
    """The most memory that was seen, resident, in kB."""

    def start(self) -> None:
        """Start the process."""
        self.told = None
        super().start()

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
        return await asyncio.to_thread(self.answers, "/ready")

    async def retries(self) -> float:
        """How many attempts failed and will be repeated, since its start; 0 while it starts."""
        with suppress(OSError):
            return await asyncio.to_thread(self.metric, "sidemand_retries_total")
        return 0


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
