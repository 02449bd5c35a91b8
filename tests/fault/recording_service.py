"""A small service to be killed, stopped and starved: `python -m tests.fault.recording_service`.

It writes an effect of every event to PostgreSQL and passes the event on without its person.
"""

import asyncio
import os
import signal
from pathlib import Path

from sidemand.bus import BusSettings, Event, Poison, Service, run
from sidemand.schemas.casework import FeedbackRedacted
from sidemand.schemas.raw import FeedbackGiven
from sidemand.schemas.topics import Topic

from .effects import Effect, Effects
from .numbered import CRASHES, GIVEN, KILLS, MARKS, REDACTED, REFUSED, SERVICE, Numbered
from .orders import DIE, LINGER, Orders


def create(
    given: Topic[FeedbackGiven] = GIVEN, redacted: Topic[FeedbackRedacted] = REDACTED
) -> Service:
    """Wire it from the environment; the topics may be those of another version of the contract."""
    service = Service(SERVICE, BusSettings())
    effects = Effects(os.environ["FAULT_DATABASE"])
    orders = Orders(Path(os.environ["FAULT_ORDERS"]))
    service.on_stop(effects.close)

    @service.consumes(given, publishes=redacted)
    async def on_feedback_given(event: Event[FeedbackGiven]) -> FeedbackRedacted:
        if (seconds := orders.take(LINGER)) is not None:
            await asyncio.sleep(float(seconds))
        numbered = Numbered.of(event.data)
        _misbehave(numbered.conduct)
        effect = Effect(event.envelope.id, event.data.subject, numbered.number)
        await effects.record(effect, os.getpid())
        if orders.take(DIE) is not None:
            os.kill(os.getpid(), signal.SIGKILL)
        return redacted.payload(
            **event.data.model_dump(exclude={"comment"}), comment=str(numbered.number)
        )

    return service


def _misbehave(conduct: str) -> None:
    if conduct == REFUSED:
        raise Poison("refused", "the handler does not want it")
    if conduct == CRASHES:
        raise RuntimeError(f"somebody quotes {MARKS[0]}")
    if conduct == KILLS:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    run(create)
