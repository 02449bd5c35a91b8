"""`python -m sidemand.testing.servers fetch`: get every test server that this machine can have.

Run before the tests, so that the minutes are seen where they are spent. What the machine cannot
have is said and is no failure.
"""

import functools
import sys
import time
from collections.abc import Callable

from sidemand.testing.servers import kafka, postgres, weaviate
from sidemand.testing.servers.availability import Unavailable, docker_answers

_say = functools.partial(print, flush=True)

_SERVERS: dict[str, Callable[[], object]] = {
    "PostgreSQL": postgres.fetch,
    f"Kafka {kafka.VERSION}": kafka.fetch,
    f"Weaviate {weaviate.VERSION}": weaviate.fetch,
}


def fetch() -> None:
    """Fetch or build each server and print a line about it."""
    if docker_answers():
        _say("Docker answers: the test servers come from it as the tests ask for them")
        return
    for name, get in _SERVERS.items():
        # The name first: what follows can take minutes.
        _say(f"{name}: ", end="")
        begun = time.monotonic()
        try:
            where = get()
        except Unavailable as reason:
            _say(reason)
        else:
            _say(f"{where} ({time.monotonic() - begun:.0f} s)")


if __name__ == "__main__":
    if sys.argv[1:] != ["fetch"]:
        sys.exit("usage: python -m sidemand.testing.servers fetch")
    fetch()
