"""A Kafka with TLS, logins and access lists: who may not come in, or do something, is told what."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
)
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType
from pydantic import SecretStr
from sidemand.bus import BusError, BusSettings, Event, Poison
from sidemand.bus.provisioning import create_topics
from sidemand.bus.reader import RecordReader
from sidemand.schemas import topics
from sidemand.schemas.identity import Payload
from sidemand.schemas.raw import FeedbackGiven
from sidemand.testing.plugin import own_guarded_kafka
from sidemand.testing.servers import KafkaServer
from sidemand.testing.servers.program import free_ports, wait_until

from .probing import GIVEN, GROUP, REDACTED, TENANT, passing_on, probed, publish

SERVICE, VENDOR = "sidemand-redaction", "postsag"
LETTERS = GIVEN.dead_letters("redaction")
EDGE = GIVEN.of(TENANT)
USERS = {SERVICE: "langt-kodeord", VENDOR: "andet-kodeord"}

Right = tuple[ResourceType, str, AclOperation]

READ_GIVEN: Right = (ResourceType.TOPIC, EDGE, AclOperation.READ)
SEE_GIVEN: Right = (ResourceType.TOPIC, EDGE, AclOperation.DESCRIBE)
WRITE_REDACTED: Right = (ResourceType.TOPIC, REDACTED.name, AclOperation.WRITE)
WRITE_LETTERS: Right = (ResourceType.TOPIC, LETTERS, AclOperation.WRITE)
BE_A_MEMBER: Right = (ResourceType.GROUP, GROUP, AclOperation.READ)
ALL = (READ_GIVEN, SEE_GIVEN, WRITE_REDACTED, WRITE_LETTERS, BE_A_MEMBER)


class Rights:
    """The access lists of a Kafka, changed by someone who may."""

    def __init__(self, kafka: KafkaServer) -> None:
        self._admin = AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0})

    def give(self, user: str, *rights: Right) -> None:
        made = self._admin.create_acls([_binding(AclBinding, user, each) for each in rights])
        for done in made.values():
            done.result()
        assert wait_until(lambda: all(self._has(user, each) for each in rights), 30)

    def take(self, user: str, *rights: Right) -> None:
        gone = self._admin.delete_acls([_binding(AclBindingFilter, user, each) for each in rights])
        for done in gone.values():
            done.result()
        assert wait_until(lambda: not any(self._has(user, each) for each in rights), 30)

    def _has(self, user: str, right: Right) -> bool:
        """Whether the broker has heard of it; it learns of changes after whoever makes them."""
        return bool(self._admin.describe_acls(_binding(AclBindingFilter, user, right)).result())


Kind = TypeVar("Kind", AclBinding, AclBindingFilter)


def _binding(kind: type[Kind], user: str, right: Right) -> Kind:
    resource, name, operation = right
    literal, allow = ResourcePatternType.LITERAL, AclPermissionType.ALLOW
    return kind(resource, name, literal, f"User:{user}", "*", operation, allow)


@pytest.fixture(scope="module")
def broker(pytestconfig: pytest.Config) -> Iterator[KafkaServer]:
    """A Kafka of this module's own, with an entrance where it asks who one is."""
    for kafka in own_guarded_kafka(pytestconfig, USERS):
        asyncio.run(create_topics(BusSettings(kafka=kafka.bootstrap), [TENANT]))
        yield kafka


@pytest.fixture
def rights(broker: KafkaServer) -> Iterator[Rights]:
    """All that the service and the vendor need, and nothing else, until the test changes it."""
    rights = Rights(broker)
    rights.give(SERVICE, *ALL)
    rights.give(VENDOR, (ResourceType.TOPIC, EDGE, AclOperation.WRITE))
    yield rights
    rights.take(SERVICE, *ALL)


@pytest.fixture
def bus(broker: KafkaServer, tmp_path: Path) -> BusSettings:
    """The service's own connection."""
    assert broker.entrance is not None
    return BusSettings(
        kafka=broker.entrance.address,
        kafka_security="SASL_SSL",
        kafka_mechanism="PLAIN",
        kafka_user=SERVICE,
        kafka_password=SecretStr(USERS[SERVICE]),
        kafka_ca_file=broker.entrance.authority,
        objects=f"file://{tmp_path}",
        health_port=free_ports(1)[0],
        session_timeout_ms=6_000,
        drain_seconds=5,
    )


@pytest.fixture
def vendor(bus: BusSettings) -> BusSettings:
    own = {"kafka_user": VENDOR, "kafka_password": SecretStr(USERS[VENDOR])}
    return bus.model_copy(update=own)


async def handles_what_comes(bus: BusSettings) -> None:
    async with probed(passing_on(bus), bus) as probes:
        await probes.until_total("sidemand_lag_events", 0)


async def test_a_service_works_with_the_rights_that_the_handbook_lists(
    bus: BusSettings, vendor: BusSettings, rights: Rights
) -> None:
    await publish(vendor, 3)
    await handles_what_comes(bus)


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [
        ([WRITE_REDACTED], f"has no topic {REDACTED.name}, or does not let the user {SERVICE} see"),
        ([WRITE_LETTERS], f"has no topic {LETTERS}, or does not let the user {SERVICE} see"),
        ([READ_GIVEN], f"do what the service needs: Read {EDGE}"),
        ([BE_A_MEMBER], f"does not let the user {SERVICE} be a member of the group {GROUP}"),
    ],
)
async def test_a_right_that_is_missing_at_start_is_named(
    bus: BusSettings, rights: Rights, lacking: Sequence[Right], sentence: str
) -> None:
    rights.take(SERVICE, *lacking)
    with pytest.raises(BusError, match=sentence):
        async with passing_on(bus):
            pass


async def test_topics_that_may_be_seen_and_not_written_are_named_together(
    bus: BusSettings, rights: Rights
) -> None:
    seen = [(ResourceType.TOPIC, name, AclOperation.DESCRIBE) for name in (REDACTED.name, LETTERS)]
    elsewhere = (ResourceType.TOPIC, topics.SUGGESTION_DRAFTED.name, AclOperation.WRITE)
    rights.give(SERVICE, *seen, elsewhere)
    rights.take(SERVICE, WRITE_REDACTED, WRITE_LETTERS)
    expected = f"{SERVICE} do what the service needs: Write {LETTERS}, Write {REDACTED.name}."
    with pytest.raises(BusError, match=expected):
        async with passing_on(bus):
            pass
    rights.take(SERVICE, *seen, elsewhere)


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [
        ([WRITE_REDACTED], f"does not let the user {SERVICE} write to {REDACTED.name}"),
        ([WRITE_LETTERS], f"does not let the user {SERVICE} write to {LETTERS}"),
        ([READ_GIVEN], f"does not let the user {SERVICE} read {EDGE}"),
        ([BE_A_MEMBER], f"does not let the user {SERVICE} be a member of the group {GROUP}"),
    ],
)
async def test_a_right_that_is_taken_away_stops_the_service_and_nothing_is_lost(
    bus: BusSettings,
    vendor: BusSettings,
    rights: Rights,
    lacking: Sequence[Right],
    sentence: str,
) -> None:
    letters = lacking == [WRITE_LETTERS]

    async def refuse(event: Event[FeedbackGiven]) -> Payload:
        raise Poison("unknown_verdict")

    running = passing_on(bus, refuse) if letters else passing_on(bus)
    async with probed(running, bus) as probes:
        await probes.until_total("sidemand_lag_events", 0)
        rights.take(SERVICE, *lacking)
        await publish(vendor, 3)
        with pytest.raises(BusError, match=sentence):
            await asyncio.wait_for(running.failed(), 30)
        assert await probes.says("/live") == f"{GIVEN.name}: stopped"
    rights.give(SERVICE, *lacking)
    handled: set[str] = set()

    async def note(event: Event[FeedbackGiven]) -> None:
        handled.add(event.position)

    async with probed(passing_on(bus, note), bus) as probes:
        await probes.until_total("sidemand_lag_events", 0)
    assert len(handled) == 3


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kafka_password": SecretStr("forkert")}, f"does not know the user {SERVICE} with this"),
        ({"kafka_mechanism": "SCRAM-SHA-512"}, "offers no login by SCRAM-SHA-512"),
        ({"kafka_ca_file": None}, "is not trusted: self-signed certificate. Set SIDEMAND_KAFKA_CA"),
        ({"kafka_security": "SASL_PLAINTEXT"}, "and SIDEMAND_KAFKA_SECURITY where it wants TLS"),
    ],
)
async def test_who_is_not_let_in_learns_why(
    bus: BusSettings, rights: Rights, change: dict[str, object], sentence: str
) -> None:
    wrong = bus.model_copy(update={"start_seconds": 1.0, **change})
    with pytest.raises(BusError, match=sentence) as raised:
        async with passing_on(wrong):
            pass
    assert "kodeord" not in str(raised.value)
    assert "forkert" not in str(raised.value)


async def test_a_vendor_learns_what_it_may_not_write_read_or_create(
    vendor: BusSettings, rights: Rights
) -> None:
    theirs = (ResourceType.TOPIC, EDGE, AclOperation.WRITE)
    with pytest.raises(BusError, match=f"does not let the user {VENDOR} create "):
        await create_topics(vendor, ["vesterhede"])
    with pytest.raises(BusError, match=f"does not let the user {VENDOR} read {EDGE}"):
        await read_what_is_there(vendor)  # who may write may see it
    rights.take(VENDOR, theirs)
    with pytest.raises(BusError, match=f"does not let the user {VENDOR} read {EDGE}"):
        await read_what_is_there(vendor)
    with pytest.raises(BusError, match=f"does not let the user {VENDOR} write to any topic"):
        await publish(vendor, 1)


async def read_what_is_there(bus: BusSettings) -> None:
    async with RecordReader(bus, EDGE, "earliest") as records:
        async for _ in records.until_now():
            pass
