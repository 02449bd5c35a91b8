"""Processes of the service whose work is known, and what they have finished."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sidemand.bus import BusSettings

from .members import Member, at_work
from .steady_service import FINISHED, WORK


@dataclass
class SteadyCrew:
    """The processes, and their files; each line is read once, since counting must cost nothing."""

    members: Sequence[Member]
    work: Path
    _finished: Counter[int] = field(default_factory=Counter)
    _waited: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _read_to: Counter[str] = field(default_factory=Counter)

    def works(self, how: str) -> None:
        """Change the work of each event, from now on: `await 0.02`, `cpu 0.005`."""
        following = self.work.with_suffix(".next")
        following.write_text(how)
        following.replace(self.work)

    def finished(self) -> Counter[int]:
        """How often each event was finished, by its number."""
        self._read_on()
        return self._finished

    def waited(self, tenant: str) -> list[float]:
        """Seconds from publication to the end of the work, of all events of a tenant."""
        self._read_on()
        return self._waited[tenant]

    def _read_on(self) -> None:
        for member in self.members:
            path = member.environment[FINISHED]
            with Path(path).open("rb") as lines:
                lines.seek(self._read_to[path])
                written = lines.read()
            whole = written[: written.rfind(b"\n") + 1]
            self._read_to[path] += len(whole)
            for line in whole.decode().splitlines():
                number, tenant, seconds = line.split()
                self._finished[int(number)] += 1
                self._waited[tenant].append(float(seconds))


@contextmanager
def steady_crew(bus: BusSettings, folder: Path, count: int = 1) -> Iterator[SteadyCrew]:
    """So many processes in one consumer group, until the block ends."""
    work = folder / "work"
    members = [
        Member(
            f"steady-{number}",
            "tests.bench.steady_service",
            {
                "SIDEMAND_KAFKA": bus.kafka,
                "SIDEMAND_OBJECTS": bus.objects,
                "SIDEMAND_CONCURRENCY": str(bus.concurrency),
                WORK: str(work),
                FINISHED: str(folder / f"finished-{number}"),
            },
            folder,
        )
        for number in range(count)
    ]
    crew = SteadyCrew(members, work)
    crew.works("await 0")
    with at_work(members):
        yield crew
