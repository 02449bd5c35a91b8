"""All five services in one process, told everything on the command line: what is hunted through.

`python hunted_house.py STATE REGISTRIES PORT`: prints where its Kafka answers, runs until SIGTERM.
"""

import asyncio
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from sidemand.bus import BusSettings
from sidemand.observability import configure_logs, configure_traces
from sidemand.standalone.home import Home
from sidemand.standalone.standalone import Standalone


@dataclass(frozen=True, slots=True)
class MeasuredHome(Home):
    """Serves its metrics too."""

    port: int

    def bus(self, kafka: str, *, embedded: bool, health_port: int = 0) -> BusSettings:
        """As its parent, with the health port."""
        return super(MeasuredHome, self).bus(
            kafka, embedded=embedded, health_port=health_port or self.port
        )


async def _stay(home: Home) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with Standalone(home, ["storaadal", "vesterhede", "faelles"]) as standalone:
        print(standalone.bus.kafka, flush=True)
        await stop.wait()


if __name__ == "__main__":
    configure_logs("DEBUG", "json")
    configure_traces("standalone")
    state, registries, port = sys.argv[1:]
    asyncio.run(_stay(MeasuredHome(Path(state), Path(registries), int(port))))
