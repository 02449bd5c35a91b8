"""What an operator does with dead letters. Reading, redriving, dropping is put on record first."""

import getpass
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from sidemand.bus import BusSettings, Publisher
from sidemand.bus.dead_letters import DeadLetter
from sidemand.bus.letter_bodies import Body, read_body
from sidemand.bus.provisioning import partition_counts
from sidemand.bus.redriving import Wanted, drop, find_dead_letters, redrive
from sidemand.client.errors import ClientError
from sidemand.client.explanations import caution_of
from sidemand.client.points_in_time import in_local_time
from sidemand.client.publishing import publish
from sidemand.schemas import topics
from sidemand.schemas.governance import AccessRecorded
from sidemand.schemas.identity import SHARED_TENANT, CaseRef

__all__ = [
    "Body",
    "Choice",
    "DeadLetter",
    "Reason",
    "Wanted",
    "choose_to_drop",
    "choose_to_redrive",
    "drop_on_record",
    "find_dead_letters",
    "find_one",
    "read_on_record",
    "redrive_on_record",
]

_SOURCE: Final = "sidemand/client"
_NO_CASE: Final = uuid.UUID(int=0)

Action = Literal["dead_letter_shown", "dead_letter_redriven", "dead_letter_dropped"]


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


@dataclass(frozen=True, slots=True)
class Choice:
    """Which letters something is done with, and which not. Choosing changes nothing."""

    taken: Sequence[DeadLetter]
    left: Sequence[tuple[DeadLetter, str]]
    """Each with why."""
    others: int
    """Open letters that were not wanted."""


async def find_one(settings: BusSettings, position: str) -> DeadLetter:
    """Give the one dead letter at `position`. Raises `ClientError` where there is none."""
    found = await find_dead_letters(settings, Wanted(position=position))
    if not found:
        raise _not_there()
    return found[0]


async def choose_to_redrive(settings: BusSettings, wanted: Wanted) -> Choice:
    """Say which of the letters that are wanted `redrive_on_record` would publish again.

    One that kills its process, and one that fails again whatever is mended, is taken only where
    `wanted` names the code or the position: to redrive all must neither kill a service nor stop
    it for too many dead letters in a row.
    """
    existing = await partition_counts(settings)

    def why_not(letter: DeadLetter) -> str | None:
        is_named = wanted.position or wanted.code
        if letter.origin is None:
            return "it does not say where it came from"
        if letter.origin.partition("/")[0] not in existing:
            return "the topic that it came from is not there any more"
        if not is_named and (warning := caution_of(letter.code)):
            return f"{warning}; name it by --code {letter.code} or by its position"
        return None

    return await _choose(settings, wanted, why_not)


async def choose_to_drop(settings: BusSettings, wanted: Wanted) -> Choice:
    """Say which of the letters that are wanted `drop_on_record` would drop.

    Raises `ClientError` where everything is wanted.
    """
    if wanted == Wanted():
        raise ClientError(
            "Say which: a position, or --topic, --tenant, --code, --since, --until. All that there "
            "are is never dropped at once."
        )
    return await _choose(settings, wanted, lambda _: None)


async def redrive_on_record(
    settings: BusSettings, wanted: Wanted, reason: Reason
) -> tuple[list[DeadLetter], Choice]:
    """Publish the open dead letters that are wanted again, and give those that were.

    Each is put on record before it is published.
    """
    choice = await choose_to_redrive(settings, wanted)
    async with _recording(settings, "dead_letter_redriven", reason) as record:
        return await redrive(settings, choice.taken, record), choice


async def drop_on_record(
    settings: BusSettings, wanted: Wanted, reason: Reason
) -> tuple[list[DeadLetter], Choice]:
    """Drop the open dead letters that are wanted, and give those that were.

    Each is put on record before it is dropped. It stays in Kafka until its retention is over.
    """
    choice = await choose_to_drop(settings, wanted)
    async with _recording(settings, "dead_letter_dropped", reason) as record:
        return await drop(settings, choice.taken, reason.why.strip(), record), choice


async def read_on_record(
    settings: BusSettings, letter: DeadLetter, reason: Reason, most: int
) -> Body:
    """Read at most `most` bytes of the body of `letter`, after that was put on record."""
    async with _recording(settings, "dead_letter_shown", reason) as record:
        await record(letter)
    return await read_body(settings, letter, most)


async def _choose(
    settings: BusSettings, wanted: Wanted, why_not: Callable[[DeadLetter], str | None]
) -> Choice:
    everything = await find_dead_letters(settings, Wanted())
    found = [letter for letter in everything if wanted.includes(letter)]
    if wanted.position and not found:
        raise _not_there()
    taken: list[DeadLetter] = []
    left: list[tuple[DeadLetter, str]] = []
    for letter in found:
        if letter.mark is not None:
            # What was settled days ago is nothing to tell of, unless it was asked for.
            if wanted.position:
                left.append((letter, f"{letter.mark.fate} {in_local_time(letter.mark.at)}"))
        elif objection := why_not(letter):
            left.append((letter, objection))
        else:
            taken.append(letter)
    others = sum(each.mark is None for each in everything if not wanted.includes(each))
    return Choice(taken, left, others)


def _not_there() -> ClientError:
    return ClientError(
        "There is no dead letter at this position: `sidemand dead-letters list --all` shows which "
        "there are; after 14 days Kafka drops them."
    )


@asynccontextmanager
async def _recording(
    settings: BusSettings, action: Action, reason: Reason
) -> AsyncIterator[Callable[[DeadLetter], Awaitable[None]]]:
    """Give what puts a letter on record, and returns when Kafka has it. Raises `ClientError`."""
    if topics.ACCESS_RECORDED.name not in await partition_counts(settings):
        raise ClientError(
            f"This Kafka has no topic {topics.ACCESS_RECORDED.name}, so nothing can be put on "
            "record, and nothing was done. Create it with `sidemand topics create --tenant …`."
        )
    async with Publisher(settings, _SOURCE) as publisher:

        async def record(letter: DeadLetter) -> None:
            access = AccessRecorded(
                case=_answered_for(letter),
                actor=reason.actor or _account(),
                action=action,
                purpose=reason.why.strip(),
                recorded_at=datetime.now(UTC),
                letter=letter.position,
            )
            try:
                await publish(publisher, topics.ACCESS_RECORDED, access)
            except ClientError:
                raise ClientError(
                    f"Kafka did not acknowledge the record on {topics.ACCESS_RECORDED.name}, so "
                    f"{letter.position} was left as it is. Try again when Kafka is well."
                ) from None

        yield record


def _answered_for(letter: DeadLetter) -> CaseRef:
    """The case that the letter is about. Where its key names none that can be: its tenant's nil.

    A body under a bad key can hold a person all the same, and so can a document of knowledge.
    """
    tenant = letter.tenant or SHARED_TENANT
    if isinstance(letter.about, CaseRef) and letter.about.tenant == tenant:
        return letter.about
    return CaseRef(tenant=tenant, case_id=_NO_CASE)


def _account() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"[:200]
