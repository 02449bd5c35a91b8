"""A process whose loop is stuck says where, and ends."""

import asyncio
import os
import sys
import time
import urllib.request
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sidemand.bus import BusSettings, Publisher
from sidemand.bus.watchdog import watchdog
from sidemand.schemas import topics
from sidemand.schemas.identity import CaseRef
from sidemand.schemas.raw import FeedbackGiven
from sidemand.testing.servers.program import free_ports

COMMENT = "Borgeren hedder Asta Vindeholt."


@pytest.mark.slow
async def test_a_stuck_process_shows_its_stacks_without_any_value_and_ends(
    settings: BusSettings,
) -> None:
    async with Publisher(settings, "postsag") as publisher:
        given = FeedbackGiven(
            case=CaseRef(tenant="storaadal", case_id=uuid.UUID(int=1)),
            suggestion_id=uuid.UUID(int=1),
            revision=1,
            verdict="edited",
            comment=COMMENT,
            given_at=datetime(2026, 5, 4, tzinfo=UTC),
        )
        await publisher.publish(topics.FEEDBACK_GIVEN, given)
    port = free_ports(1)[0]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("stuck_service.py")),
        env={
            **os.environ,
            "SIDEMAND_KAFKA": settings.kafka,
            "SIDEMAND_OBJECTS": settings.objects,
            "SIDEMAND_STUCK_SECONDS": "5",
            "SIDEMAND_HEALTH_PORT": str(port),
        },
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        asked = asyncio.create_task(asyncio.to_thread(answers_until, port))
        _, said = await process.communicate()
        assert await asked == "no answer"
    assert process.returncode == 1
    assert "on_feedback_that_never_ends" in said.decode()
    assert COMMENT not in said.decode()


def answers_until(port: int) -> str:
    """Ask `/live` as long as it says that all is well, and give what it says then."""
    answered = False
    deadline = time.monotonic() + 50
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/live", timeout=2):
                answered = True
        except TimeoutError:
            return "no answer"
        except OSError as refused:
            if answered:
                return str(refused)
        time.sleep(0.05)
    return "nothing but that"


async def test_a_loop_that_moves_is_left_alone() -> None:
    async with watchdog(0.6):
        await asyncio.sleep(0.9)
