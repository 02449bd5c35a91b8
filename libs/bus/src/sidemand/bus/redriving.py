"""Finding dead letters, publishing them again, dropping them. No consumer group is touched."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sidemand.bus.dead_letters import DeadLetter, Mark, mark_dropped, mark_redriven, redriven
from sidemand.bus.decoding import Record, position_of
from sidemand.bus.provisioning import partition_counts
from sidemand.bus.publisher import Message, Publisher
from sidemand.bus.reader import RecordReader
from sidemand.bus.settings import BusSettings
from sidemand.schemas.identity import Payload
from sidemand.schemas.kafka_topics import SERVICES
from sidemand.schemas.topics import ALL, Topic

Before = Callable[[DeadLetter], Awaitable[None]]
"""Is awaited before a letter is touched: the place to put it on record."""

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
    since: datetime | None = None
    """Given up then or later."""
    until: datetime | None = None
    """Given up before."""

    def includes(self, letter: DeadLetter) -> bool:
        """Whether `letter` is wanted."""
        names = {letter.topic.name, letter.topic.dead_letters(letter.service)}
        return (
            self.topic in {"", *names}
            and self.tenant in {"", letter.tenant}
            and self.code in {"", letter.code}
            and self.position in {"", letter.position}
            and (self.since is None or self.since <= letter.failed_at)
            and (self.until is None or letter.failed_at < self.until)
        )


async def find_dead_letters(settings: BusSettings, wanted: Wanted) -> list[DeadLetter]:
    """Read the dead letters that are there, oldest first, with what became of them.

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
            letters[each.position] = replace(letters[each.position], mark=each)
    return sorted(filter(wanted.includes, letters.values()), key=_age)


async def redrive(
    settings: BusSettings, letters: Sequence[DeadLetter], before: Before | None = None
) -> list[DeadLetter]:
    """Publish the events of `letters` again, where they came from. Returns those that were.

    Left out are letters that are not open and those that do not say where they came from. Each
    is marked after its event is published: an interruption between the two publishes it once
    more, which consumers take as the same event, by id and `replay-of`.
    """

    def messages(record: Record, letter: DeadLetter) -> list[Message]:
        assert letter.origin is not None
        return [redriven(record, letter.origin), mark_redriven(record)]

    return await _settle(settings, [each for each in letters if each.origin], messages, before)


async def drop(
    settings: BusSettings, letters: Sequence[DeadLetter], why: str, before: Before | None = None
) -> list[DeadLetter]:
    """Mark `letters` as dropped, and return those that were. Left out are those not open.

    The letter itself stays where it is until Kafka's retention takes it; `why` stays beside it,
    and must hold no personal data.
    """
    return await _settle(settings, letters, lambda record, _: [mark_dropped(record, why)], before)


async def _settle(
    settings: BusSettings,
    letters: Sequence[DeadLetter],
    messages: Callable[[Record, DeadLetter], list[Message]],
    before: Before | None,
) -> list[DeadLetter]:
    """Send the messages for each open letter, each when Kafka has the one before it."""
    chosen = {letter.position: letter for letter in letters if letter.mark is None}
    names = sorted({position.partition("/")[0] for position in chosen})
    done: list[DeadLetter] = []
    async with Publisher(settings, "sidemand/dead-letters") as publisher:
        async for record in _records(settings, names):
            letter = chosen.get(position_of(record))
            if letter is None:
                continue
            if before is not None:
                await before(letter)
            for message in messages(record, letter):
                await publisher.send([message])
            done.append(letter)
    return done


async def read_letter(settings: BusSettings, letter: DeadLetter) -> Record | None:
    """The record of `letter`, body and all; none where Kafka has it no more."""
    async for record in _records(settings, [letter.position.partition("/")[0]]):
        if position_of(record) == letter.position:
            return record
    return None


async def _records(settings: BusSettings, names: Sequence[str]) -> AsyncIterator[Record]:
    """Read what is in these topics now."""
    if not names:
        return
    async with RecordReader(settings, names, "earliest") as records:
        async for record in records.until_now():
            yield record


def _age(letter: DeadLetter) -> tuple[datetime, str]:
    return letter.failed_at, letter.position
