"""Dead letters on a real Kafka, which tells of offsets while others are asked for."""

import asyncio
import uuid
from datetime import UTC, datetime
from pathlib import Path

from sidemand.bus import BusSettings, Publisher, Reader
from sidemand.bus.dead_letters import ORIGIN
from sidemand.bus.provisioning import create_topics
from sidemand.bus.publisher import Message
from sidemand.bus.redriving import Wanted, find_dead_letters, redrive
from sidemand.client.dead_letters import Choice, Reason, drop_on_record
from sidemand.schemas import topics
from sidemand.schemas.casework import CaseErased
from sidemand.schemas.envelope import Envelope
from sidemand.schemas.identity import CaseRef
from sidemand.testing.servers import KafkaServer

TENANT = "omdrevet"
DEAD = topics.CASE_ERASED.dead_letters("ingestion")
CASE = CaseRef(tenant=TENANT, case_id=uuid.UUID(int=7))


async def test_every_dead_letter_is_found_and_redriven_once(
    kafka: KafkaServer, tmp_path: Path
) -> None:
    settings = BusSettings(kafka=kafka.bootstrap, objects=f"file://{tmp_path}")
    await create_topics(settings, [TENANT])
    async with Publisher(settings, "postsag") as publisher:
        for number in range(5):
            await publisher.send([await _letter(publisher, f"evt-{number}")])
    wanted = Wanted(tenant=TENANT)
    found = await find_dead_letters(settings, wanted)
    assert len(await redrive(settings, found)) == 5
    assert await redrive(settings, await find_dead_letters(settings, wanted)) == []

    ids = []
    async with Reader(settings, topics.CASE_ERASED, TENANT, since="earliest") as events:
        following = aiter(events)
        for _ in range(5):
            event = await asyncio.wait_for(anext(following), 30)
            ids.append((event.envelope.id, event.position))
    assert sorted(ids) == [
        (f"evt-{number}", f"{topics.CASE_ERASED.of(TENANT)}/1/0") for number in range(5)
    ]


async def test_a_dropped_letter_and_one_without_a_key_are_settled_once(
    kafka: KafkaServer, tmp_path: Path
) -> None:
    settings = BusSettings(kafka=kafka.bootstrap, objects=f"file://{tmp_path}")
    await create_topics(settings, ["opgivet"])
    origin = f"{topics.CASE_ERASED.of('opgivet')}/1/0".encode()
    async with Publisher(settings, "postsag") as publisher:
        for key in (b"opgivet|00000000-0000-0000-0000-000000000007", None):
            await publisher.send([Message(DEAD, key, b"{}", [(ORIGIN, origin)])])
    wanted = Wanted(tenant="opgivet")
    reason = Reason("Udgivet igen")
    (one, other), _ = await drop_on_record(settings, wanted, reason)
    assert await redrive(settings, await find_dead_letters(settings, wanted)) == []
    assert await drop_on_record(settings, wanted, reason) == ([], Choice([], [], 0))
    found = await find_dead_letters(settings, wanted)
    # A letter without a key may stand in any partition, so their order is not told.
    assert {each.position: each.mark and each.mark.why for each in found} == {
        one.position: "Udgivet igen",
        other.position: "Udgivet igen",
    }


async def _letter(publisher: Publisher, event_id: str) -> Message:
    erased = CaseErased(case=CASE, erased_at=datetime.now(UTC))
    envelope = Envelope(
        id=event_id,
        source="postsag",
        type=topics.CASE_ERASED.name,
        time=datetime.now(UTC),
        tenant=TENANT,
        subject=erased.subject,
    )
    event = await publisher.message(topics.CASE_ERASED, erased, envelope)
    origin = (ORIGIN, f"{topics.CASE_ERASED.of(TENANT)}/1/0".encode())
    return Message(DEAD, event.key, event.value, [*event.headers, origin])
