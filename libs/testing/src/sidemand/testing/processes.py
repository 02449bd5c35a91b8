"""Our own modules as processes, as a platform team runs them: one, or the five services."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sidemand.bus import BusSettings
from sidemand.testing.servers import StartFailed, WeaviateServer
from sidemand.testing.servers.program import HOST, end_with_parent, free_ports

SERVICES = ("ingestion", "redaction", "embedding", "retrieval", "generation")
_PATIENCE = 90.0


@dataclass
class Process:
    """A module that is run, with a log and a health port, over all its starts."""

    name: str
    module: str
    environment: Mapping[str, str]
    folder: Path
    """Where it logs."""
    port: int = field(default_factory=lambda: free_ports(1)[0])
    process: subprocess.Popen[bytes] | None = None
    cwd: Path | None = None
    """Where it runs; where this process does, if none is named."""
    page_seconds: float = 2.0
    """How long its health port may take to answer."""

    def start(self) -> None:
        """Start it; it ends with this process, however that ends."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", self.module],
                cwd=self.cwd,
                env={**os.environ, **self.environment, "SIDEMAND_HEALTH_PORT": str(self.port)},
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - it makes one system call
            )

    @property
    def log(self) -> Path:
        """What it prints, over all its starts."""
        return self.folder / f"{self.name}.log"

    @property
    def running(self) -> subprocess.Popen[bytes]:
        """The process that was started last."""
        assert self.process is not None, f"{self.name} was never started"
        return self.process

    def answers(self, path: str) -> bool:
        """Whether a probe is green."""
        with suppress(OSError):
            self.page(path)
            return True
        return False

    def page(self, path: str) -> str:
        """What its health port says. Raises `OSError` where it says nothing, or is not well."""
        address = f"http://{HOST}:{self.port}{path}"
        with urllib.request.urlopen(address, timeout=self.page_seconds) as answer:
            return str(answer.read().decode())

    def metric(self, name: str) -> float:
        """The sum of a metric over all its labels. Raises as `page` does."""
        lines = self.page("/metrics").splitlines()
        return sum(float(each.split()[-1]) for each in lines if each.startswith(f"{name}{{"))


def environment_of_five(
    bus: BusSettings, database: str, samples: Path, folder: Path
) -> dict[str, str]:
    """What the five services are told of Kafka, objects, PostgreSQL and registries.

    `database` is a `postgresql://` address. The tenants' keys lie in `folder`. Where the index is
    says `index_on`.
    """
    url = database.replace("postgresql://", "postgresql+asyncpg://")
    return {
        "SIDEMAND_KAFKA": bus.kafka,
        "SIDEMAND_OBJECTS": bus.objects,
        "INGESTION_LEDGER": url,
        "INGESTION_TENANTS": str(samples / "tenants.yaml"),
        "INGESTION_LEGAL_BASIS": str(samples / "legal-basis.yaml"),
        "REDACTION_DATABASE": url,
        "REDACTION_KEY_FILE": str(folder / "tenant-keys.json"),
        "RETRIEVAL_LEDGER": url,
    }


def index_on(weaviate: WeaviateServer, collection: str) -> dict[str, str]:
    """What retrieval is told of its index."""
    return {
        "RETRIEVAL_INDEX": "weaviate",
        "RETRIEVAL_WEAVIATE_HOST": weaviate.host,
        "RETRIEVAL_WEAVIATE_HTTP_PORT": str(weaviate.http_port),
        "RETRIEVAL_WEAVIATE_GRPC_PORT": str(weaviate.grpc_port),
        "RETRIEVAL_WEAVIATE_COLLECTION": collection,
    }


@contextmanager
def five_services(environment: Mapping[str, str], logs: Path) -> Iterator[list[Process]]:
    """Run the five services until the block ends. Raises `StartFailed` with a log."""
    services = [Process(name, f"sidemand.{name}", environment, logs) for name in SERVICES]
    try:
        for service in services:
            service.start()
        _until_ready(services)
        yield services
    finally:
        for service in services:
            if service.process is not None:
                service.process.kill()
                service.process.wait()


def _until_ready(services: list[Process]) -> None:
    deadline = time.monotonic() + _PATIENCE
    for service in services:
        while not service.answers("/ready"):
            if service.running.poll() is not None or time.monotonic() > deadline:
                raise StartFailed(f"{service.name}: {service.log.read_text()[-2000:]}")
            time.sleep(0.1)
