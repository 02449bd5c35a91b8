"""The network of this machine, as far as it lets us lose connections."""

import socket
from pathlib import Path
from typing import Final

from sidemand.testing.servers.availability import Unavailable, run

_HOST: Final = "127.0.0.1"


class Network:
    """Resets connections, as a firewall does that has forgotten them."""

    def __init__(self) -> None:
        """Try it out. Raises `Unavailable` where the kernel does not do it for us."""
        with socket.create_server((_HOST, 0)) as server:
            port = server.getsockname()[1]
            with socket.create_connection((_HOST, port), timeout=5) as connection:
                self.reset(port)
                try:
                    connection.send(b"anything")
                except OSError:
                    return
        raise Unavailable("the kernel resets no connections for us")

    def reset(self, port: int) -> None:
        """Reset every connection to `port`."""
        run(["ss", "--kill", "--tcp", "dport", "=", f":{port}"], Path.cwd())
