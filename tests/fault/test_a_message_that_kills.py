"""A message that takes the process with it, whenever it is handled."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from . import poison
from .numbered import GIVEN, Numbered
from .orders import DIE
from .site_of_fault import RecordingSite, Servers, under_load

pytestmark = pytest.mark.server

ATTEMPTS = 3
DEATHS, BETWEEN_DEATHS = 4, 10


async def test_a_message_that_kills_the_process_is_a_dead_letter_after_three_attempts(
    servers: Servers, tmp_path: Path
) -> None:
    """The rest goes on, and so do the later events of the same case."""
    chance = random.Random(1)
    async with under_load(servers, 1, tmp_path, chance) as site:
        await site.load.publisher.send([poison.that_kills(case=1)])
        later = [Numbered(1, 1), Numbered(2, 1)]
        await publish(site, later)
        await site.everything_done(60)
        assert await site.witness.unfinished() == []
    (letter,) = site.witness.evidence.letters
    assert letter["ce_id"].startswith("poison-")
    assert letter["dlq-attempts"] == str(ATTEMPTS)


async def test_kills_from_outside_in_a_row_make_no_good_event_a_dead_letter(
    servers: Servers, tmp_path: Path
) -> None:
    """A node that goes down again and again, each time with another event in hand."""
    async with under_load(servers, 1, tmp_path, random.Random(2)) as site:
        for death in range(DEATHS):
            first = death * BETWEEN_DEATHS + 1
            *survived, last = (Numbered(1, first + number) for number in range(BETWEEN_DEATHS))
            await publish(site, survived)
            await site.effects.until_there([each.event_id for each in survived], 60)
            site.orders.give(DIE)
            await publish(site, [last])
            await site.orders.taken(DIE)
        await site.everything_done(60)
        async with asyncio.timeout(60):
            while await site.witness.unfinished():  # noqa: ASYNC110 - it is out there
                await asyncio.sleep(0.2)
    assert [letter["ce_id"] for letter in site.witness.evidence.letters] == []


async def publish(site: RecordingSite, events: Sequence[Numbered]) -> None:
    for each in events:
        await site.load.publisher.publish(GIVEN, each.payload(), event_id=each.event_id)
        site.load.acknowledged.append(each)
