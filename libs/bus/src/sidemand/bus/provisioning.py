"""Topics made from the registry, and checked at every start."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)
from sidemand.bus.connection import connection, no_kafka, not_let_in
from sidemand.bus.errors import BusError
from sidemand.bus.rights import AskForTopics, Existing, Right, denied, topics_in, who
from sidemand.bus.settings import BusSettings
from sidemand.schemas.identity import Payload
from sidemand.schemas.kafka_topics import KafkaTopic, kafka_topics
from sidemand.schemas.topics import Topic

if TYPE_CHECKING:
    from sidemand.bus.subscription import Consumption


async def create_topics(
    settings: BusSettings, tenants: Sequence[str], replication: int = 1
) -> list[str]:
    """Create the topics of the registry for `tenants` that are not there. Returns their names.

    Raises `BusError` where a topic has another partition count than the registry says, and
    where Kafka refuses.
    """
    wanted = kafka_topics(tenants, settings.partitions)
    existing = await partition_counts(settings)
    _check_counts(wanted, existing)
    missing = [topic for topic in wanted if topic.name not in existing]
    if missing:
        await _create(settings, missing, replication)
    return [topic.name for topic in missing]


async def check_topics(
    settings: BusSettings, service: str, consumptions: Sequence["Consumption"]
) -> None:
    """Check at start that `service` has its topics, as the registry says, and its rights on them.

    Raises `BusError` naming the first that is missing or has another partition count, or all
    rights that are missing. Of topics at the edge there are those of the tenants that came so far.
    """
    existing = await _existing_topics(settings)
    _check_those_there(settings, service, consumptions, existing)
    lacking = sorted(
        {
            f"{right} {topic.name}"
            for consumption in consumptions
            for right, topic in _needed(service, consumption, existing)
            if not topic.lets(right)
        }
    )
    if lacking:
        raise denied(settings, "do what the service needs: " + ", ".join(lacking))


def _check_those_there(
    settings: BusSettings,
    service: str,
    consumptions: Sequence["Consumption"],
    existing: Mapping[str, Existing],
) -> None:
    for consumption in consumptions:
        for topic in (consumption.topic, *consumption.publishes):
            wanted = settings.partitions or topic.partitions
            for found in _all_of(settings, topic, existing):
                _check_count(found.name, wanted, found.partitions)
        _found(settings, consumption.topic.dead_letters(service), existing)


def _needed(
    service: str, consumption: "Consumption", existing: Mapping[str, Existing]
) -> Iterator[tuple[Right, Existing]]:
    """What a service has to be able to do, with the topics that are there."""
    for topic in existing.values():
        if re.match(consumption.topic.pattern, topic.name):
            yield "Read", topic
        if any(re.match(each.pattern, topic.name) for each in consumption.publishes):
            yield "Write", topic
    yield "Write", existing[consumption.topic.dead_letters(service)]


def _all_of(
    settings: BusSettings, topic: Topic[Payload], existing: Mapping[str, Existing]
) -> list[Existing]:
    """The topic itself; at the edge, those of the tenants that came so far."""
    if not topic.edge:
        return [_found(settings, topic.name, existing)]
    return [each for each in existing.values() if re.match(topic.pattern, each.name)]


def _found(settings: BusSettings, name: str, existing: Mapping[str, Existing]) -> Existing:
    """The topic of this name. Raises `BusError` where there is none."""
    if name in existing:
        return existing[name]
    unseen = ""
    if settings.kafka_security != "PLAINTEXT":
        unseen = f", or does not let {who(settings)} see it"
    raise BusError(
        f"Kafka at {settings.kafka} has no topic {name}{unseen}. Create the topics with "
        "`sidemand topics create --tenant <tenant> …`, or from infra/kafka."
    )


def _check_counts(wanted: Sequence[KafkaTopic], existing: dict[str, int]) -> None:
    for topic in wanted:
        if topic.name in existing:
            _check_count(topic.name, topic.partitions, existing[topic.name])


def _check_count(name: str, wanted: int, found: int) -> None:
    if wanted != found:
        raise BusError(
            f"Topic {name} has {found} partitions, and {wanted} are wanted. The partition of a "
            "case follows from the count, and with it the order of its events: set "
            f"SIDEMAND_PARTITIONS={found} where the whole cluster has that many, or create the "
            "topic anew with the right count and replay what it held."
        )


async def partition_counts(settings: BusSettings) -> dict[str, int]:
    """List the topics that Kafka has and lets us see, with their partition counts."""
    return {name: topic.partitions for name, topic in (await _existing_topics(settings)).items()}


async def _existing_topics(settings: BusSettings) -> dict[str, Existing]:
    admin = AIOKafkaAdminClient(**connection(settings))
    try:
        async with asyncio.timeout(settings.start_seconds):
            await admin.start()
            return topics_in(await cast("Any", admin)._send_request(AskForTopics()))
    except (KafkaError, TimeoutError, OSError) as error:
        raise await not_let_in(settings) or no_kafka(settings) from error
    finally:
        await admin.close()


async def _create(settings: BusSettings, missing: Sequence[KafkaTopic], replication: int) -> None:
    admin = AIOKafkaAdminClient(**connection(settings))
    await admin.start()
    try:
        answer = await admin.create_topics(
            [
                NewTopic(topic.name, topic.partitions, replication, topic_configs=topic.config)
                for topic in missing
            ]
        )
    finally:
        await admin.close()
    for name, code, *message in cast("Any", answer).topic_errors:
        error = for_code(code)
        if error in (TopicAuthorizationFailedError, ClusterAuthorizationFailedError):
            raise denied(settings, f"create {name}")
        if code and error is not TopicAlreadyExistsError:
            raise BusError(f"Kafka did not create {name}: {error.__name__} {' '.join(message)}")
