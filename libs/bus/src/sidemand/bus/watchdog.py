"""Ends a process whose event loop is stuck, and says where it is stuck."""

import asyncio
import faulthandler
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def watchdog(stuck_seconds: float) -> AsyncIterator[None]:
    """Exit with the stacks of all threads on standard error when the loop stands still so long.

    A stack names files, lines and functions, never values. A process that is stuck answers no
    probe and holds its partitions; one that is gone is started again, and others take over.
    """
    watching = asyncio.create_task(_keep_off(stuck_seconds))
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        faulthandler.cancel_dump_traceback_later()


async def _keep_off(stuck_seconds: float) -> None:
    while True:
        faulthandler.dump_traceback_later(stuck_seconds, exit=True)
        await asyncio.sleep(stuck_seconds / 6)
