"""What was downloaded or built for tests, kept outside the repository from run to run."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path


def cache_folder() -> Path:
    """The folder that `SIDEMAND_CACHE` names, else `~/.cache/sidemand`."""
    return Path(os.environ.get("SIDEMAND_CACHE") or Path.home() / ".cache" / "sidemand")


def is_cached(name: str) -> bool:
    """Whether `cached(name, …)` would return at once."""
    return (cache_folder() / name).exists()


def cached(name: str, build: Callable[[Path], None]) -> Path:
    """The folder `name`, filled by `build` the first time anyone asks.

    Of several processes one builds while the others wait. The folder appears under its name only
    when complete, so a build that was cut off is begun anew.
    """
    finished = cache_folder() / name
    if finished.exists():
        return finished
    finished.parent.mkdir(parents=True, exist_ok=True)
    with finished.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            _build(finished, build)
    return finished


def _build(finished: Path, build: Callable[[Path], None]) -> None:
    unfinished = finished.with_name(f"{finished.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    try:
        build(unfinished)
        unfinished.rename(finished)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
