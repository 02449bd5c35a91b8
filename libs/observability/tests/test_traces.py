import subprocess
import sys

import pytest
from sidemand.observability.traces import attempt, traceparent
from sidemand.testing.collector import collector

FAILING = """
from contextlib import suppress
from sidemand.observability import configure_traces
from sidemand.observability.traces import attempt, traceparent
configure_traces("redaction")
with suppress(ValueError), attempt("redaction", "casework.feedback.given.v1", PARENT):
    print(traceparent())
    raise ValueError("Ida Mø")
"""
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_without_a_collector_there_is_no_trace() -> None:
    with attempt("redaction", "casework.feedback.given.v1", PARENT):
        assert traceparent() is None


@pytest.mark.slow
def test_a_span_goes_on_with_the_trace_and_names_the_type_of_a_failure_alone() -> None:
    with collector() as collected:
        ran = subprocess.run(
            [sys.executable, "-c", FAILING.replace("PARENT", repr(PARENT))],
            env={"OTEL_EXPORTER_OTLP_ENDPOINT": collected.endpoint},
            capture_output=True,
            text=True,
            check=True,
        )
    (span,) = collected.spans
    assert (span.name, span.failed_with) == ("redaction casework.feedback.given.v1", "ValueError")
    assert ran.stdout.startswith(PARENT[:36])
    assert PARENT[36:52] not in ran.stdout
    assert "Ida" not in collected.bodies[0].decode("latin-1")


@pytest.mark.slow
def test_a_collector_that_is_away_holds_nothing_up() -> None:
    silent = FAILING.replace("PARENT", repr(PARENT))
    ran = subprocess.run(
        [sys.executable, "-c", silent],
        env={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert ran.returncode == 0
