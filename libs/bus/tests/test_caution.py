"""What a member's death leaves behind, and what the next one makes of it."""

import asyncio
from dataclasses import dataclass

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from sidemand.bus.assignment import Abandoned
from sidemand.bus.caution import _MOST_EVENTS, IN_ORDER, Caution, Note, Watch
from sidemand.bus.decoding import Record
from sidemand.bus.errors import Transient

TOPIC = "casework.document.ingested.v1"
FIRST, OTHER = TopicPartition(TOPIC, 0), TopicPartition(TOPIC, 1)
ATTEMPTS = 3


def record(offset: int, partition: TopicPartition = FIRST) -> Record:
    topic, number = partition
    return ConsumerRecord(topic, number, offset, 0, 0, b"storaadal|1", b"", None, 0, 0, ())


class Kafka:
    """Keeps the note of a partition, as the group's coordinator does."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.notes: list[str] = []

    async def write_down(self, partition: TopicPartition) -> None:
        self.notes.append(self._watch.note(partition))


async def attempt(watch: Watch, offset: int, kafka: Kafka | None = None) -> None:
    async with watch.over(record(offset), asyncio.Event(), (kafka or Kafka(watch)).write_down):
        pass


def watching(*left: str, caution: Caution | None = None) -> Watch:
    watch = Watch(caution or Caution(), ATTEMPTS)
    watch.begin(dict(zip((FIRST, OTHER), left, strict=False)))
    return watch


@pytest.mark.parametrize("note", [Note(), Note(17, 2)])
def test_a_note_is_read_as_it_was_written(note: Note) -> None:
    assert Note.read(str(note)) == note


@pytest.mark.parametrize("text", [IN_ORDER, "somebody else's", "working at="])
def test_a_partition_without_a_note_was_given_back_in_order(text: str) -> None:
    assert Note.read(text) is None


async def test_a_death_makes_careful_and_an_end_in_order_does_not() -> None:
    for left, careful in ((IN_ORDER, False), ("working", True), ("working at=17 time=1", True)):
        caution = Caution()
        assert watching(left, caution=caution).note(FIRST) == "working"
        assert caution.is_on == careful


async def test_who_is_careful_writes_down_what_it_begins_and_takes_it_off_again() -> None:
    watch = watching("working")
    kafka = Kafka(watch)
    await attempt(watch, 17, kafka)
    assert kafka.notes == ["working at=17 time=1", "working"]


async def test_who_is_not_careful_writes_nothing_down() -> None:
    watch = watching(IN_ORDER)
    kafka = Kafka(watch)
    await attempt(watch, 17, kafka)
    assert kafka.notes == []


async def deaths_with_in_hand(*offsets: int) -> set[str]:
    """Let a member die over its work, and each that follows it with one of these in hand."""
    left = "working"
    for offset in offsets:
        watch = watching(left)
        assert watch.convicted == set()
        kafka = Kafka(watch)
        await attempt(watch, offset, kafka)
        left, _ = kafka.notes
    return watching(left).convicted


async def test_an_event_is_convicted_at_the_third_death() -> None:
    assert await deaths_with_in_hand(17, 17) == {f"{TOPIC}/0/17"}


async def test_an_event_that_stood_there_when_another_was_in_hand_before_is_not_convicted() -> None:
    assert await deaths_with_in_hand(17, 18, 17, 19) == set()


@dataclass
class AtWork:
    """How many attempts run at the same time."""

    now: int = 0
    most: int = 0

    async def attempt(self, watch: Watch, offset: int) -> None:
        async with watch.over(record(offset), asyncio.Event(), Kafka(watch).write_down):
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0)
            self.now -= 1


async def test_a_careful_process_handles_one_event_at_a_time_in_all_its_lanes() -> None:
    caution, at_work = Caution(), AtWork()
    lanes = [watching("working", caution=caution) for _ in range(2)]
    await asyncio.gather(*(at_work.attempt(lane, offset) for lane in lanes for offset in range(2)))
    assert at_work.most == 1


async def test_whoever_waited_for_a_turn_when_caution_ends_goes_on_beside_the_others() -> None:
    caution, at_work = Caution(), AtWork()
    watch = watching("working", caution=caution)
    for offset in range(_MOST_EVENTS - 1):
        await attempt(watch, offset)
    await asyncio.gather(*(at_work.attempt(watch, offset) for offset in range(3)))
    assert at_work.most == 2


async def test_an_attempt_that_fails_is_taken_off_the_note_while_the_next_is_waited_for() -> None:
    watch = watching("working")
    kafka = Kafka(watch)
    with pytest.raises(Transient):
        async with watch.over(record(17), asyncio.Event(), kafka.write_down):
            raise Transient("index")
    assert kafka.notes == ["working at=17 time=1", "working"]


async def test_caution_ends_after_as_many_events_as_the_dead_may_have_had_in_hand() -> None:
    caution = Caution()
    watch = watching("working", caution=caution)
    for offset in range(_MOST_EVENTS):
        assert caution.is_on
        await attempt(watch, offset)
    assert not caution.is_on


async def test_an_event_whose_turn_comes_too_late_is_abandoned() -> None:
    watch = watching("working")
    leaving = asyncio.Event()
    leaving.set()
    with pytest.raises(Abandoned):
        async with watch.over(record(1), leaving, Kafka(watch).write_down):
            pass
