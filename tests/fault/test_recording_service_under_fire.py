"""The bus under fire: nothing lost, nothing twice, nothing out of order."""

import asyncio
import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from .faults import Fault
from .site_of_fault import RecordingSite, Servers, under_load
from .storm import SIZES, Suffered, faults_of, seed, suffer
from .verdict import Verdict, counted, judge, leaks
from .witness import Witness

pytestmark = pytest.mark.server

MOST_MEMORY_KB = 300_000
"""Of one member, resident; one that has done nothing yet has about 80,000."""


async def run(
    site: RecordingSite, faults: Sequence[Fault[RecordingSite]], events: int
) -> tuple[list[Suffered], Verdict]:
    """Publish while the faults come, then up to so many events; and judge when all is done."""
    load = asyncio.create_task(site.load.run())
    try:
        suffered = await suffer(site, faults, probe=80)
        site.load.enough(events)
        await load
        await site.everything_done(120)
        await _all_is_finished_and_committed(site.witness)
    except BaseException:
        load.cancel()
        print(*site.crew.last_words(), sep="\n")
        raise
    verdict = await judge(site.witness, site.effects, site.load.event_ids)
    _show(site, verdict)
    return suffered, verdict


async def _all_is_finished_and_committed(witness: Witness) -> None:
    """Poison too: it has its dead letters."""
    async with asyncio.timeout(60):
        while await witness.unfinished() or await witness.uncommitted():  # noqa: ASYNC110
            await asyncio.sleep(0.2)


def _show(site: RecordingSite, verdict: Verdict) -> None:
    letters = site.witness.evidence.letters
    print(f"{site.servers.broker}; {site.servers.postgres}")
    print(f"{len(site.load.acknowledged)} events, {len(letters)} dead letters")
    print(f"of codes: {counted(letter['dlq-code'] for letter in letters)}")
    print(f"members that gave up and came back: {counted(site.crew.exits) or 'none'}")
    print(f"{site.witness.samples} looks at the committed offsets")
    print(f"at most {site.crew.peak_kb // 1000} MB a member")
    print(verdict)


async def test_through_every_fault_nothing_is_lost_done_twice_or_out_of_order(
    servers: Servers, tmp_path: Path
) -> None:
    """About three minutes, or with `SIDEMAND_FAULT_SIZE=long` about ten."""
    drawn, size = seed(), SIZES[os.environ.get("SIDEMAND_FAULT_SIZE", "short")]
    print(f"\nSIDEMAND_FAULT_SEED={drawn}")
    chance = random.Random(drawn)
    async with under_load(servers, size.members, tmp_path, chance) as site:
        suffered, verdict = await run(site, faults_of(size, chance, servers), size.events)
    assert verdict.lost == []
    assert verdict.duplicates == []
    assert verdict.out_of_order == []
    assert verdict.ahead == []
    assert verdict.handled_poison == []
    assert verdict.buried_alive == []
    assert list(leaks(site.crew, site.witness.evidence.letters)) == []
    assert site.crew.peak_kb < MOST_MEMORY_KB
    assert [str(each) for each in suffered if each.is_too_slow] == []
