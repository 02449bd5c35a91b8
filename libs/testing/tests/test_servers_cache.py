"""What is built once is complete or not there, and the machine's lacks are said plainly."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sidemand.testing.servers import Unavailable
from sidemand.testing.servers.availability import program, run
from sidemand.testing.servers.cache import cached, is_cached


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDEMAND_CACHE", str(tmp_path / "cache"))


def writing(text: str, calls: list[str]) -> Callable[[Path], None]:
    def build(folder: Path) -> None:
        calls.append(text)
        (folder / "built").write_text(text)

    return build


def test_a_second_request_does_not_build_again() -> None:
    calls: list[str] = []
    cached("thing", writing("first", calls))
    folder = cached("thing", writing("second", calls))
    assert calls == ["first"]
    assert (folder / "built").read_text() == "first"


def test_of_several_at_once_one_builds() -> None:
    calls: list[str] = []
    threads = [
        threading.Thread(target=cached, args=("thing", writing(str(number), calls)))
        for number in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def test_a_build_that_fails_leaves_nothing_and_is_begun_anew() -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise Unavailable("no network")

    with pytest.raises(Unavailable, match="no network"):
        cached("thing", fail)
    assert not is_cached("thing")

    folder = cached("thing", writing("whole", []))
    assert [file.name for file in folder.iterdir()] == ["built"]


def test_a_missing_program_is_named_with_what_needs_it() -> None:
    with pytest.raises(Unavailable, match="no-such-program is not installed, which Kafka needs"):
        program("no-such-program", "Kafka")


def test_a_failing_program_is_quoted_with_its_last_line(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="sh failed with exit code 2: no such version"):
        run(["/bin/sh", "-c", "echo trying; echo no such version; exit 2"], tmp_path)


def test_a_program_that_cannot_be_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="/no/such/file cannot be run: No such file"):
        run(["/no/such/file"], tmp_path)
