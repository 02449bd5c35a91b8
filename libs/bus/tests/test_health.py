"""Health means it: red while something is wrong, with the reason in words."""

import asyncio
import socket
import urllib.error
import urllib.request
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from aiokafka.errors import KafkaError
from sidemand.bus import BusError, BusSettings, Event, Publisher, Service, Transient
from sidemand.bus.embedded import EmbeddedKafka
from sidemand.bus.health import HealthServer
from sidemand.schemas import topics
from sidemand.schemas.identity import CaseRef
from sidemand.schemas.raw import FeedbackGiven
from sidemand.testing.servers.program import free_ports

TOPIC = topics.FEEDBACK_GIVEN
ONE = uuid.UUID(int=1)

Handle = Callable[[Event[FeedbackGiven]], Awaitable[None]]


async def ignore(event: Event[FeedbackGiven]) -> None:
    """Effects without an output."""


def service(settings: BusSettings, handle: Handle = ignore) -> Service:
    made = Service("redaction", settings)
    made.consumes(TOPIC)(handle)
    return made


async def until_not(reasons: Callable[[], list[str]]) -> None:
    async with asyncio.timeout(10):
        while reasons():  # noqa: ASYNC110 - any condition, not only an event
            await asyncio.sleep(0.01)


async def until_said(reason: str, reasons: Callable[[], list[str]]) -> None:
    async with asyncio.timeout(10):
        while reason not in reasons():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_running_service_is_live_and_ready(settings: BusSettings) -> None:
    running = service(settings)
    assert running.health.not_live() == []
    assert running.health.not_ready() == ["not started, or stopping"]
    async with running:
        await until_not(running.health.not_ready)
        assert running.health.not_live() == []
    assert "not started, or stopping" in running.health.not_ready()


async def test_a_service_that_no_longer_fetches_is_not_live(settings: BusSettings) -> None:
    async with service(settings) as running:
        (loop,) = [each for each in asyncio.all_tasks() if "_consume_loop" in repr(each)]
        loop.cancel()
        await until_said(f"{TOPIC.name}: no longer fetches", running.health.not_live)
        assert running.health.not_ready()


async def test_a_service_whose_consumer_no_longer_asks_kafka_is_not_live(
    settings: BusSettings,
) -> None:
    """aiokafka would let FastStream wait for records for ever."""
    async with service(settings) as running:
        (lane,) = running.health.lanes.values()
        cast("Any", lane._consumer())._fetcher._fetch_task.cancel()
        await until_said(f"{TOPIC.name}: no longer fetches", running.health.not_live)


async def test_a_service_whose_broker_does_not_answer_is_not_ready(
    settings: BusSettings, kafka: EmbeddedKafka
) -> None:
    async with service(settings) as running:
        await until_not(running.health.not_ready)
        kafka.stop_broker()
        await until_said(f"{TOPIC.name}: Kafka does not answer", running.health.not_ready)
        assert running.health.not_live() == []
        kafka.start_broker()
        await until_not(running.health.not_ready)


async def test_a_service_whose_part_in_the_group_ends_with_an_error_stops(
    settings: BusSettings,
) -> None:
    """FastStream would ask again for ever: a consumer that looks alive and does nothing."""

    def unforeseen(_subscription: object) -> bool:
        raise AssertionError("no such state")

    async with service(settings) as running:
        (lane,) = running.health.lanes.values()
        coordinator = cast("Any", lane._consumer())._coordinator
        coordinator.need_rejoin = unforeseen
        coordinator.request_rejoin()
        with pytest.raises(BusError, match="lost its place in the consumer group"):
            await asyncio.wait_for(running.failed(), 5)
        assert isinstance(coordinator._coordination_task.exception(), KafkaError)
        assert running.health.not_live() == [f"{TOPIC.name}: stopped"]


async def test_a_service_that_sends_no_heartbeats_any_more_stops(
    settings: BusSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiokafka begins anew with them at the next rebalance, of which it then does not hear."""

    async def unforeseen() -> bool:
        raise KafkaError("an answer that is not known")

    monkeypatch.setattr("sidemand.bus.consumer._LONGEST_COMPLAINT", 1.0)
    async with service(settings) as running:
        (lane,) = running.health.lanes.values()
        cast("Any", lane._consumer())._coordinator._do_heartbeat = unforeseen
        with pytest.raises(BusError, match="lost its place in the consumer group"):
            await asyncio.wait_for(running.failed(), 10)


async def test_a_service_without_its_share_of_partitions_is_not_ready(
    settings: BusSettings,
) -> None:
    async with service(settings) as running:
        await until_not(running.health.not_ready)
        (lane,) = running.health.lanes.values()
        await lane.on_partitions_revoked(set())
        assert running.health.not_ready() == [f"{TOPIC.name}: no partitions assigned"]
        assert running.health.not_live() == []


async def test_a_service_is_not_ready_while_a_dependency_is_away(settings: BusSettings) -> None:
    away = True

    async def need_the_vault(event: Event[FeedbackGiven]) -> None:
        if away:
            raise Transient("vault")

    cases = [CaseRef(tenant="storaadal", case_id=uuid.UUID(int=number)) for number in range(6)]
    async with service(settings, need_the_vault) as running:
        async with Publisher(settings, "postsag") as publisher:
            for case in cases:
                await publisher.publish(TOPIC, feedback(case))
        await until_said(f"{TOPIC.name}: a dependency is away: vault", running.health.not_ready)
        assert running.health.not_live() == []
        away = False
        await until_not(running.health.not_ready)


async def test_a_dependency_that_is_away_is_asked_by_one_and_all_go_on_once_it_is_back(
    settings: BusSettings,
) -> None:
    away, attempts = True, 0
    handled: set[CaseRef] = set()

    async def need_the_vault(event: Event[FeedbackGiven]) -> None:
        nonlocal attempts
        attempts += 1
        if away:
            raise Transient("vault")
        handled.add(event.data.case)

    cases = {CaseRef(tenant="storaadal", case_id=uuid.UUID(int=number)) for number in range(60)}
    async with service(settings, need_the_vault) as running:
        async with Publisher(settings, "postsag") as publisher:
            for case in cases:
                await publisher.publish(TOPIC, feedback(case))
        await until_said(f"{TOPIC.name}: a dependency is away: vault", running.health.not_ready)
        asked = attempts
        await asyncio.sleep(1)
        # One at a time with a rest behind each, and those that were under way when it was noticed.
        assert attempts - asked <= settings.concurrency + 8
        away = False
        async with asyncio.timeout(10):
            while handled != cases:  # noqa: ASYNC110 - it changes in the service
                await asyncio.sleep(0.01)


async def test_a_service_is_not_ready_while_kafka_does_not_acknowledge(
    settings: BusSettings, kafka: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidemand.bus.health._LONGEST_SEND", 0.01)
    async with service(settings) as running:
        await until_not(running.health.not_ready)
        kafka.stop_broker()
        event = running.publisher.publish(TOPIC, feedback(CaseRef(tenant="storaadal", case_id=ONE)))
        sending = asyncio.create_task(event)
        await until_said("Kafka does not acknowledge what is sent", running.health.not_ready)
        kafka.start_broker()
        await sending


def feedback(case: CaseRef) -> FeedbackGiven:
    return FeedbackGiven(
        case=case,
        suggestion_id=ONE,
        revision=1,
        verdict="used",
        given_at=datetime(2026, 5, 4, tzinfo=UTC),
    )


async def page(settings: BusSettings, path: str) -> tuple[int, str]:
    def get() -> tuple[int, str]:
        address = f"http://127.0.0.1:{settings.health_port}{path}"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    return await asyncio.to_thread(get)


@pytest.fixture
def with_port(settings: BusSettings) -> BusSettings:
    return settings.model_copy(update={"health_port": free_ports(1)[0]})


async def test_health_is_served_with_the_reason_in_words(with_port: BusSettings) -> None:
    watched = service(with_port)
    async with HealthServer(with_port, [watched.health]):
        assert await page(with_port, "/live") == (200, "ok\n")
        assert await page(with_port, "/ready") == (503, "not started, or stopping\n")
        async with watched:
            await until_not(watched.health.not_ready)
            assert await page(with_port, "/ready") == (200, "ok\n")
        status, metrics = await page(with_port, "/metrics")
        assert status == 200
        assert "sidemand_events_handled_total" in metrics
        assert (await page(with_port, "/"))[0] == 404


async def test_a_health_port_in_use_is_one_sentence(with_port: BusSettings) -> None:
    expected = f"The health port cannot be opened on 127.0.0.1:{with_port.health_port}: "
    with (
        socket.create_server(("127.0.0.1", with_port.health_port)),
        pytest.raises(BusError, match=f"{expected}Address already in use. Set SIDEMAND_HEALTH"),
    ):
        async with HealthServer(with_port, []):
            pass
