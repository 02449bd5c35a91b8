"""Publishing with an end: an outage is an error that says what to do, not a call that hangs."""

import asyncio
from typing import Final

from sidemand.bus import Publisher, Transient
from sidemand.client.errors import ClientError
from sidemand.schemas.envelope import Envelope
from sidemand.schemas.identity import Payload
from sidemand.schemas.topics import Topic

_PATIENCE: Final = 30.0
"""Seconds that Kafka may take to acknowledge."""


async def publish(
    publisher: Publisher, topic: Topic[Payload], payload: Payload, event_id: str | None = None
) -> Envelope:
    """Publish, and wait until Kafka has it. Raises `ClientError`."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await publisher.publish(topic, payload, event_id=event_id)
    except TimeoutError:
        raise ClientError(
            f"Kafka did not acknowledge within {_PATIENCE:.0f} seconds, and may have the event or "
            "not: publish it again under the same event id, and it counts once."
        ) from None
    except Transient:
        raise ClientError(
            "The object store for large documents is away: see whether SIDEMAND_OBJECTS names the "
            "one that the services use, and try again."
        ) from None
