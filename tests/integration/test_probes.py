"""Each probe turns red and each metric moves for the fault that it is for, on a real Kafka."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.group import LeaveGroupRequest
from sidemand.bus import BusError, BusSettings, Event, Poison, Transient
from sidemand.bus.connection import connection
from sidemand.bus.provisioning import create_topics
from sidemand.schemas.identity import Payload
from sidemand.schemas.raw import FeedbackGiven
from sidemand.testing.plugin import own_kafka
from sidemand.testing.servers import KafkaServer
from sidemand.testing.servers.program import free_ports

from .probing import GIVEN, GROUP, PARTITIONS, TENANT, pass_on, passing_on, probed, publish

EVENTS = 12


@pytest.fixture(scope="module")
def broker(pytestconfig: pytest.Config) -> Iterator[KafkaServer]:
    """A Kafka of this module's own: it is killed, and topics have their fixed names."""
    yield from own_kafka(pytestconfig)


@pytest.fixture(scope="module")
def topics_made(broker: KafkaServer) -> None:
    asyncio.run(create_topics(BusSettings(kafka=broker.bootstrap), [TENANT]))


@pytest.fixture
def bus(broker: KafkaServer, topics_made: None, tmp_path: Path) -> BusSettings:
    return BusSettings(
        kafka=broker.bootstrap,
        objects=f"file://{tmp_path}",
        health_port=free_ports(1)[0],
        session_timeout_ms=6_000,
        drain_seconds=5,
        dead_letters_in_a_row=2,
    )


async def test_lag_age_and_retries_grow_while_a_dependency_is_away(
    bus: BusSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidemand.bus.circuit._LONGEST_WAIT", 0.3)
    away = True

    async def need_the_vault(event: Event[FeedbackGiven]) -> Payload:
        if away:
            raise Transient("vault")
        return await pass_on(event)

    # So little room that fetching has stopped long before the events end.
    narrow = bus.model_copy(update={"ahead_mb": 0.05})
    async with probed(passing_on(narrow, need_the_vault), bus) as probes:
        before = await probes.total("sidemand_retries_total")
        for round_ in (1, 2):
            await publish(bus, EVENTS)
            await probes.until_total("sidemand_lag_events", round_ * EVENTS)
        await probes.until_says("/ready", f"{GIVEN.name}: a dependency is away: vault")
        assert await probes.says("/live") == "ok"
        assert await probes.total("sidemand_dependency_away") == 1
        assert await probes.total("sidemand_retries_total") >= before + 5
        assert 0 < await probes.total("sidemand_unfinished_events") < 2 * EVENTS
        aged = await probes.total("sidemand_oldest_unfinished_seconds")
        assert 0 < aged < await probes.total("sidemand_oldest_unfinished_seconds")
        away = False
        await probes.until_total("sidemand_lag_events", 0)
        await probes.until_says("/ready", "ok")
        for ended in ("dependency_away", "unfinished_events", "oldest_unfinished_seconds"):
            assert await probes.total(f"sidemand_{ended}") == 0


async def test_lag_goes_with_its_partition_to_another_member_and_the_change_is_counted(
    bus: BusSettings,
) -> None:
    async with probed(passing_on(bus), bus) as probes:
        before = await probes.total("sidemand_rebalances_total")
        assert len(await probes.figures("sidemand_lag_events")) == PARTITIONS
        other = AIOKafkaConsumer(**connection(bus), group_id=GROUP, enable_auto_commit=False)
        other.subscribe(pattern=GIVEN.pattern)
        async with other:
            theirs = {str(each.partition) for each in other.assignment()}

            async def is_shared() -> bool:
                ours = set(await probes.figures("sidemand_lag_events"))
                return ours == {str(each) for each in range(PARTITIONS)} - theirs

            assert 0 < len(theirs) < PARTITIONS
            await probes.until(is_shared)
            await probes.until_says("/ready", "ok")
        assert await probes.total("sidemand_rebalances_total") > before


async def test_a_commit_that_kafka_refuses_is_counted(bus: BusSettings) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait(event: Event[FeedbackGiven]) -> Payload:
        begun.set()
        await go_on.wait()
        return await pass_on(event)

    running = passing_on(bus, wait)
    async with probed(running, bus) as probes:
        before = await probes.total("sidemand_commit_failures_total")
        await publish(bus, 1)
        await begun.wait()
        (lane,) = running.health.lanes.values()
        await throw_out(bus, cast("Any", lane._consumer())._coordinator.member_id)
        go_on.set()
        await probes.until_total("sidemand_lag_events", 0)
        assert await probes.total("sidemand_commit_failures_total") > before


async def throw_out(bus: BusSettings, member: str) -> None:
    """Let Kafka believe that the member left its group."""
    admin = AIOKafkaAdminClient(**connection(bus))
    await admin.start()
    try:
        answer: Any = await admin._send_request(LeaveGroupRequest(GROUP, member))
    finally:
        await admin.close()
    assert answer.error_code == 0


async def test_dead_letters_are_counted_by_code_until_so_many_stop_the_subscription(
    bus: BusSettings,
) -> None:
    async def refuse(event: Event[FeedbackGiven]) -> Payload:
        raise Poison("unknown_verdict")

    running = passing_on(bus, refuse)
    async with probed(running, bus) as probes:
        before = await probes.figures("sidemand_dead_letters_total")
        await publish(bus, 2)

        async def both_are_counted() -> bool:
            letters = await probes.figures("sidemand_dead_letters_total")
            return letters == {**before, "unknown_verdict": 2}

        await probes.until(both_are_counted)
        assert await probes.says("/live") == "ok"
        await publish(bus, 1)
        with pytest.raises(BusError, match="2 events in a row became dead letters"):
            await asyncio.wait_for(running.failed(), 20)
        assert await probes.says("/live") == f"{GIVEN.name}: stopped"
    async with probed(passing_on(bus), bus) as probes:  # what stopped it was not committed
        await probes.until_total("sidemand_lag_events", 0)


async def test_while_kafka_is_away_a_service_is_live_and_not_ready_and_nothing_old_is_told(
    bus: BusSettings, broker: KafkaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidemand.bus.health._LONGEST_SEND", 0.5)
    begun, held = asyncio.Event(), asyncio.Event()

    async def hold(event: Event[FeedbackGiven]) -> Payload:
        begun.set()
        await held.wait()
        return await pass_on(event)

    running = passing_on(bus, hold)
    async with probed(running, bus) as probes:
        await publish(bus, 1)
        await begun.wait()
        await probes.until_total("sidemand_lag_events", 1)
        broker.program.kill()
        await probes.until_says("/ready", f"{GIVEN.name}: Kafka does not answer")
        held.set()
        await probes.until_says("/ready", "Kafka does not acknowledge what is sent")
        assert await probes.says("/live") == "ok"
        assert await probes.total("sidemand_lag_events") == 1
        aged = await probes.total("sidemand_oldest_unfinished_seconds")
        assert aged < await probes.total("sidemand_oldest_unfinished_seconds")
        broker.program.start()
        await probes.until_says("/ready", "ok")
        await probes.until_total("sidemand_lag_events", 0)
