"""All five services in one process, without what `make run` says and loads: what is hunted through.

`python hunted_house.py STATE REGISTRIES`: prints where its Kafka answers, runs until SIGTERM.
"""

import asyncio
import signal
import sys
from pathlib import Path

from sidemand.observability import configure_logs, configure_traces
from sidemand.standalone.home import Home
from sidemand.standalone.standalone import Standalone


async def _stay(home: Home) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with Standalone(home, ["storaadal", "vesterhede", "faelles"]) as standalone:
        print(standalone.bus.kafka, flush=True)
        await stop.wait()


if __name__ == "__main__":
    configure_logs("DEBUG", "json")
    configure_traces("standalone")
    state, registries = sys.argv[1:]
    asyncio.run(_stay(Home(Path(state), Path(registries))))
