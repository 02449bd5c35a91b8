"""What happens to one record: decoded, handled, its outputs confirmed, or dead-lettered."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Container, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final, TypeVar

from sidemand.bus.assignment import Abandoned
from sidemand.bus.caution import AT_EASE
from sidemand.bus.circuit import Circuit, backoff
from sidemand.bus.dead_letters import Budget, Verdict, dead_letter
from sidemand.bus.decoding import Record, Rejected, decode, position_of, tenant_of
from sidemand.bus.errors import BusError, Poison, Transient
from sidemand.bus.places import group_of
from sidemand.bus.precedence import Precedence
from sidemand.bus.publisher import Message, Publisher, TooLarge
from sidemand.bus.settings import BusSettings
from sidemand.observability import failure, get_logger
from sidemand.observability.metrics import DEAD_LETTERS, HANDLED, HANDLING, RETRIES
from sidemand.observability.traces import attempt, traceparent
from sidemand.schemas.envelope import Envelope, Event, cause_id, derived_id
from sidemand.schemas.identity import Payload, Tombstone
from sidemand.schemas.knowledge import KnowledgeVersion
from sidemand.schemas.topics import Topic

Outcome = Payload | Sequence[Payload] | None
"""What a handler gives back: the events that follow from this one."""

Handler = Callable[[Event[Payload]], Awaitable[Outcome]]
Careful = Callable[[Record, asyncio.Event], AbstractAsyncContextManager[None]]
Rejecter = Callable[[Rejected], Payload | None]

R = TypeVar("R")

_KILLS: Final = "each time that this was being handled, the process died"


@dataclass(frozen=True, slots=True)
class Consumption:
    """What a service does with one topic."""

    service: str
    topic: Topic[Payload]
    publishes: tuple[Topic[Payload], ...]
    """Where outputs may go; an output goes to the topic whose payload it is."""
    version: str
    """Of what makes the outputs; part of their ids."""
    place: str = ""
    """What its offsets are those of, where the service keeps several such as generations."""
    on_event: Handler | None = None
    on_deletion: Handler | None = None
    rejects: Rejecter | None = None
    """Makes an answer to the sender of a record that is no event."""

    @property
    def group(self) -> str:
        """Its consumer group."""
        return group_of(self.service, self.topic, self.place)


class Subscription:
    """Handles the records of one topic for one service."""

    def __init__(
        self,
        consumption: Consumption,
        settings: BusSettings,
        publisher: Publisher,
        precedence: Precedence,
    ) -> None:
        self._service = service = consumption.service
        self._consumption = consumption
        self._topic = consumption.topic
        self._settings = settings
        self._publisher = publisher
        self._budget = Budget(settings.dead_letters_in_a_row)
        self._log = get_logger(service)
        self._labels = (service, consumption.topic.name)
        self._handled = HANDLED.labels(*self._labels, "handled")
        self._handling = HANDLING.labels(*self._labels)
        self.circuit = Circuit()
        self._turns = precedence.turns(consumption.topic, self.circuit)
        self.convicted: Container[str] = frozenset()
        """Where the events stand that killed the process: they are not tried again."""
        self.careful: Careful = lambda *_: AT_EASE
        """Around every attempt."""

    async def handle(self, record: Record, leaving: asyncio.Event) -> None:
        """Handle one record. Returns when its effects are confirmed.

        Raises `Abandoned` where `leaving` is set before that, and `BusError` when there have
        been too many dead letters or Kafka refuses what is sent.
        """
        if position_of(record) in self.convicted:
            await self._bury(record, Verdict("kills_process", _KILLS, self._settings.attempts))
            return
        started = time.monotonic()
        try:
            outputs = await self._persistently(record, partial(self._outputs, record), leaving)
        except _NoEvent as no_event:
            await self._reject(record, no_event.rejected, leaving)
        except Poison as poison:
            await self._bury(record, Verdict(poison.code, poison.detail))
        except _Spent as spent:
            await self._bury(record, Verdict("unexpected", spent.where, spent.attempts))
        else:
            await self._publisher.send(outputs)
            self._budget.success()
            self._handled.inc()
            self._handling.observe(time.monotonic() - started)

    async def _outputs(self, record: Record) -> list[Message]:
        """Decode and handle. Raises `_NoEvent`, and what the handler raises."""
        event = await decode(record, self._topic, self._publisher.claims)
        if isinstance(event, Rejected):
            raise _NoEvent(event)
        with attempt(self._service, self._topic.name, event.envelope.traceparent):
            outcome = await self._call(event)
            outputs = () if outcome is None else outcome
            if not isinstance(outputs, Sequence):
                outputs = (outputs,)
            return [
                await self._output(event.envelope, payload, number)
                for number, payload in enumerate(outputs)
            ]

    async def _call(self, event: Event[Payload]) -> Outcome:
        deletion = isinstance(event.data, Tombstone)
        handler = self._consumption.on_deletion if deletion else self._consumption.on_event
        if handler is None:
            raise Poison("empty_body" if deletion else "unwanted", "nothing handles such a record")
        return await handler(event)

    async def _persistently(
        self, record: Record, act: Callable[[], Awaitable[R]], leaving: asyncio.Event
    ) -> R:
        """Try until it works, or until it is sure that it will not."""
        tenant = tenant_of(record)
        unexpected = transient = 0
        while True:
            try:
                async with self._turns.of(tenant):
                    # Here, not before the wait for a turn: thousands may be waiting for one.
                    if leaving.is_set():
                        raise Abandoned
                    return await self._try_once(record, act, leaving)
            except (Abandoned, Poison, _NoEvent):
                raise
            except Transient:
                transient += 1
                wait = 0.0 if self.circuit.is_open else backoff(transient)
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not be lost
                unexpected += 1
                described = failure(error)
                self._log.error("failed", topic=self._topic.name, attempts=unexpected, **described)
                if unexpected >= self._settings.attempts:
                    raise _Spent(unexpected, described) from None
                wait = backoff(unexpected)
            RETRIES.labels(*self._labels).inc()
            await _pause(wait, leaving)

    async def _try_once(
        self, record: Record, act: Callable[[], Awaitable[R]], leaving: asyncio.Event
    ) -> R:
        """Try once, within a turn. While a dependency is away, the rest behind a failure belongs to
        the turn: one event asks for it now and then, and the others wait for their turn."""
        try:
            async with self.careful(record, leaving):
                result = await act()
        except Transient as error:
            self.circuit.failure(error.reason)
            self._log.warning("waiting", topic=self._topic.name, reason=error.reason)
            await _pause(self.circuit.rest, leaving)
            raise
        except Poison:
            self.circuit.success()
            raise
        self.circuit.success()
        return result

    async def _output(self, parent: Envelope, payload: Payload, number: int) -> Message:
        topic = self._destination(payload)
        tenant, subject = payload.tenant, payload.subject
        stage = f"{self._service}|{topic.name}|{tenant}|{subject}|{number}"
        cause = cause_id(parent.source, parent.id) if self._topic.edge else parent.id
        envelope = Envelope(
            id=derived_id(cause, stage, self._consumption.version),
            source=f"sidemand/{self._service}",
            type=topic.name,
            # A deletion keeps its editor's moment: passed on once more, it must not seem newer than
            # a version that was published behind it.
            time=parent.time if isinstance(payload, Tombstone) else datetime.now(UTC),
            tenant=tenant,
            subject=subject,
            causation_id=cause,
            traceparent=traceparent() or parent.traceparent,
        )
        return await self._publisher.message(topic, payload, envelope)

    def _destination(self, payload: Payload) -> Topic[Payload]:
        """The topic that the payload belongs to. Raises `BusError` where none was declared."""
        if isinstance(payload, Tombstone):
            fits = [each for each in self._consumption.publishes if holds_documents(each)]
        else:
            fits = [each for each in self._consumption.publishes if each.payload is type(payload)]
        if len(fits) != 1:
            raise BusError(
                f"{self._service} gave back a {type(payload).__name__} for {self._topic.name}: "
                f"{len(fits)} of the topics that it publishes carry it, and it must be one."
            )
        return fits[0]

    async def _reject(self, record: Record, rejected: Rejected, leaving: asyncio.Event) -> None:
        """Answer the sender where there is an answer, and keep the record as a dead letter."""
        with suppress(Poison, _Spent):  # it is a dead letter in any case
            answer = partial(self._answers, record, rejected)
            answers = await self._persistently(record, answer, leaving)
            await self._publisher.send(answers)
        await self._bury(record, Verdict(rejected.code, rejected.detail))

    async def _answers(self, record: Record, rejected: Rejected) -> list[Message]:
        answer = self._consumption.rejects(rejected) if self._consumption.rejects else None
        if answer is None:
            return []
        parent = Envelope(
            id=position_of(record),
            source="",
            type=self._topic.name,
            time=datetime.now(UTC),
            tenant=answer.tenant,
            subject=answer.subject,
        )
        return [await self._output(parent, answer, 0)]

    async def _bury(self, record: Record, verdict: Verdict) -> None:
        self._budget.spend(verdict.code)
        where = self._topic.dead_letters(self._service)
        letter = dead_letter(record, where, self._service, verdict)
        try:
            await self._publisher.send([letter])
        except TooLarge:
            # An empty body, not a null one: redriven, a null one would be a deletion.
            await self._publisher.send([replace(letter, value=b"")])
        self._log.error(
            "dead_letter",
            topic=self._topic.name,
            partition=record.partition,
            offset=record.offset,
            code=verdict.code,
            attempts=verdict.attempts,
        )
        DEAD_LETTERS.labels(*self._labels, verdict.code).inc()
        HANDLED.labels(*self._labels, "dead_letter").inc()


async def _pause(seconds: float, leaving: asyncio.Event) -> None:
    """Wait so long, or until `leaving` is set."""
    if seconds:
        with suppress(TimeoutError):
            await asyncio.wait_for(leaving.wait(), seconds)


def holds_documents(topic: Topic[Payload]) -> bool:
    """Whether a deletion can be passed on to `topic`: to versions of documents, not to receipts."""
    return issubclass(topic.payload, KnowledgeVersion)


class _NoEvent(Exception):
    """The record is no event; no attempt will make it one."""

    def __init__(self, rejected: Rejected) -> None:
        super().__init__()
        self.rejected = rejected


class _Spent(Exception):
    """All attempts failed for a reason that nobody foresaw."""

    def __init__(self, attempts: int, described: dict[str, object]) -> None:
        super().__init__()
        self.attempts = attempts
        self.where = f"{described['error']} at {described['where']}"
