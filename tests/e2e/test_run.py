"""`make run` as a vendor uses it: with the client's command, with kcat, over a restart."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sidemand.standalone.running import EXAMPLE, EXAMPLE_KEY
from sidemand.testing.servers.program import free_ports

ROOT = Path(__file__).parents[2]
SIDEMAND = Path(sys.executable).with_name("sidemand")


def command(state: Path, port: int) -> list[str]:
    run = [sys.executable, "-m", "sidemand.standalone", "run"]
    return [*run, "--state", str(state), "--port", str(port)]


@contextmanager
def running(state: Path, port: int) -> Iterator[str]:
    """Run until the block ends, and give what it said when it was up."""
    process = subprocess.Popen(
        command(state, port),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C stops" in line:
                break
        yield said
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def sidemand(port: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SIDEMAND, *arguments],
        cwd=ROOT,
        env={**os.environ, "SIDEMAND_KAFKA": f"127.0.0.1:{port}", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_vendor_asks_and_a_restart_keeps_the_knowledge(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with running(tmp_path, port) as said:
        assert f"Kafka answers at 127.0.0.1:{port}" in said
        assert "54 documents indexed" in said
        asked = sidemand(port, "ask", "samples/cases/ps-08-genoptraening-foerst-om-tre-uger.yaml")
        assert asked.returncode == 0, asked.stderr
        assert "Genoptræning efter sygehus – syv dage" in asked.stdout
    with running(tmp_path, port) as said:
        assert "0 documents indexed, 54 unchanged" in said


@pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat is not installed")
def test_the_printed_lines_for_kcat_send_an_event_and_show_its_suggestion(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with running(tmp_path, port) as said:
        send = next(line.strip() for line in said.splitlines() if line.startswith("  kcat -P"))
        follow = next(line.strip() for line in said.splitlines() if line.startswith("  kcat -C"))
        subprocess.run(["bash", "-c", send], cwd=ROOT, check=True, timeout=60)
        shown = subprocess.run(
            ["bash", "-c", f"{follow} -c 1"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    assert EXAMPLE_KEY.partition("|")[2] in shown.stdout
    assert re.search(r'"statements":\[\{|"abstention":\{', shown.stdout)
    assert (ROOT / EXAMPLE).is_file()


def test_the_probes_answer_where_a_health_port_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka, health = free_ports(2)
    monkeypatch.setenv("SIDEMAND_HEALTH_PORT", str(health))
    with (
        running(tmp_path, kafka),
        urllib.request.urlopen(f"http://127.0.0.1:{health}/ready", timeout=10) as page,
    ):
        assert page.read() == b"ok\n"


def test_a_port_in_use_is_one_sentence_and_exit_code_one(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            command(tmp_path, port),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"sidemand: port {port} cannot be used")
    assert len(done.stderr.strip().splitlines()) == 1


def test_no_kafka_at_the_address_is_one_sentence_and_exit_code_one() -> None:
    done = sidemand(1, "load", "samples/guidance")
    assert done.returncode == 1
    assert "No Kafka answers at 127.0.0.1:1" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
