"""A server as something that starts, stops and can be killed, wherever it runs."""

import asyncio
import ctypes
import random
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Protocol, TypeVar

Result = TypeVar("Result")

HOST = "127.0.0.1"
_POLL_SECONDS = 0.05
# Below the range from which Linux takes ports for outgoing connections (32768 and up), so that a
# server that is started anew finds its port free.
_PORTS = (20_000, 32_000)
_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class StartFailed(RuntimeError):
    """The server can run here but did not; the text ends with what it logged last."""


def end_with_parent() -> None:
    """Have the kernel end this process with the thread that forked it, however that ends."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Program(Protocol):
    """A server that keeps its address and its data between `kill` or `stop` and `start`."""

    @property
    def origin(self) -> str:
        """`native` or `Docker`."""
        ...

    def start(self) -> None:
        """Start and wait until it answers. Raises `StartFailed`."""
        ...

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        ...

    def kill(self) -> None:
        """End it as a power cut would, and wait until it has ended."""
        ...

    def discard(self) -> None:
        """End it for good, and remove its data."""
        ...


def free_ports(count: int) -> range:
    """So many ports in a row on which nobody listens."""
    for _ in range(1000):
        first = random.randrange(*_PORTS)
        with ExitStack() as held:
            try:
                for port in range(first, first + count):
                    held.enter_context(socket.socket()).bind((HOST, port))
            except OSError:
                continue
        return range(first, first + count)
    raise StartFailed(f"no {count} free ports in a row between {_PORTS[0]} and {_PORTS[1]}")


def listens(port: int) -> bool:
    """Whether anything accepts connections on this port of the loopback interface."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask until the condition holds; False when it did not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def run_apart(work: Coroutine[object, object, Result]) -> Result:
    """Run a coroutine to its end from code that may or may not stand in a running event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
