"""Weaviate, one node, anonymous, that says nothing to anyone and creates no schema by itself."""

import shutil
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sidemand.testing.servers.availability import Unavailable, docker_answers, program, run
from sidemand.testing.servers.cache import cache_folder, cached, is_cached
from sidemand.testing.servers.container import ContainerProgram, Image
from sidemand.testing.servers.native import Command, NativeProgram
from sidemand.testing.servers.program import HOST, Program, free_ports

VERSION = "1.39.0"
CACHE_NAME = f"weaviate-{VERSION}"
_MODULE = f"github.com/weaviate/weaviate/cmd/weaviate-server@v{VERSION}"
_BINARY = "weaviate-server"
_BUILD_BYTES = 5 * 1024**3


@dataclass(frozen=True)
class WeaviateServer:
    """A running Weaviate: plain HTTP and gRPC on `host`."""

    host: str
    http_port: int
    grpc_port: int
    program: Program

    def __str__(self) -> str:
        return f"Weaviate {VERSION}, {self.program.origin}"


@contextmanager
def weaviate_server() -> Iterator[WeaviateServer]:
    """A Weaviate of one's own, gone with its data at the end.

    Raises `Unavailable`, `StartFailed`. Where it was never built this builds it first, see `fetch`.
    """
    ports = free_ports(6)
    weaviate: Program = _in_container(ports) if docker_answers() else _natively(ports)
    try:
        weaviate.start()
        yield WeaviateServer(HOST, ports[0], ports[1], weaviate)
    finally:
        weaviate.discard()


def fetch() -> Path:
    """The server's binary, 180 MB, built from source by Go once. Raises `Unavailable`.

    Building takes 4 to 8 minutes on 2 cores and, for that time, 4 GB of disk.
    """
    go = program("go", "Weaviate")
    return cached(CACHE_NAME, lambda folder: _build(go, folder)) / _BINARY


def must_be_built() -> bool:
    """Whether `weaviate_server` would build one first."""
    return not (is_cached(CACHE_NAME) or docker_answers() or shutil.which("go") is None)


def _build(go: str, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < _BUILD_BYTES:
        raise Unavailable(
            f"building Weaviate needs 5 GB in {cache_folder()}; {free / 1024**3:.1f} GB are free"
        )
    scratch = folder / "build"
    environment = {
        "CGO_ENABLED": "0",
        "GOBIN": str(folder),
        "GOPATH": str(scratch / "path"),
        "GOCACHE": str(scratch / "cache"),
        # The module cache is read-only by default, and could then not be removed.
        "GOFLAGS": "-modcacherw",
    }
    run(["nice", go, "install", _MODULE], folder=folder, environment=environment)
    shutil.rmtree(scratch)


def _natively(ports: range) -> NativeProgram:
    binary = fetch()
    folder = Path(tempfile.mkdtemp(prefix="sidemand-weaviate-"))
    command = Command(
        "weaviate",
        [str(binary), "--host", HOST, "--port", str(ports[0]), "--scheme", "http"],
        folder,
        {**_settings(), **_addresses(ports), "PERSISTENCE_DATA_PATH": str(folder / "data")},
    )
    return NativeProgram(command, lambda: _answers(ports[0]))


def _in_container(ports: range) -> ContainerProgram:
    image = Image(
        f"semitechnologies/weaviate:{VERSION}",
        ports={8080: ports[0], 50051: ports[1]},
        environment={**_settings(), "PERSISTENCE_DATA_PATH": "/var/lib/weaviate"},
    )
    return ContainerProgram(image, lambda: _answers(ports[0]))


def _settings() -> Mapping[str, str]:
    return {
        "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true",
        "AUTOSCHEMA_ENABLED": "false",
        "DISABLE_TELEMETRY": "true",
        "DEFAULT_VECTORIZER_MODULE": "none",
        "ENABLE_MODULES": "",
        "GO_PROFILING_DISABLE": "true",
        "CLUSTER_HOSTNAME": "sidemand",
        "CLUSTER_IN_LOCALHOST": "true",
        "CLUSTER_BIND_ADDR": HOST,
        "CLUSTER_ADVERTISE_ADDR": HOST,
        "RAFT_BOOTSTRAP_EXPECT": "1",
        # A node alone elects itself when it has waited so long in vain: 1 s instead of 5.
        "RAFT_TIMEOUTS_MULTIPLIER": "1",
        "LOG_LEVEL": "warning",
    }


def _addresses(ports: range) -> Mapping[str, str]:
    """Every port that a node opens beside HTTP.

    Weaviate wants the data port right after the gossip port, and on one host takes the port after
    Raft's for its internal calls whatever is set.
    """
    _, grpc, gossip, data, raft, raft_internal = ports
    return {
        "GRPC_PORT": str(grpc),
        "CLUSTER_GOSSIP_BIND_PORT": str(gossip),
        "CLUSTER_DATA_BIND_PORT": str(data),
        "RAFT_PORT": str(raft),
        "RAFT_INTERNAL_RPC_PORT": str(raft_internal),
        "RAFT_JOIN": f"sidemand:{raft}",
    }


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(
            f"http://{HOST}:{port}/v1/.well-known/ready", timeout=2
        ) as response:
            return bool(response.status == 200)
    except OSError:
        return False
