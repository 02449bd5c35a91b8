"""Places in a topic: how far a service has read it, once for each thing that it fills from it."""

import asyncio
from typing import Any, Final, cast

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, for_code
from aiokafka.protocol.admin import DeleteGroupsRequest
from sidemand.bus.connection import connection, no_kafka, not_let_in
from sidemand.bus.errors import BusError
from sidemand.bus.rights import denied
from sidemand.bus.settings import BusSettings
from sidemand.schemas.identity import Payload
from sidemand.schemas.topics import Topic

_BETWEEN_QUESTIONS: Final = 0.2
# Kafka's numbers for what aiokafka has no names for.
_SOMEBODY_READS: Final = 68
_UNKNOWN: Final = 69


def group_of(service: str, topic: Topic[Payload], place: str) -> str:
    """The consumer group of a place; a new one reads its topic from the beginning."""
    return ".".join(filter(None, (service, topic.name, place)))


async def forget_place(
    settings: BusSettings, service: str, topic: Topic[Payload], place: str
) -> None:
    """Forget how far `service` has read: whoever comes to the place next begins anew.

    Raises `BusError` where somebody reads there, and where Kafka refuses.
    """
    group = group_of(service, topic, place)
    admin = AIOKafkaAdminClient(**connection(settings))
    try:
        async with asyncio.timeout(settings.start_seconds):
            await admin.start()
            code = await _deleted(admin, group)
    except GroupAuthorizationFailedError:
        raise denied(settings, f"delete the group {group}") from None
    except (KafkaError, TimeoutError, OSError) as error:
        raise await not_let_in(settings) or no_kafka(settings) from error
    finally:
        await admin.close()
    if code == _SOMEBODY_READS:
        raise BusError(f"{service} is reading as {group}: stop it there first")
    if for_code(code) is GroupAuthorizationFailedError:
        raise denied(settings, f"delete the group {group}")
    if code not in (0, _UNKNOWN):
        raise BusError(f"Kafka did not delete the group {group}: {for_code(code).__name__}")


async def _deleted(admin: AIOKafkaAdminClient, group: str) -> int:
    """Ask for the deletion of `group`, and return Kafka's number for what became of it."""
    request = DeleteGroupsRequest([group])
    while True:
        try:
            node = await admin.find_coordinator(group)
            answer = await cast("Any", admin)._send_request_to_node(node, request)
            ((_, code),) = answer.results
            if not for_code(code).retriable:
                return int(code)
        except KafkaError as error:
            if not error.retriable:
                raise
        # A Kafka that had no group before takes a while until a broker leads this one.
        await asyncio.sleep(_BETWEEN_QUESTIONS)
