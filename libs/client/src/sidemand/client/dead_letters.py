"""What an operator does with dead letters. Looking closer and redriving is put on record."""

import getpass
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from sidemand.bus import BusSettings, Publisher
from sidemand.bus.dead_letters import DeadLetter
from sidemand.bus.redriving import Wanted, find_dead_letters, redrive
from sidemand.client.errors import ClientError
from sidemand.client.publishing import publish
from sidemand.schemas import topics
from sidemand.schemas.governance import AccessRecorded
from sidemand.schemas.identity import CaseRef

__all__ = ["DeadLetter", "Reason", "Wanted", "find_dead_letters", "look_into", "redrive_on_record"]

_SOURCE: Final = "sidemand/client"


@dataclass(frozen=True, slots=True)
class Reason:
    """Who touches dead letters, and why."""

    why: str
    """In the operator's words, at most 500 characters; without personal data."""
    actor: str = ""
    """The operator's account; this machine's user where empty."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.why.strip()) <= 500:
            raise ClientError("Say in 1 to 500 characters why, with --why: it is put on record.")


async def look_into(settings: BusSettings, position: str, reason: Reason) -> DeadLetter:
    """Give the one dead letter at `position`. Raises `ClientError` where there is none."""
    found = await find_dead_letters(settings, Wanted(position=position))
    if not found:
        raise ClientError(
            "There is no dead letter at this position: `sidemand dead-letters list` shows which "
            "there are; after 14 days Kafka drops them."
        )
    await _record(settings, found, "dead_letter_shown", reason)
    return found[0]


async def redrive_on_record(
    settings: BusSettings, wanted: Wanted, reason: Reason
) -> list[DeadLetter]:
    """Publish the open dead letters that are wanted again, and give those that were."""
    found = await find_dead_letters(settings, wanted)
    done = await redrive(settings, found)
    await _record(settings, done, "dead_letter_redriven", reason)
    return done


async def _record(
    settings: BusSettings,
    letters: Iterable[DeadLetter],
    action: Literal["dead_letter_shown", "dead_letter_redriven"],
    reason: Reason,
) -> None:
    """Record each that is about a case; knowledge holds no personal data to answer for."""
    cases = [letter.about for letter in letters if isinstance(letter.about, CaseRef)]
    if not cases:
        return
    async with Publisher(settings, _SOURCE) as publisher:
        for case in cases:
            record = AccessRecorded(
                case=case,
                actor=reason.actor or _account(),
                action=action,
                purpose=reason.why.strip(),
                recorded_at=datetime.now(UTC),
            )
            await publish(publisher, topics.ACCESS_RECORDED, record)


def _account() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"[:200]
