"""The five services as five processes, as a platform team runs them."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sidemand.testing.servers import StartFailed
from sidemand.testing.servers.program import free_ports

SERVICES = ("ingestion", "redaction", "embedding", "retrieval", "generation")
_PATIENCE = 90.0


@dataclass
class Processes:
    """Started services, with their logs and their health ports."""

    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def start(self, service: str, environment: Mapping[str, str], port: int) -> None:
        """Start a service; `until_ready` waits for it."""
        with self.log_of(service).open("ab") as log:
            self.running[service] = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", f"sidemand.{service}"],
                env={**os.environ, **environment, "SIDEMAND_HEALTH_PORT": str(port)},
                stdout=log,
                stderr=log,
            )
        self.ports[service] = port

    def log_of(self, service: str) -> Path:
        """Where a service's log goes."""
        return self.logs / f"{service}.log"

    def until_ready(self) -> None:
        """Wait until every service says that it is ready. Raises `StartFailed` with its log."""
        deadline = time.monotonic() + _PATIENCE
        for service, process in self.running.items():
            while not self.answers(service, "/ready"):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise StartFailed(f"{service}: {self.log_of(service).read_text()[-2000:]}")
                time.sleep(0.1)

    def answers(self, service: str, path: str) -> bool:
        """Whether a service's probe is green."""
        address = f"http://127.0.0.1:{self.ports[service]}{path}"
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> dict[str, int]:
        """Ask all to end, and give their exit codes."""
        for process in self.running.values():
            process.terminate()
        return {service: process.wait(60) for service, process in self.running.items()}


@contextmanager
def five_services(environment: Mapping[str, str], logs: Path) -> Iterator[Processes]:
    """Run the five services until the block ends."""
    processes = Processes(logs)
    try:
        for service, port in zip(SERVICES, free_ports(len(SERVICES)), strict=True):
            processes.start(service, environment, port)
        processes.until_ready()
        yield processes
    finally:
        for process in processes.running.values():
            process.kill()
            process.wait()
