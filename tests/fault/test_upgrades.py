"""An upgrade under load: a new version of a service joins the old one, and then takes over."""

import asyncio
import json
import random
import signal
from collections import Counter
from pathlib import Path

import pytest
from sidemand.bus.reader import RecordReader
from sidemand.schemas.envelope import cause_id

from .crew import Member
from .numbered import NOT_SAID, REDACTED
from .site_of_fault import RecordingSite, Servers, under_load
from .verdict import judge

pytestmark = pytest.mark.server

SAID = "by telephone"
SIDE_BY_SIDE, AFTERWARDS = 200, 100
EACH_READS_WHAT_EACH_WROTE = {
    (None, None): "old event, old service",
    (SAID, None): "new event, old service: it passes over what it does not know",
    (None, NOT_SAID): "old event, new service: it takes the default",
    (SAID, SAID): "new event, new service",
}


async def test_two_versions_share_a_group_under_load_and_read_what_each_other_wrote(
    servers: Servers, tmp_path: Path
) -> None:
    """Two members of the old version; one is upgraded, and when all four ways were seen, both."""
    async with under_load(servers, 2, tmp_path, random.Random(3)) as site:
        site.load.channels = (None, SAID)
        first, second = site.crew.members
        await upgrade(site, first)
        async with asyncio.TaskGroup() as group:
            group.create_task(site.load.run())
            await site.some_more(SIDE_BY_SIDE)
            await site.everything_done(60)
            assert set(await ways(site)) == set(EACH_READS_WHAT_EACH_WROTE)
            await upgrade(site, second)
            await site.some_more(AFTERWARDS)
            site.load.enough(site.published)
        await site.everything_done(60)
        verdict = await judge(site.witness, site.effects, site.load.event_ids)
        seen = await ways(site)
    print({EACH_READS_WHAT_EACH_WROTE[way]: count for way, count in seen.items()}, verdict)
    assert site.crew.exits == []
    assert site.witness.evidence.letters == []
    assert (verdict.lost, verdict.duplicates, verdict.out_of_order, verdict.ahead) == ([],) * 4


async def upgrade(site: RecordingSite, member: Member) -> None:
    """Have a member end, and come back in the next version."""
    member.module = "tests.fault.next_version"
    assert await member.end(signal.SIGTERM) == 0, member.log.read_text()[-2000:]
    await site.crew.until_ready([member])


async def ways(site: RecordingSite) -> Counter[tuple[str | None, str | None]]:
    """What senders said more than the old contract has, and what came of it, by outputs."""
    async with RecordReader(site.bus, REDACTED.name, "earliest") as reader:
        records = [record async for record in reader.until_now()]
    sent = {cause_id("postsag", each.event_id): each.channel for each in site.load.acknowledged}
    seen: Counter[tuple[str | None, str | None]] = Counter()
    for record in records:
        cause = dict(record.headers)["ce_causationid"].decode()
        if cause in sent:  # Kafka may have told its sender only now
            seen[sent[cause], json.loads(record.value or b"").get("channel")] += 1
    return seen
