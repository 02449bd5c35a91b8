"""A small service for tests/integration/test_bus_on_kafka.py, to be run and killed as a process."""

import asyncio

from sidemand.bus import BusSettings, Event, Poison, Service, run
from sidemand.schemas import topics
from sidemand.schemas.casework import FeedbackRedacted
from sidemand.schemas.raw import FeedbackGiven

HANDLING_SECONDS = 0.02


def create() -> Service:
    """Pass feedback on; every hundredth is poison."""
    service = Service("redaction", BusSettings())

    @service.consumes(topics.FEEDBACK_GIVEN, publishes=topics.FEEDBACK_REDACTED)
    async def on_feedback_given(event: Event[FeedbackGiven]) -> FeedbackRedacted:
        await asyncio.sleep(HANDLING_SECONDS)
        if int(event.data.comment) % 100 == 99:
            raise Poison("every_hundredth")
        return FeedbackRedacted(**event.data.model_dump())

    return service


if __name__ == "__main__":
    run(create)
