import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from sidemand.observability import configure_logs, failure, get_logger
from sidemand.observability.logs import ALLOWED_KEYS, keep_allowed_keys


@pytest.fixture
def configured() -> Iterator[None]:
    """Logs as a service's; afterwards as they were before."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, root.handlers = root.handlers, []
    configure_logs()
    yield
    structlog.configure(**before)
    root.handlers = handlers


def test_a_key_that_is_not_listed_is_left_out_and_named() -> None:
    line = keep_allowed_keys(None, "info", {"event": "handled", "text": "Ansøgning fra Ida"})
    assert line == {"event": "handled", "left_out": ["text"]}


def test_a_failure_tells_type_and_place_and_never_its_text() -> None:
    try:
        raise ValueError("740344-1237")
    except ValueError as error:
        described = failure(error)
    assert described["error"] == "ValueError"
    assert described["where"][0].startswith("test_logs.py:")
    assert "740344" not in str(described)


@pytest.mark.usefixtures("configured")
def test_a_line_goes_out_with_its_service_and_allowed_keys_alone(
    capfd: pytest.CaptureFixture[str],
) -> None:
    get_logger("ingestion").info("started", tenant="storaadal", text="Ansøgning fra Ida")
    line = json.loads(capfd.readouterr().err)
    assert line.pop("timestamp")
    assert line == {
        "event": "started",
        "level": "info",
        "service": "ingestion",
        "tenant": "storaadal",
        "left_out": ["text"],
    }


@pytest.mark.usefixtures("configured")
def test_a_library_that_complains_is_named_and_not_quoted(
    capfd: pytest.CaptureFixture[str],
) -> None:
    logging.getLogger("some.library").error("cannot read %s", "Ansøgning fra Ida")
    written = capfd.readouterr().err
    line = json.loads(written)
    assert (line["event"], line["level"], line["logger"]) == (
        "library",
        "error",
        "some.library",
    )
    assert "Ida" not in written
    assert set(line) <= ALLOWED_KEYS


@pytest.mark.usefixtures("configured")
def test_a_library_that_complains_again_and_again_is_written_down_once_and_counted(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def complain(place: int, at: float) -> None:
        said = {"name": "some.library", "levelno": logging.WARNING, "lineno": place, "created": at}
        logging.getLogger().handle(logging.makeLogRecord(said))

    for seconds in (0, 1, 2, 11):
        complain(17, 1_000_000.0 + seconds)
    complain(18, 1_000_011.0)
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [line["count"] for line in lines] == [1, 3, 1]
