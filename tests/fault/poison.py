"""Records that can never be handled, one of every kind, each about a case that has others."""

import json
import random
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from sidemand.bus import headers
from sidemand.bus.publisher import Message
from sidemand.schemas.envelope import Envelope

from .load import CASES
from .numbered import CRASHES, GIVEN, KILLS, MARKS, REFUSED, TENANT, Numbered

_PERSON: Final = " ".join(MARKS)


def of_every_kind(chance: random.Random) -> list[Message]:
    """One message of each kind, under keys of cases drawn by chance."""
    return [spoil(_good(chance.randrange(CASES), kind)) for kind, spoil in enumerate(_KINDS)]


def one(chance: random.Random) -> Message:
    """Any of them that the broker takes in little room."""
    return _refused_by_the_handler(_good(chance.randrange(CASES), 0))


def that_kills(case: int) -> Message:
    """Takes the process with it that handles it."""
    return _of_conduct(_good(case, 0), KILLS)


def _good(case: int, kind: int) -> Message:
    """A message that would be handled; its id says that it will not be."""
    payload = Numbered(case, 0).payload()
    envelope = Envelope(
        id=f"poison-{kind}-{uuid.uuid4().hex}",
        source="postsag",
        type=GIVEN.name,
        time=datetime.now(UTC),
        tenant=TENANT,
        subject=payload.subject,
    )
    body = payload.model_dump_json().encode()
    return Message(GIVEN.of(TENANT), payload.key.encode(), body, headers.write(envelope))


def _with_body(message: Message, **fields: object) -> Message:
    body = json.loads(message.value or b"")
    return replace(message, value=json.dumps({**body, **fields}).encode())


def _with_header(message: Message, name: str, value: bytes | None) -> Message:
    kept = [each for each in message.headers if each[0] != name]
    # A null value is what other clients can send, and what our own type rules out.
    return replace(message, headers=[*kept, (name, value)])  # type: ignore[list-item]


def _of_conduct(message: Message, conduct: str) -> Message:
    body = json.loads(message.value or b"")
    return _with_body(message, comment=body["comment"].replace("fine", conduct))


def _refused_by_the_handler(message: Message) -> Message:
    return _of_conduct(message, REFUSED)


_KINDS: Final[tuple[Callable[[Message], Message], ...]] = (
    _refused_by_the_handler,
    lambda message: _of_conduct(message, CRASHES),
    lambda message: replace(message, value=f'{{"comment": "{_PERSON}'.encode()),
    lambda message: replace(message, value=f'{{"comment": "{_PERSON}"}}'.encode()),
    lambda message: _with_body(message, verdict=_PERSON),
    lambda message: _with_body(message, comment=_PERSON * 1000),
    lambda message: replace(message, value=_PERSON.encode("utf-16")),
    lambda message: replace(message, value=None),
    lambda message: replace(message, value=b""),
    lambda message: replace(message, value=b" " * 8_000_000),
    lambda message: replace(message, key=None),
    lambda message: replace(message, key=b"\xff\xfe"),
    lambda message: replace(message, key=f"vesterhede|{uuid.UUID(int=1)}".encode()),
    lambda message: replace(message, headers=[]),
    lambda message: _with_header(message, "ce_source", None),
    lambda message: _with_header(message, "ce_time", b"\xff\xfe\x00"),
    lambda message: _with_header(message, "ce_time", b"yesterday"),
    lambda message: _with_header(message, "ce_type", b"casework.case.erased.v1"),
    lambda message: _with_header(message, "ce_tenant", b"vesterhede"),
    lambda message: _with_header(message, "ce_dataref", b'{"uri": "claims/of/another/event"}'),
    lambda message: _with_header(_of_conduct(message, REFUSED), "x-citizen", _PERSON.encode()),
)
"""The handler's own first, then bodies, keys, headers."""
