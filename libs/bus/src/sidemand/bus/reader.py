"""Reading a topic from outside, without a consumer group: for clients, tests and tools."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any, Final, Generic, Literal, Self, TypeVar, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import (
    KafkaError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from sidemand.bus.connection import connection, no_kafka, not_let_in
from sidemand.bus.decoding import Record, Rejected, decode
from sidemand.bus.doorbell import doorbell_at, fetch_wait_ms
from sidemand.bus.errors import BusError
from sidemand.bus.rights import reading_denied
from sidemand.bus.settings import BusSettings
from sidemand.observability import get_logger
from sidemand.schemas.envelope import Event
from sidemand.schemas.identity import Payload
from sidemand.schemas.topics import Topic
from sidemand.storage import ClaimStore, Objects

P = TypeVar("P", bound=Payload)

_GETMANY_MS: Final = 1000


class RecordReader:
    """Reads the records of Kafka topics, from every partition."""

    def __init__(
        self,
        settings: BusSettings,
        names: str | Sequence[str],
        since: datetime | Literal["earliest", "latest"],
    ) -> None:
        self._settings = settings
        self._names = [names] if isinstance(names, str) else list(names)
        self._since = since
        self._consumer = AIOKafkaConsumer(
            *self._names,
            **connection(settings),
            fetch_max_wait_ms=fetch_wait_ms(settings),
            enable_auto_commit=False,
            auto_offset_reset=since if isinstance(since, str) else "earliest",
        )
        self._following = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(self._settings.start_seconds):
                await self._consumer.start()
                await self._find_beginning()
        except UnknownTopicOrPartitionError:
            await self._stop()
            raise BusError(
                f"Kafka at {self._settings.kafka} has no topic {' or '.join(self._names)}. "
                "Is the tenant right?"
            ) from None
        except TopicAuthorizationFailedError as error:
            await self._stop()
            raise reading_denied(self._settings, error) from None
        except (KafkaError, TimeoutError, OSError) as error:
            await self._stop()
            raise await not_let_in(self._settings) or no_kafka(self._settings) from error
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._following.aclose()
        await self._stop()

    async def _stop(self) -> None:
        """Stop the consumer, also while Kafka is away.

        aiokafka (0.14, `Fetcher.close`) cancels a fetch that waits for its next attempt, lets that
        cancellation out as if it were ours, and leaves its connections open.
        """
        try:
            await self._consumer.stop()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            await cast("Any", self._consumer)._client.close()

    async def __aiter__(self) -> AsyncIterator[Record]:
        """Follow the topics for ever."""
        if bell := doorbell_at(self._settings.kafka):
            await self._following.enter_async_context(bell.answered_by(self._consumer))
        while True:
            batches = await self._fetch()
            for batch in batches.values():
                for record in batch:
                    yield cast("Record", record)

    async def until_now(self) -> AsyncIterator[Record]:
        """Read what is there already, and end."""
        partitions = self._consumer.assignment()
        ends = await self._consumer.end_offsets(list(partitions))
        while True:
            left = [
                partition
                for partition in partitions
                if await self._consumer.position(partition) < ends[partition]
            ]
            if not left:
                return
            batches = await self._fetch(*left)
            for partition, batch in batches.items():
                for record in batch:
                    if record.offset < ends[partition]:
                        yield cast("Record", record)

    async def _fetch(self, *partitions: TopicPartition) -> dict[TopicPartition, list[Any]]:
        try:
            return await self._consumer.getmany(*partitions, timeout_ms=_GETMANY_MS)
        except TopicAuthorizationFailedError as error:
            raise reading_denied(self._settings, error) from None

    async def _find_beginning(self) -> None:
        """Come to the first record to read.

        `seek_to_beginning` and `seek_to_end` would not do: the first question of aiokafka is on
        its way, the one for `auto_offset_reset`, and it takes that answer for the other.
        """
        partitions = sorted(self._consumer.assignment())
        if isinstance(self._since, datetime):
            await self._seek_to_time(partitions, self._since)
        for partition in partitions:
            await self._consumer.position(partition)

    async def _seek_to_time(self, partitions: list[TopicPartition], since: datetime) -> None:
        milliseconds = int(since.timestamp() * 1000)
        ends = await self._consumer.end_offsets(partitions)
        found = await self._consumer.offsets_for_times(dict.fromkeys(partitions, milliseconds))
        for partition in partitions:
            at = found.get(partition)
            self._consumer.seek(partition, ends[partition] if at is None else at.offset)


class Reader(Generic[P]):
    """Follows the events of one topic. Records that are no events are logged and passed over.

    ::

        async with Reader(settings, topics.SUGGESTION_CHANGED, tenant="storaadal") as events:
            async for event in events:
                ...
    """

    def __init__(
        self,
        settings: BusSettings,
        topic: Topic[P],
        tenant: str = "",
        since: datetime | Literal["earliest", "latest"] = "latest",
    ) -> None:
        self._topic = topic
        self._records = RecordReader(settings, topic.of(tenant), since)
        self._claims = ClaimStore(Objects.at(settings.objects))
        self._log = get_logger("reader")

    async def __aenter__(self) -> Self:
        await self._records.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._records.__aexit__()

    async def __aiter__(self) -> AsyncIterator[Event[P]]:
        """Follow the topic for ever."""
        async for record in self._records:
            event = await decode(record, cast("Topic[Payload]", self._topic), self._claims)
            if isinstance(event, Rejected):
                self._log.warning("passed_over", topic=record.topic, code=event.code)
            else:
                yield cast("Event[P]", event)
