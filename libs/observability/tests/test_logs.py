import structlog
from sidemand.observability import failure
from sidemand.observability.logs import keep_allowed_keys


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


def test_lines_go_out_with_the_service_bound() -> None:
    with structlog.testing.capture_logs() as lines:
        structlog.get_logger(service="ingestion").info("started")
    assert lines == [{"service": "ingestion", "event": "started", "log_level": "info"}]
