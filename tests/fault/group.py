"""What an operator, or time, does to the group and its topics in Kafka."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined] # it re-exports without saying so
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)
from sidemand.bus import BusSettings

from .evidence import INPUT
from .numbered import DEAD_LETTERS, GROUP


def limit(bus: BusSettings, setting: str, value: int) -> None:
    """Set a number in the configuration of the dead-letter topic."""
    entry = ConfigEntry(setting, str(value), incremental_operation=AlterConfigOpType.SET)
    topic = ConfigResource(ResourceType.TOPIC, DEAD_LETTERS, incremental_configs=[entry])
    admin = _admin(bus)
    _wait(admin.incremental_alter_configs([topic]).values())


def forget_offsets(bus: BusSettings, group: str = GROUP) -> None:
    """Delete a group, which must have no members."""
    admin = _admin(bus)
    _wait(admin.delete_consumer_groups([group]).values())


def let_records_expire(bus: BusSettings, before: Mapping[int, int]) -> None:
    """Delete the input before these offsets, and set those of the memberless group to 0."""
    first_left = [TopicPartition(INPUT, *each) for each in before.items()]
    admin = _admin(bus)
    _wait(admin.delete_records(first_left).values())
    beginning = [TopicPartition(INPUT, partition, 0) for partition in before]
    group = ConsumerGroupTopicPartitions(GROUP, beginning)
    _wait(admin.alter_consumer_group_offsets([group]).values())


def _admin(bus: BusSettings) -> AdminClient:
    """It takes its answers with it when nobody holds it."""
    return AdminClient({"bootstrap.servers": bus.kafka, "log_level": 2})


def _wait(done: Iterable["Future[object]"]) -> None:
    for each in done:
        each.result(timeout=20)
