"""A service whose handler never gives the event loop back; run as a process by the tests."""

import time

from sidemand.bus import BusSettings, Event, Service, run
from sidemand.schemas import topics
from sidemand.schemas.raw import FeedbackGiven


def create() -> Service:
    service = Service("redaction", BusSettings())

    @service.consumes(topics.FEEDBACK_GIVEN, publishes=topics.FEEDBACK_REDACTED)
    async def on_feedback_that_never_ends(event: Event[FeedbackGiven]) -> None:
        time.sleep(600)  # noqa: ASYNC251 - that is the fault

    return service


if __name__ == "__main__":
    run(create)
