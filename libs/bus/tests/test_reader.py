"""A reader ends as it should, whatever Kafka does meanwhile."""

import asyncio
import logging
from collections.abc import Callable

import pytest
from sidemand.bus import BusSettings
from sidemand.bus.embedded import EmbeddedKafka
from sidemand.bus.reader import RecordReader
from sidemand.schemas import topics

TOPIC = topics.CASE_ERASED.of("storaadal")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - aiokafka tells nobody
            await asyncio.sleep(0.01)


async def follow(reader: RecordReader) -> None:
    async for _ in reader:
        pass


async def test_a_reader_ends_without_a_word_while_kafka_is_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with EmbeddedKafka() as kafka:
        kafka.create_topic(TOPIC, 1)
        reader = RecordReader(BusSettings(kafka=kafka.bootstrap), TOPIC, "earliest")
        await reader.__aenter__()
        following = asyncio.create_task(follow(reader))
    caplog.set_level(logging.ERROR, "aiokafka.consumer.fetcher")
    await until(lambda: "Failed fetch messages" in caplog.text)  # then it tries again and again
    following.cancel()
    await asyncio.wait({following})
    await reader.__aexit__()
