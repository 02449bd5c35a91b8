"""The recording service with a field more in what it reads and writes.

`python -m tests.fault.next_version`
"""

from dataclasses import replace

from sidemand.bus import Service, run
from sidemand.schemas.casework import FeedbackRedacted

from .numbered import GIVEN, NOT_SAID, REDACTED, NextFeedbackGiven
from .recording_service import create


class NextFeedbackRedacted(FeedbackRedacted):
    """The output as a next version of the contract might have it."""

    channel: str = NOT_SAID
    """How the caseworker said it."""


def create_next() -> Service:
    """Wire it from the environment."""
    return create(
        replace(GIVEN, payload=NextFeedbackGiven), replace(REDACTED, payload=NextFeedbackRedacted)
    )


if __name__ == "__main__":
    run(create_next)
