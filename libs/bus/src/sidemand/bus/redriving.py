"""Finding dead letters and publishing them again. No consumer group is touched by it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sidemand.bus.dead_letters import DeadLetter, Mark, mark, redriven
from sidemand.bus.decoding import Record, position_of
from sidemand.bus.provisioning import partition_counts
from sidemand.bus.publisher import Publisher
from sidemand.bus.reader import RecordReader
from sidemand.bus.settings import BusSettings
from sidemand.schemas.identity import Payload
from sidemand.schemas.kafka_topics import SERVICES
from sidemand.schemas.topics import ALL, Topic

_TOPICS: Final[Mapping[str, tuple[Topic[Payload], str]]] = {
    topic.dead_letters(service): (topic, service)
    for topic in ALL
    for service in topic.consumers
    if service in SERVICES
}
"""Every dead-letter topic: whose letters it holds, and who gave them up."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dead letters; what is empty does not matter."""

    topic: str = ""
    """The topic's name without tenant, or the dead-letter topic's."""
    tenant: str = ""
    code: str = ""
    position: str = ""
    """Of one letter, `topic/partition/offset`."""

    def includes(self, letter: DeadLetter) -> bool:
        """Whether `letter` is wanted."""
        names = {letter.topic.name, letter.topic.dead_letters(letter.service)}
        return (
            self.topic in {"", *names}
            and self.tenant in {"", letter.tenant}
            and self.code in {"", letter.code}
            and self.position in {"", letter.position}
        )


async def find_dead_letters(settings: BusSettings, wanted: Wanted) -> list[DeadLetter]:
    """Read the dead letters that are there, oldest first; those redriven already say when.

    Raises `BusError` where no Kafka answers.
    """
    existing = await partition_counts(settings)
    letters: dict[str, DeadLetter] = {}
    marks: list[Mark] = []
    async for record in _records(settings, [name for name in _TOPICS if name in existing]):
        said = Mark.of(record)
        if said is None:
            letter = DeadLetter.of(record, *_TOPICS[record.topic])
            letters[letter.position] = letter
        else:
            marks.append(said)
    for each in marks:
        if each.position in letters:
            letters[each.position] = replace(letters[each.position], redriven_at=each.at)
    return sorted(filter(wanted.includes, letters.values()), key=_age)


async def redrive(settings: BusSettings, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
    """Publish the events of `letters` again, where they came from. Returns those that were.

    Left out are letters that were redriven before and those that do not say where they came
    from. Each is marked after its event is published: an interruption between the two publishes
    it once more, which consumers take as the same event, by id and `replay-of`.
    """
    chosen = {
        letter.position: letter for letter in letters if letter.origin and not letter.redriven_at
    }
    names = sorted({position.partition("/")[0] for position in chosen})
    done: list[DeadLetter] = []
    async with Publisher(settings, "sidemand/dead-letters") as publisher:
        async for record in _records(settings, names):
            letter = chosen.get(position_of(record))
            if letter is not None and letter.origin is not None:
                await publisher.send([redriven(record, letter.origin)])
                await publisher.send([mark(record)])
                done.append(letter)
    return done


async def _records(settings: BusSettings, names: Sequence[str]) -> AsyncIterator[Record]:
    """Read what is in these topics now."""
    if not names:
        return
    async with RecordReader(settings, names, "earliest") as records:
        async for record in records.until_now():
            yield record


def _age(letter: DeadLetter) -> tuple[str, str]:
    return (letter.failed_at.isoformat() if letter.failed_at else "", letter.position)
