"""What Kafka lets us do with which topic, and what is said where that is too little."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int16, Int32, Schema, String
from sidemand.bus.errors import BusError
from sidemand.bus.settings import BusSettings

Right = Literal["Read", "Write"]
"""Named as Kafka's own tools name it."""

REFUSALS: Final = (TopicAuthorizationFailedError, GroupAuthorizationFailedError)
"""How Kafka refuses a consumer."""

_BITS: Final[dict[Right, int]] = {"Read": 3, "Write": 4}
_NOT_TOLD: Final = -(2**31)


class _TopicsAndRights(Response):
    API_KEY = 3
    API_VERSION = 8
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            Array(
                ("node_id", Int32),
                ("host", String("utf-8")),
                ("port", Int32),
                ("rack", String("utf-8")),
            ),
        ),
        ("cluster_id", String("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            Array(
                ("error_code", Int16),
                ("topic", String("utf-8")),
                ("is_internal", Boolean),
                (
                    "partitions",
                    Array(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", Array(Int32)),
                        ("isr", Array(Int32)),
                        ("offline_replicas", Array(Int32)),
                    ),
                ),
                ("authorized_operations", Int32),
            ),
        ),
        ("cluster_authorized_operations", Int32),
    )


class _AskForAll(RequestStruct):
    API_KEY = 3
    API_VERSION = 8
    RESPONSE_TYPE = _TopicsAndRights
    SCHEMA = Schema(
        ("topics", Array(String("utf-8"))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
    )


class AskForTopics(Request[_AskForAll]):
    """Metadata of all topics, with our rights; aiokafka asks without these. Kafka 2.3 and later."""

    API_KEY: ClassVar[int] = 3

    def build(self, request_struct_class: type[_AskForAll]) -> _AskForAll:
        """See aiokafka."""
        return request_struct_class(None, False, False, True)


@dataclass(frozen=True, slots=True)
class Existing:
    """A topic that Kafka has and lets us see."""

    name: str
    partitions: int
    operations: int
    """Kafka's bit field of what we may do with the topic."""

    def lets(self, right: Right) -> bool:
        """Whether we have `right`, as far as Kafka tells."""
        return self.operations == _NOT_TOLD or bool(self.operations >> _BITS[right] & 1)


def topics_in(answer: Any) -> dict[str, Existing]:
    """The topics in the answer to `AskForTopics`, by name."""
    return {
        topic["topic"]: Existing(
            topic["topic"], len(topic["partitions"]), topic["authorized_operations"]
        )
        for topic in answer.to_object()["topics"]
        if not topic["error_code"]
    }


def denied(settings: BusSettings, what: str) -> BusError:
    """Say that Kafka does not let us do `what`, such as "write to <topic>"."""
    return BusError(
        f"Kafka at {settings.kafka} does not let {who(settings)} {what}. "
        "Give it the right (docs/operations.md, Rights in Kafka), and start again."
    )


def reading_denied(settings: BusSettings, error: KafkaError) -> BusError:
    """Say which topic or group an authorisation error of a consumer names."""
    named: object = error.args[0] if error.args else "a topic"
    names = [named] if isinstance(named, str) else named
    listed = ", ".join(map(str, names)) if isinstance(names, Iterable) else str(names)
    kind = "be a member of the group" if type(error).__name__.startswith("Group") else "read"
    return denied(settings, f"{kind} {listed}")


def who(settings: BusSettings) -> str:
    """Whom Kafka takes us for."""
    if settings.kafka_user:
        return f"the user {settings.kafka_user}"
    if settings.kafka_certificate_file:
        return f"the owner of {settings.kafka_certificate_file.name}"
    return "us, who have no login,"
