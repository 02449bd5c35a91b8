"""A small disk: a file system of its own that can be filled, so that the kernel says ENOSPC."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOSPC
from pathlib import Path
from typing import Final

from sidemand.testing.servers.availability import Unavailable, run

_PIECES: Final = (1024 * 1024, 4096)
"""Bytes: first as much as goes in quickly, then what is left."""
_UNMOUNT_WHEN_LET_GO: Final = 'cat; umount --lazy "$0"; rmdir "$0"'
"""Also where the tests are killed: `cat` ends with whoever holds the other end of its input."""


@dataclass(frozen=True)
class Disk:
    """What is mounted at `folder`."""

    folder: Path

    def fill(self) -> None:
        """Leave no room for a single block."""
        with self._ballast.open("wb", buffering=0) as ballast:
            for piece in _PIECES:
                try:
                    while True:
                        ballast.write(bytes(piece))
                except OSError as error:
                    if error.errno != ENOSPC:
                        raise

    def make_room(self) -> None:
        """Take away what filled it."""
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


@contextmanager
def small_disk(megabytes: int) -> Iterator[Disk]:
    """A disk in memory, gone at the end. Raises `Unavailable` where nothing may be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="sidemand-disk-"))
    # Everybody may write to it: a server need not run as the user who mounts.
    options = f"size={megabytes}m,mode=1777"
    try:
        run(["mount", "-t", "tmpfs", "-o", options, "sidemand", str(folder)], folder.parent)
    except Unavailable:
        folder.rmdir()
        raise
    with subprocess.Popen(
        ["sh", "-c", _UNMOUNT_WHEN_LET_GO, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the tests
    ):
        yield Disk(folder)


@contextmanager
def new_folders_on(disk: Disk | None) -> Iterator[None]:
    """Let folders for data be made on this disk, if any: those of servers."""
    before, tempfile.tempdir = tempfile.tempdir, str(disk.folder) if disk else None
    try:
        yield
    finally:
        tempfile.tempdir = before
