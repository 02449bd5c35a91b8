"""A service: what it does with which topic, and its life from start to stop."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import replace
from typing import Any, Final, TypeVar, cast

from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import KafkaAckableMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber
from pydantic import ValidationError
from sidemand.bus.border import Border, Inside
from sidemand.bus.caution import Caution, Watch
from sidemand.bus.connection import connection, no_kafka
from sidemand.bus.consumer import DEAF_MS, make_patient
from sidemand.bus.decoding import Record
from sidemand.bus.doorbell import LOOK, LOOK_FOR_OTHERS, Fetching, doorbell_at, fetch_wait_ms
from sidemand.bus.errors import BusError
from sidemand.bus.health import Health, HealthServer
from sidemand.bus.lane import LAST_COMMIT_SECONDS, Consumer, Lane
from sidemand.bus.loop import run_loop
from sidemand.bus.precedence import Precedence
from sidemand.bus.provisioning import check_topics
from sidemand.bus.publisher import Publisher
from sidemand.bus.rights import REFUSALS, reading_denied
from sidemand.bus.settings import BusSettings
from sidemand.bus.subscription import Consumption, Handler, Outcome, Rejecter, Subscription
from sidemand.bus.watchdog import watchdog
from sidemand.observability import configure_logs, configure_traces, get_logger
from sidemand.schemas.envelope import Event
from sidemand.schemas.identity import Payload, Tombstone
from sidemand.schemas.topics import Topic

P = TypeVar("P", bound=Payload)
Hook = Callable[[], Awaitable[object]]
Publishes = Topic[Payload] | Sequence[Topic[Payload]]

NEW_TENANT_SECONDS: Final = 10
"""How long it may take until the topics of a new tenant are noticed. It is also how long aiokafka
may overlook, after an outage, that Kafka is back: a wake-up of its look at the cluster is lost
when the topics change during a look that its clock began."""

_MAX_POLL_INTERVAL_MS: Final = 10 * 60 * 1000
_MAX_RECORDS: Final = 50
"""In a batch: taking one up holds up whatever else the loop does."""
_LEAVE_SECONDS: Final = 5.0
_HEARTBEAT_MS: Final = 3_000
"""At most. A member hears of a rebalance with its next heartbeat: one that hears of it after all
have rejoined has lost its place, so members with long sessions would chase each other for ever."""
_REJOIN_SECONDS: Final = 5.0
"""What a rebalance takes beyond the time in which its members give back what they hold."""


class Service:
    """Consumes topics, hands their events to handlers, and publishes what the handlers give back.

    ``async with service`` runs it beside other work; `run` runs it until it is told to stop.
    """

    def __init__(self, name: str, settings: BusSettings, version: str = "1") -> None:
        self.name = name
        self._settings = settings
        self._version = version
        self._consumptions: dict[str, Consumption] = {}
        self._start_hooks: list[Hook] = []
        self._stop_hooks: list[Hook] = []
        self._borders: list[tuple[Border, Inside]] = []
        self._running = AsyncExitStack()
        self._caution = Caution()
        self._precedence = Precedence(settings)
        self._log = get_logger(name)
        self.publisher = Publisher(settings, f"sidemand/{name}")
        self.health = Health(self.publisher)

    def consumes(
        self, topic: Topic[P], *, publishes: Publishes = (), rejects: Rejecter | None = None
    ) -> Callable[[Callable[[Event[P]], Awaitable[Outcome]]], Handler]:
        """Register the handler of a topic's events.

        What it returns is published: each payload to the one topic of `publishes` that carries
        it. `rejects` makes an answer to the sender of a record that is no event.
        """

        def register(handler: Callable[[Event[P]], Awaitable[Outcome]]) -> Handler:
            untyped = cast("Handler", handler)
            self._add(topic, publishes, on_event=untyped, rejects=rejects)
            return untyped

        return register

    def deletes(
        self, topic: Topic[Payload], *, publishes: Publishes = ()
    ) -> Callable[[Callable[[Event[Tombstone]], Awaitable[Outcome]]], Handler]:
        """Register the handler of a topic's deletions: null values under a document's key."""

        def register(handler: Callable[[Event[Tombstone]], Awaitable[Outcome]]) -> Handler:
            untyped = cast("Handler", handler)
            self._add(topic, publishes, on_deletion=untyped)
            return untyped

        return register

    def keeps_place(self, topic: Topic[Payload], place: str) -> None:
        """Read `topic` in a consumer group of its own for `place`, such as an index's generation.

        Call it before the topic's handlers are registered.
        """
        self._consumptions[topic.name] = Consumption(self.name, topic, (), self._version, place)

    def on_start(self, hook: Hook) -> None:
        """Call `hook` before the first event."""
        self._start_hooks.append(hook)

    def on_stop(self, hook: Hook) -> None:
        """Call `hook` after the last event, in the reverse order of registration."""
        self._stop_hooks.append(hook)

    async def __aenter__(self) -> "Service":
        try:
            await self._start()
        except BaseException:
            await self._running.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running.aclose()

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT. Raises what made it stop by itself."""
        loop = asyncio.get_running_loop()
        health = HealthServer(self._settings, [self.health])
        async with watchdog(self._settings.stuck_seconds), health:
            running = asyncio.create_task(self._run_until_it_fails())
            told = asyncio.Event()

            def stop() -> None:
                told.set()
                running.cancel()

            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, stop)
            try:
                await running
            except asyncio.CancelledError:
                if not told.is_set():
                    raise
        self._log.info("stopped")

    async def failed(self) -> None:
        """Wait for ever, and raise what stopped a subscription."""
        lanes = self.health.lanes.values()
        await asyncio.gather(*(asyncio.shield(lane.failed) for lane in lanes))

    async def _run_until_it_fails(self) -> None:
        async with self:
            self._log.info("started")
            await self.failed()

    def _add(self, topic: Topic[Payload], publishes: Publishes, **handlers: Any) -> None:
        topics = tuple(publishes) if isinstance(publishes, Sequence) else (publishes,)
        known = self._consumptions.get(topic.name, Consumption(self.name, topic, (), self._version))
        merged = {
            name: handlers.get(name) or getattr(known, name)
            for name in ("on_event", "on_deletion", "rejects")
        }
        every = known.publishes + tuple(each for each in topics if each not in known.publishes)
        self._consumptions[topic.name] = replace(known, publishes=every, **merged)

    async def _start(self) -> None:
        await self._running.enter_async_context(self.publisher)
        await check_topics(self._settings, self.name, list(self._consumptions.values()))
        for hook in self._stop_hooks:  # the stack calls them in reverse
            self._running.push_async_callback(hook)
        for hook in self._start_hooks:
            await hook()
        broker = self._broker()
        lanes = [self._subscribe(broker, each) for each in self._consumptions.values()]
        for border, inside in self._borders:
            self._running.push_async_callback(inside.aclose)
            await self._running.enter_async_context(border.watched())
        self._running.push_async_callback(_leave, broker)
        self._running.push_async_callback(self._stop, lanes)
        await self._connect(broker)
        await self._listen(broker)
        self.health.started = True

    async def _connect(self, broker: KafkaBroker) -> None:
        """Join all consumer groups at once: each may take seconds."""
        await broker.connect()
        make_patient(broker, connection(self._settings))
        starts = (subscriber.start() for subscriber in broker.subscribers)
        for outcome in await asyncio.gather(*starts, return_exceptions=True):
            if isinstance(outcome, REFUSALS):
                raise reading_denied(self._settings, outcome) from None
            if isinstance(outcome, KafkaError):
                raise no_kafka(self._settings) from outcome
            if isinstance(outcome, BaseException):
                raise outcome

    async def _listen(self, broker: KafkaBroker) -> None:
        """Where Kafka runs in this process, fetch when its bell rings."""
        bell = doorbell_at(self._settings.kafka)
        if bell is None:
            return
        for subscriber in cast("Sequence[BatchSubscriber]", broker.subscribers):
            # Only the edge's topics, subscribed to by pattern, are written to from outside.
            look_every = LOOK_FOR_OTHERS if subscriber.pattern else LOOK
            consumer = cast("Fetching", subscriber.consumer)
            await self._running.enter_async_context(bell.answered_by(consumer, look_every))

    async def _stop(self, lanes: Sequence[Lane]) -> None:
        self.health.started = False
        await asyncio.gather(*(lane.stop() for lane in lanes))

    def _broker(self) -> KafkaBroker:
        logger = logging.getLogger("sidemand.bus.faststream")
        logger.setLevel(logging.ERROR)
        return KafkaBroker(
            self._settings.kafka.split(","),
            consumer_only=True,
            allow_auto_create_topics=False,
            graceful_timeout=self._settings.drain_seconds,
            metadata_max_age_ms=NEW_TENANT_SECONDS * 1000,
            client_id=f"sidemand-{self.name}",
            logger=logger,
            apply_types=False,
        )

    def _subscribe(self, broker: KafkaBroker, consumption: Consumption) -> Lane:
        """Let FastStream fetch, and hand what it brings to a lane of our own."""
        topic, settings = consumption.topic, self._settings
        subscription = Subscription(consumption, settings, self.publisher, self._precedence)
        handle = self._precedence.noted(topic, subscription.handle)
        lane = Lane(self.name, topic.name, settings, handle)
        rebalance_seconds = settings.drain_seconds + LAST_COMMIT_SECONDS + _REJOIN_SECONDS
        subscriber = broker.subscriber(
            *(() if topic.edge else (topic.name,)),
            pattern=topic.pattern if topic.edge else None,
            batch=True,
            max_records=_MAX_RECORDS,
            batch_timeout_ms=DEAF_MS,
            group_id=consumption.group,
            group_instance_id=f"{settings.member}.{topic.name}" if settings.member else None,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            fetch_max_wait_ms=fetch_wait_ms(settings),
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=min(settings.session_timeout_ms // 4, _HEARTBEAT_MS),
            max_poll_interval_ms=_MAX_POLL_INTERVAL_MS,
            rebalance_timeout_ms=int(rebalance_seconds * 1000),
            listener=lane,
            parser=_leave_as_it_is,
            decoder=_leave_undecoded,
        )

        @subscriber
        async def take_up(message: KafkaMessage) -> None:
            await lane.take_up(cast("Sequence[Record]", message.raw_message))

        watch = Watch(self._caution, settings.attempts)
        subscription.convicted, subscription.careful = watch.convicted, lane.careful
        border = self._border(consumption)
        lane.start(lambda: cast("Consumer | None", subscriber.consumer), watch, border)
        self.health.watch(topic.name, lane, subscription.circuit, subscriber)
        return lane

    def _border(self, consumption: Consumption) -> Border | None:
        """The border, where events come from tenants' own topics and go on in shared ones."""
        topic = consumption.topic
        if not topic.edge or all(each.edge for each in consumption.publishes):
            return None
        inside = Inside(self._settings, topic.lane)
        border = Border(topic, self._settings, inside.backlogs)
        self._borders.append((border, inside))
        return border


async def _leave(broker: KafkaBroker) -> None:
    """Leave the groups, or let their time-out do it: what was handled is committed by now.

    After an outage aiokafka can wait for its next look at the cluster before it leaves, half a
    minute away; an operator's patience with a stop ends sooner.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(_LEAVE_SECONDS):
            await broker.stop()


async def _leave_as_it_is(message: Any) -> KafkaAckableMessage:
    """Parse nothing: FastStream's own parser loses a batch with one header that is not UTF-8."""
    return KafkaAckableMessage(body=b"", raw_message=message, consumer=_NoConsumer())


async def _leave_undecoded(message: KafkaMessage) -> KafkaMessage:
    return message


class _NoConsumer:
    """Stands where FastStream would acknowledge; the lane commits by itself."""

    async def commit(self) -> None: ...

    def seek(self, partition: object, offset: int) -> None: ...


def run(create: Callable[[], Service]) -> None:
    """Run a service as a process. Ends with one sentence and exit code 1 where it cannot go on."""

    async def main() -> None:
        with _settings_named(create):
            service = create()
        configure_traces(service.name)
        await service.run()

    with suppress(KeyboardInterrupt):
        try:
            with _settings_named(create):
                configure_logs(form=BusSettings().log_form)
            run_loop(main())
        except BusError as error:
            raise SystemExit(f"sidemand: {error}") from None


@contextmanager
def _settings_named(create: Callable[[], Service]) -> Iterator[None]:
    """Name the variables whose values cannot be used; `create` tells whose they are."""
    try:
        yield
    except ValidationError as error:
        own = create.__module__.split(".")[1:2]
        prefix = "sidemand" if error.title == BusSettings.__name__ else "".join(own)
        said = [
            f"{'_'.join((prefix, *map(str, fault['loc']))).upper()}: "
            f"{fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise BusError(f"Settings that cannot be used: {'; '.join(said)}.") from None
