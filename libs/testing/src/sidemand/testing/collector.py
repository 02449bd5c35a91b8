"""A collector of traces that keeps what it is sent, by OTLP over HTTP as a platform's own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class Span:
    """One of those that were sent."""

    name: str
    trace_id: bytes
    failed_with: str
    """What is said of its failure; empty where it did not fail."""


@dataclass
class Collector:
    """What was sent to it so far."""

    endpoint: str
    """For `OTEL_EXPORTER_OTLP_ENDPOINT`."""
    bodies: list[bytes] = field(default_factory=list)
    """As they came."""

    @property
    def spans(self) -> list[Span]:
        """All spans of all bodies."""
        return [
            Span(span.name, span.trace_id, span.status.message)
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@contextmanager
def collector() -> Iterator[Collector]:
    """A collector on a free port, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept = Collector(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield kept
        finally:
            server.shutdown()
