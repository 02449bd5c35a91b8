"""What becomes of a message that Kafka does not take at once."""

import asyncio
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    NotLeaderForPartitionError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.structs import RecordMetadata
from sidemand.bus import BusError, BusSettings, Publisher
from sidemand.bus.publisher import Message, TooLarge, _partition

TOPIC = "storaadal.casework.feedback.given.v1"


class Producer:
    """In aiokafka's place: fails as told, first when accepting, else when confirming."""

    def __init__(self, *failures: KafkaError | None, when_accepting: bool = False) -> None:
        self.sent: list[bytes] = []
        self._failures = list(failures)
        self._when_accepting = when_accepting
        self.client = self.cluster = self
        self.answers = True

    async def force_metadata_update(self) -> bool:
        return self.answers

    def topics(self) -> set[str]:
        return set()

    async def send(self, topic: str, value: bytes, **_: object) -> asyncio.Future[RecordMetadata]:
        confirmed: asyncio.Future[RecordMetadata] = asyncio.get_running_loop().create_future()
        failure = self._failures.pop(0) if self._failures else None
        if failure is None:
            self.sent.append(value)
            at = TopicPartition(topic, 0)
            confirmed.set_result(RecordMetadata(topic, 0, at, len(self.sent), 0, 0, 0))
        elif self._when_accepting:
            raise failure
        else:
            confirmed.set_exception(failure)
        return confirmed


def publisher(producer: Producer) -> Publisher:
    made = Publisher(BusSettings(objects="memory://"), "postsag")
    made._producer = cast("Any", producer)
    return made


def messages(*values: bytes) -> list[Message]:
    return [Message(TOPIC, b"storaadal|1", value, []) for value in values]


@pytest.mark.parametrize("when_accepting", [False, True])
@pytest.mark.parametrize("failure", [KafkaTimeoutError(), NotLeaderForPartitionError()])
async def test_what_an_outage_kept_back_is_sent_again_and_nothing_else(
    failure: KafkaError, when_accepting: bool
) -> None:
    producer = Producer(None, failure, None, failure, when_accepting=when_accepting)
    await publisher(producer).send(messages(b"1", b"2", b"3"))
    assert producer.sent == [b"1", b"3", b"2"]


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (UnknownTopicOrPartitionError(), f"has no topic {TOPIC}. Is the tenant right?"),
        (
            TopicAuthorizationFailedError(TOPIC),
            "does not let us, who have no login, write to storaadal",
        ),
        (MessageSizeTooLargeError(), "takes no message of 6 bytes"),
    ],
)
async def test_what_kafka_refuses_is_one_sentence_without_the_body(
    failure: KafkaError, sentence: str
) -> None:
    made = publisher(Producer(failure))
    with pytest.raises(BusError, match=sentence) as raised:
        await made.send(messages(b"Anders"))
    assert isinstance(raised.value, TooLarge) == isinstance(failure, MessageSizeTooLargeError)
    assert "Anders" not in str(raised.value)
    assert made.longest_wait == 0


async def test_a_topic_that_is_unknown_because_nobody_answers_is_waited_for() -> None:
    producer = Producer(UnknownTopicOrPartitionError())
    producer.answers = False
    await publisher(producer).send(messages(b"1"))
    assert producer.sent == [b"1"]


async def test_a_publisher_that_is_not_open_says_so() -> None:
    with pytest.raises(BusError, match="not open: use `async with"):
        await Publisher(BusSettings(objects="memory://"), "postsag").send(messages(b"1"))


def test_a_key_has_the_partition_that_every_client_gives_it() -> None:
    partitions = list(range(12))
    theirs = DefaultPartitioner()
    for number in range(200):
        key = b"storaadal|%d" % number
        assert _partition(key, partitions, partitions) == theirs(key, partitions, partitions)
    assert _partition(None, partitions, []) in partitions
