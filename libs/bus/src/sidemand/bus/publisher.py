"""Publishing: explicit keys, full envelopes, large bodies by claim check, every send awaited."""

import asyncio
import random
import uuid
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Self

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from aiokafka.partitioner import murmur2
from aiokafka.structs import RecordMetadata
from sidemand.bus import headers
from sidemand.bus.connection import connection, no_kafka, not_let_in
from sidemand.bus.doorbell import doorbell_at
from sidemand.bus.errors import BusError, Transient
from sidemand.bus.headers import Headers
from sidemand.bus.rights import denied
from sidemand.bus.settings import BusSettings
from sidemand.observability.traces import traceparent
from sidemand.schemas.envelope import Envelope
from sidemand.schemas.identity import Payload, Tombstone
from sidemand.schemas.topics import Topic
from sidemand.storage import ClaimStore, Objects, outage_raises
from sidemand.storage.claims import LARGEST_IN_KAFKA, claims_prefix

_MAX_REQUEST: Final = 16 * 1024 * 1024
"""A dead letter keeps the body of whatever came in."""
_BETWEEN_KNOCKS: Final = 0.5


class TooLarge(BusError):
    """Kafka does not take a message of this size."""


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to Kafka."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


class Publisher:
    """Publishes events for one source. Open it with `async with`.

    Idempotent, acknowledged by all replicas: a call returns when Kafka has the event. While the
    broker is away it waits; the caller decides how long. Raises `BusError` where Kafka refuses.
    """

    def __init__(self, settings: BusSettings, source: str) -> None:
        self._settings = settings
        self._source = source
        self.claims = ClaimStore(Objects.at(settings.objects))
        self._producer: AIOKafkaProducer | None = None
        self._waiting_since: dict[object, float] = {}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Connect, and wait for Kafka as long as a start may take. Raises `BusError`."""
        try:
            async with asyncio.timeout(self._settings.start_seconds):
                while self._producer is None:
                    self._producer = await self._connected()
        except ClusterAuthorizationFailedError:
            raise denied(self._settings, "write to any topic") from None
        except (KafkaError, TimeoutError) as error:
            raise await not_let_in(self._settings) or no_kafka(self._settings) from error

    async def _connected(self) -> AIOKafkaProducer | None:
        """A producer, or none after a while where nobody answers."""
        producer = AIOKafkaProducer(
            **connection(self._settings),
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            max_batch_size=256 * 1024,
            max_request_size=_MAX_REQUEST,
            compression_type="zstd",
            partitioner=_partition,
        )
        try:
            await producer.start()
        except KafkaConnectionError:
            await producer.stop()
            if refusal := await not_let_in(self._settings):
                raise refusal from None
            await asyncio.sleep(_BETWEEN_KNOCKS)
            return None
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def stop(self) -> None:
        """Send what is waiting, for as long as a stop may take, and disconnect."""
        if self._producer is None:
            return
        producer, self._producer = self._producer, None
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.drain_seconds):
                await producer.stop()

    @property
    def longest_wait(self) -> float:
        """Seconds that the oldest send has waited for its acknowledgement."""
        now = asyncio.get_running_loop().time()
        return max((now - since for since in self._waiting_since.values()), default=0.0)

    async def publish(
        self, topic: Topic[Payload], payload: Payload, *, event_id: str | None = None
    ) -> Envelope:
        """Publish a new event and wait until Kafka has it. Returns its envelope.

        `event_id` is the caller's own id: publishing it twice is a redelivery. A `Tombstone`
        deletes the document.
        """
        envelope = Envelope(
            id=event_id or str(uuid.uuid4()),
            source=self._source,
            type=topic.name,
            time=datetime.now(UTC),
            tenant=payload.tenant,
            subject=payload.subject,
            traceparent=traceparent(),
        )
        await self.send([await self.message(topic, payload, envelope)])
        return envelope

    async def message(self, topic: Topic[Payload], payload: Payload, envelope: Envelope) -> Message:
        """Write an event as a Kafka message; a large body goes to the object store first.

        Raises `Transient` while the object store is away.
        """
        written = headers.write(envelope)
        value: bytes | None = None
        if not isinstance(payload, Tombstone):
            value = payload.model_dump_json().encode()
        if value is not None and len(value) > LARGEST_IN_KAFKA:
            prefix = claims_prefix(topic.name, envelope.tenant, envelope.subject)
            with outage_raises(Transient("object store")):
                ref = await self.claims.put(prefix, envelope.id, value)
            written.append((headers.DATAREF, ref.model_dump_json().encode()))
            value = b"{}"
        key = f"{envelope.tenant}|{envelope.subject}".encode()
        return Message(topic.of(envelope.tenant), key, value, written)

    async def send(self, messages: Sequence[Message]) -> None:
        """Send all and wait until Kafka has every one. Order is kept per key.

        Raises `BusError` where Kafka refuses one, `TooLarge` for its size.
        """
        if self._producer is None:
            raise BusError("the publisher is not open: use `async with Publisher(...)`")
        sending = object()
        self._waiting_since[sending] = asyncio.get_running_loop().time()
        try:
            while messages:
                messages = await self._not_taken(self._producer, messages)
        finally:
            del self._waiting_since[sending]

    async def _not_taken(
        self, producer: AIOKafkaProducer, messages: Sequence[Message]
    ) -> list[Message]:
        """Send once, and return those that have to be sent again. Raises `BusError`."""
        accepted = [(message, await _accepted(producer, message)) for message in messages]
        again: list[Message] = []
        written: set[TopicPartition] = set()
        for message, confirmed in accepted:
            try:
                written.add((await confirmed).topic_partition)
            except KafkaError as error:
                if not await _may_pass(error, producer, message.topic):
                    raise self._refused(message, error) from None
                again.append(message)
        if bell := doorbell_at(self._settings.kafka):
            bell.ring(written)
        return again

    def _refused(self, message: Message, error: KafkaError) -> BusError:
        kafka = f"Kafka at {self._settings.kafka}"
        if isinstance(error, (MessageSizeTooLargeError, RecordListTooLargeError)):
            size = len(message.value or b"")
            return TooLarge(
                f"{kafka} takes no message of {size} bytes on {message.topic}. Publish the file "
                "in the object store and refer to it, or raise the topic's max.message.bytes."
            )
        if isinstance(error, UnknownTopicOrPartitionError):
            return BusError(f"{kafka} has no topic {message.topic}. Is the tenant right?")
        if isinstance(error, (TopicAuthorizationFailedError, ClusterAuthorizationFailedError)):
            return denied(self._settings, f"write to {message.topic}")
        return BusError(f"{kafka} refused an event on {message.topic}: {type(error).__name__}.")


_hash_of: Final = lru_cache(maxsize=16_384)(murmur2)
"""Kafka's hash in Python takes as long as writing the event, and a case comes back often."""


def _partition(key: bytes | None, partitions: Sequence[int], _available: Sequence[int]) -> int:
    """Choose the partition of a key as every Kafka client does."""
    if key is None:
        return random.choice(partitions)
    return partitions[(int(_hash_of(key)) & 0x7FFFFFFF) % len(partitions)]


async def _accepted(producer: AIOKafkaProducer, message: Message) -> Awaitable[RecordMetadata]:
    """What is done when Kafka has the message, or has failed with why it was not accepted."""
    # aiokafka sends no record that has neither key nor value; other clients do.
    is_bare = message.key is None and message.value is None
    value = b"" if is_bare else message.value
    try:
        accepted: Awaitable[RecordMetadata] = await producer.send(
            message.topic, value, key=message.key, headers=message.headers
        )
    except KafkaError as error:
        failed: asyncio.Future[RecordMetadata] = asyncio.get_running_loop().create_future()
        failed.set_exception(error)
        return failed
    return accepted


async def _may_pass(error: KafkaError, producer: AIOKafkaProducer, topic: str) -> bool:
    """Whether the broker was away or overloaded.

    That a topic is unknown aiokafka says also when nobody answered for 40 seconds: only a Kafka
    that answers, and does not know it, has no such topic.
    """
    if isinstance(error, UnknownTopicOrPartitionError):
        answers = await producer.client.force_metadata_update()
        return not answers or topic in producer.client.cluster.topics()
    return bool(error.retriable) or isinstance(error, KafkaTimeoutError)
