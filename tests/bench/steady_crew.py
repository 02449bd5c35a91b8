"""Processes of the service whose work is known, and what they have finished."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sidemand.bus import BusSettings

from .members import Member, at_work
from .steady_service import FINISHED, WORK


@dataclass(frozen=True)
class SteadyCrew:
    """The processes, and their files."""

    members: Sequence[Member]
    work: Path

    def works(self, how: str) -> None:
        """Change the work of each event, from now on: `await 0.02`, `cpu 0.005`."""
        following = self.work.with_suffix(".next")
        following.write_text(how)
        following.replace(self.work)

    def finished(self) -> Counter[int]:
        """How often each event was finished, by its number."""
        return Counter(number for number, _, _ in self._lines())

    def waited(self, tenant: str) -> list[float]:
        """Seconds from publication to the end of the work, of all events of a tenant."""
        return [seconds for _, of, seconds in self._lines() if of == tenant]

    def _lines(self) -> Iterator[tuple[int, str, float]]:
        for member in self.members:
            for line in Path(member.environment[FINISHED]).read_text().splitlines():
                number, tenant, seconds = line.split()
                yield int(number), tenant, float(seconds)


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
