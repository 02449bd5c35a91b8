"""Where the tests are killed, the processes and disks that they made go with them."""

import subprocess
import sys
from pathlib import Path

import pytest
from sidemand.testing.servers import Unavailable
from sidemand.testing.servers.program import wait_until

from .crew import ROOT
from .disk import small_disk

A_MEMBER = """
import time
from pathlib import Path
from tests.fault.crew import Member

member = Member("member", "waiting", {"PYTHONPATH": "%s"}, Path("%s"))
member.start()
print(member.running.pid, flush=True)
time.sleep(60)
"""
A_DISK = """
import time
from tests.fault.disk import small_disk

with small_disk(1) as disk:
    print(disk.folder, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_member_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    (tmp_path / "waiting.py").write_text("import time; time.sleep(60)")
    pid = said_before_it_was_killed(A_MEMBER % (tmp_path, tmp_path))
    assert wait_until(lambda: has_ended(Path(f"/proc/{pid}/stat")), 10)


def test_a_disk_goes_with_the_process_that_mounted_it() -> None:
    try:
        with small_disk(1):
            pass
    except Unavailable as reason:
        pytest.skip(f"not proved here: a full disk: {reason}")
    folder = Path(said_before_it_was_killed(A_DISK))
    assert wait_until(lambda: not folder.exists(), 10)


def said_before_it_was_killed(code: str) -> str:
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline().strip()
        process.kill()
    assert said
    return said


def has_ended(stat: Path) -> bool:
    """Whether there is no such process, or only what nobody has asked after yet."""
    try:
        return stat.read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
