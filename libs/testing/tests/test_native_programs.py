"""A server as a process: it answers or says why not, and never outlives who started it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sidemand.testing.servers.native import Command, NativeProgram
from sidemand.testing.servers.program import StartFailed, free_ports, listens, wait_until

SERVE = "import http.server, sys; http.server.test(port=int(sys.argv[1]), bind='127.0.0.1')"


def serving(folder: Path, port: int) -> NativeProgram:
    command = Command("web", [sys.executable, "-c", SERVE, str(port)], folder)
    return NativeProgram(command, lambda: listens(port))


def alive(pid: int) -> bool:
    """Running, and not merely waiting for somebody to ask how it ended."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def web(tmp_path: Path, port: int) -> Iterator[NativeProgram]:
    folder = tmp_path / "web"
    folder.mkdir()
    program = serving(folder, port)
    yield program
    program.discard()


def test_a_started_program_answers_until_it_is_stopped(web: NativeProgram, port: int) -> None:
    web.start()
    assert listens(port)
    web.stop()
    assert not listens(port)


def test_a_killed_program_starts_again_at_the_same_port(web: NativeProgram, port: int) -> None:
    web.start()
    web.kill()
    assert not listens(port)
    web.start()
    assert listens(port)


def test_a_discarded_program_leaves_nothing_behind(web: NativeProgram, tmp_path: Path) -> None:
    web.start()
    web.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_ends_says_what_it_logged_last(tmp_path: Path) -> None:
    broken = [sys.executable, "-c", "print('the port is taken'); raise SystemExit(3)"]
    program = NativeProgram(Command("web", broken, tmp_path), lambda: False)
    with pytest.raises(StartFailed, match=r"(?s)web ended with exit code 3.*the port is taken"):
        program.start()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_program_ends_with_the_process_that_started_it(tmp_path: Path, port: int) -> None:
    tests = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path\n"
            "from sidemand.testing.servers.native import Command, NativeProgram\n"
            "from sidemand.testing.servers.program import listens\n"
            "folder, port = Path(sys.argv[1]), int(sys.argv[2])\n"
            f"arguments = [sys.executable, '-c', {SERVE!r}, str(port)]\n"
            "web = NativeProgram(Command('web', arguments, folder), lambda: listens(port))\n"
            "web.start(); print(web.pid, flush=True); time.sleep(60)",
            str(tmp_path),
            str(port),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert tests.stdout is not None
    with tests:
        pid = int(tests.stdout.readline())
        assert alive(pid)
        os.kill(tests.pid, signal.SIGKILL)

    assert wait_until(lambda: not alive(pid), 5)


def test_free_ports_come_in_a_row() -> None:
    ports = free_ports(5)
    assert len(ports) == 5
    assert not any(listens(port) for port in ports)
