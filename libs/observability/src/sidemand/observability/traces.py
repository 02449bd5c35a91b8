"""Traces by OpenTelemetry: where a collector is named, a span for every attempt at an event.

A span says which service tried what with an event of which topic, and how that ended: no id of a
case, and of an error its type alone, for its text may quote the case.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind, StatusCode

_COLLECTOR: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_IS_ON: Final = any(map(os.environ.get, _COLLECTOR))
_UNTRACED: Final = nullcontext()
_TRACER: Final = trace.get_tracer("sidemand")


def configure_traces(service: str) -> None:
    """Send spans to the collector that `OTEL_EXPORTER_OTLP_ENDPOINT` names; without it make none.

    OpenTelemetry's own variables say the rest: headers, sampling, what the platform calls us.
    """
    if not _IS_ON:
        return
    # Not above: they take as long to import as all the rest of a small service.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME", f"sidemand-{service}")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def attempt(service: str, topic: str, traceparent: str | None) -> AbstractContextManager[None]:
    """Around an attempt of `service` at an event of `topic`, in the trace that it came with."""
    return _attempt(service, topic, traceparent) if _IS_ON else _UNTRACED


def traceparent() -> str | None:
    """The trace that goes on here, in the form of W3C Trace Context; none where there is none."""
    if not _IS_ON:
        return None
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def _attempt(service: str, topic: str, traceparent: str | None) -> Iterator[None]:
    with _TRACER.start_as_current_span(
        f"{service} {topic}",
        propagate.extract({"traceparent": traceparent or ""}),
        kind=SpanKind.CONSUMER,
        attributes={"messaging.system": "kafka", "messaging.destination.template": topic},
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield
        except Exception as error:
            span.set_status(StatusCode.ERROR, type(error).__name__)
            raise
