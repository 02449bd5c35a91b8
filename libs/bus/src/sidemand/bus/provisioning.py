"""Topics made from the registry, and checked at every start."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from sidemand.bus.errors import BusError
from sidemand.bus.publisher import no_kafka
from sidemand.bus.settings import BusSettings
from sidemand.schemas.kafka_topics import KafkaTopic, kafka_topics

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
    """Check at start that the topics of `service` are there, as the registry says.

    Raises `BusError` naming the first that is missing or has another partition count.
    """
    existing = await partition_counts(settings)
    for consumption in consumptions:
        topics = (consumption.topic, *consumption.publishes)
        for inner in (topic.name for topic in topics if not topic.edge):
            if inner not in existing:
                raise _missing(settings, inner)
        dead_letters = consumption.topic.dead_letters(service)
        if dead_letters not in existing:
            raise _missing(settings, dead_letters)
        for topic in topics:
            if not topic.edge:
                wanted = settings.partitions or topic.partitions
                _check_count(topic.name, wanted, existing[topic.name])


def _missing(settings: BusSettings, name: str) -> BusError:
    return BusError(
        f"Kafka at {settings.kafka} has no topic {name}. Create the topics with "
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
    """List the topics that Kafka has, with their partition counts."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    try:
        async with asyncio.timeout(settings.start_seconds):
            await admin.start()
            described = await admin.describe_topics()
        return {topic["topic"]: len(topic["partitions"]) for topic in described}
    except (KafkaError, TimeoutError, OSError) as error:
        raise no_kafka(settings) from error
    finally:
        await admin.close()


async def _create(settings: BusSettings, missing: Sequence[KafkaTopic], replication: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
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
        if code and error is not TopicAlreadyExistsError:
            raise BusError(f"Kafka did not create {name}: {error.__name__} {' '.join(message)}")
