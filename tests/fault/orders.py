"""What a fault tells the next handler to do: die here, wait there. One handler takes an order."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

LINGER: Final = "linger"
"""Wait so many seconds before the effect."""
DIE: Final = "die"
"""End the process by SIGKILL after the effect, before its output and its commit."""


class Orders:
    """A folder with a file for each order; taking one renames it to the member's number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def give(self, order: str, detail: str = "") -> None:
        """Have the next handler, of whichever member, do it."""
        draft = self._folder / f"{order}.draft"
        draft.write_text(detail)
        draft.rename(self._folder / order)

    def take(self, order: str) -> str | None:
        """The detail of an order that nobody has taken; none where there is none."""
        taken = self._folder / f"{order}.{os.getpid()}"
        with suppress(FileNotFoundError):
            (self._folder / order).rename(taken)
            return taken.read_text()
        return None

    async def taken(self, order: str) -> int:
        """Wait until somebody took it, and say which process."""
        async with asyncio.timeout(120):
            while True:
                for each in self._folder.glob(f"{order}.[0-9]*"):
                    each.unlink()
                    return int(each.suffix[1:])
                await asyncio.sleep(0.02)
