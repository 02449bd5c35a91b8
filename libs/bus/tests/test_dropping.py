"""Dead letters are dropped by a mark, chosen by time, and put on record before anything is done."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import AIOKafkaProducer
from sidemand.bus import BusSettings
from sidemand.bus.dead_letters import DeadLetter
from sidemand.bus.reader import RecordReader
from sidemand.bus.redriving import Wanted, drop, find_dead_letters, redrive
from sidemand.schemas import topics
from sidemand.schemas.casework import CaseErased
from sidemand.schemas.identity import CaseRef

CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=7))
DEAD = topics.CASE_ERASED.dead_letters("ingestion")
ORIGIN = f"{topics.CASE_ERASED.of('storaadal')}/3/8"
GIVEN_UP = datetime(2031, 5, 4, 3, tzinfo=UTC)
WHY = "Udgivet igen som evt-9"

Headers = list[tuple[str, bytes]]


def headers(event_id: str, failed_at: str = GIVEN_UP.isoformat()) -> Headers:
    texts = {
        "ce_id": event_id,
        "ce_source": "postsag",
        "ce_type": topics.CASE_ERASED.name,
        "ce_time": "2031-05-04T02:00:00+00:00",
        "dlq-code": "unexpected",
        "dlq-origin": ORIGIN,
        "dlq-failed-at": failed_at,
    }
    return [(name, text.encode()) for name, text in texts.items()]


async def write(producer: AIOKafkaProducer, said: Headers, key: bytes | None = None) -> None:
    body = CaseErased(case=CASE, erased_at=GIVEN_UP).model_dump_json().encode()
    await producer.send_and_wait(DEAD, body, key=key, headers=said)


async def fates(settings: BusSettings) -> dict[str | None, str | None]:
    found = await find_dead_letters(settings, Wanted())
    return {each.event_id: each.mark.fate if each.mark else None for each in found}


async def test_a_dropped_letter_stays_with_the_reason_and_is_not_redriven(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    for number in range(2):
        await write(producer, headers(f"evt-{number}"), CASE.key.encode())
    first, second = await find_dead_letters(settings, Wanted())
    assert await drop(settings, [first], WHY) == [first]
    dropped, _ = found = await find_dead_letters(settings, Wanted())
    assert dropped.mark is not None
    assert (dropped.mark.fate, dropped.mark.why) == ("dropped", WHY)
    assert dropped.redriven_at is None
    assert await redrive(settings, found) == [second]
    assert await fates(settings) == {first.event_id: "dropped", second.event_id: "redriven"}


async def test_a_settled_letter_is_not_dropped_again(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    for number in range(2):
        await write(producer, headers(f"evt-{number}"), CASE.key.encode())
    first, second = await find_dead_letters(settings, Wanted())
    await drop(settings, [first], WHY)
    await redrive(settings, [second])
    assert await drop(settings, await find_dead_letters(settings, Wanted()), "Igen") == []


async def test_a_letter_without_a_key_is_redriven_or_dropped_once(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    for number in range(2):
        await write(producer, headers(f"evt-{number}"))
    first, second = await find_dead_letters(settings, Wanted())
    await drop(settings, [first], WHY)
    await redrive(settings, [second])
    assert await fates(settings) == {first.event_id: "dropped", second.event_id: "redriven"}


async def test_a_redriven_event_keeps_key_body_and_id(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    await write(producer, headers("evt-1"), CASE.key.encode())
    await redrive(settings, await find_dead_letters(settings, Wanted()))
    name = topics.CASE_ERASED.of("storaadal")
    async with RecordReader(settings, name, "earliest") as records:
        (record,) = [record async for record in records.until_now()]
    assert record.key == CASE.key.encode()
    assert CaseErased.model_validate_json(record.value or b"").case == CASE
    found = dict(record.headers)
    assert (found["ce_id"], found["replay-of"]) == (b"evt-1", ORIGIN.encode())
    assert not any(name.startswith("dlq-") for name in found)


async def test_what_is_put_on_record_comes_before_what_is_done(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    await write(producer, headers("evt-1"), CASE.key.encode())
    letters = await find_dead_letters(settings, Wanted())

    async def refuse(letter: DeadLetter) -> None:
        raise PermissionError(letter.position)

    for act in (redrive(settings, letters, refuse), drop(settings, letters, WHY, refuse)):
        with pytest.raises(PermissionError):
            await act
    assert await fates(settings) == {"evt-1": None}
    name = topics.CASE_ERASED.of("storaadal")
    async with RecordReader(settings, name, "earliest") as records:
        assert [record async for record in records.until_now()] == []


async def test_letters_are_chosen_by_the_time_at_which_they_were_given_up(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    for hours in range(3):
        given_up = GIVEN_UP + timedelta(hours=hours)
        await write(producer, headers(f"evt-{hours}", given_up.isoformat()), CASE.key.encode())

    def ids(found: Sequence[DeadLetter]) -> list[str | None]:
        return [letter.event_id for letter in found]

    one = GIVEN_UP + timedelta(hours=1)
    two = GIVEN_UP + timedelta(hours=2)
    for wanted, expected in (
        (Wanted(since=one), ["evt-1", "evt-2"]),
        (Wanted(until=one), ["evt-0"]),
        (Wanted(since=one, until=two), ["evt-1"]),
    ):
        assert ids(await find_dead_letters(settings, wanted)) == expected


@pytest.mark.parametrize("failed_at", ["", "i går", "2031-05-04T03:00:00"])
async def test_a_letter_that_does_not_say_when_was_given_up_when_kafka_got_it(
    settings: BusSettings, producer: AIOKafkaProducer, failed_at: str
) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    await write(producer, headers("evt-1", failed_at))
    (letter,) = await find_dead_letters(settings, Wanted(since=before))
    assert letter.failed_at < before + timedelta(seconds=20)


async def test_no_detail_moves_the_cursor_of_a_terminal(
    settings: BusSettings, producer: AIOKafkaProducer
) -> None:
    await write(producer, [*headers("evt-1"), ("dlq-detail", b"rod\x1b[2J\xe2\x80\xaex")])
    (letter,) = await find_dead_letters(settings, Wanted())
    assert letter.detail == "rod�[2J�x"
