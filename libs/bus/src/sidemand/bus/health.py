"""Health that means it: live, ready and metrics over HTTP.

live: the event loop moves, every subscription still fetches, and none has stopped.
ready: the service has started, its groups gave it a share, the broker that leads them answers,
the producer's sends are acknowledged, no circuit is open.
"""

import asyncio
import os
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Self

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sidemand.bus.circuit import Circuit
from sidemand.bus.errors import BusError
from sidemand.bus.figures import Figures, Subscriber
from sidemand.bus.lane import Lane
from sidemand.bus.publisher import Publisher
from sidemand.bus.settings import BusSettings

_LONGEST_SEND: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Watched:
    lane: Lane
    circuit: Circuit
    subscriber: Subscriber
    figures: Figures

    @property
    def fetches(self) -> bool:
        """Whether FastStream's loop and the consumer's own are both running."""
        consumer = self.subscriber.consumer
        has_stopped = consumer is None or consumer.has_stopped_fetching
        return not has_stopped and not all(task.done() for task in self.subscriber.tasks)

    @property
    def is_cut_off(self) -> bool:
        """Whether the consumer's broker does not answer."""
        consumer = self.subscriber.consumer
        return consumer is not None and consumer.is_cut_off


class Health:
    """The state of one service."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._watched: dict[str, _Watched] = {}
        self.started = False
        """Set by the service while it consumes."""

    def watch(self, topic: str, lane: Lane, circuit: Circuit, subscriber: Subscriber) -> None:
        """Take a subscription into account."""
        figures = Figures(lane, circuit, subscriber)
        self._watched[topic] = _Watched(lane, circuit, subscriber, figures)

    async def measure(self) -> None:
        """Set the metrics to what is so now."""
        await asyncio.gather(*(watched.figures.measure() for watched in self._watched.values()))

    @property
    def lanes(self) -> dict[str, Lane]:
        """The lanes by topic."""
        return {topic: watched.lane for topic, watched in self._watched.items()}

    def not_live(self) -> list[str]:
        """Why the process should be restarted; empty when all is well."""
        dead = [
            f"{topic}: no longer fetches"
            for topic, watched in self._watched.items()
            if self.started and not watched.fetches
        ]
        failed = [f"{topic}: stopped" for topic, lane in self.lanes.items() if lane.failed.done()]
        return dead + failed

    def not_ready(self) -> list[str]:
        """Why the service does not work now; empty when all is well."""
        reasons = self.not_live()
        if not self.started:
            reasons.append("not started, or stopping")
        for topic, watched in self._watched.items():
            if not watched.lane.assigned.is_set():
                reasons.append(f"{topic}: no partitions assigned")
            if watched.circuit.is_open:
                reasons.append(f"{topic}: a dependency is away: {watched.circuit.reason}")
            if self.started and watched.is_cut_off:
                reasons.append(f"{topic}: Kafka does not answer")
        if self._publisher.longest_wait > _LONGEST_SEND:
            reasons.append("Kafka does not acknowledge what is sent")
        return reasons


class HealthServer:
    """Serves `/live`, `/ready` and `/metrics` for the services of a process.

    An event loop that stands still answers nothing: the probe's own time-out is the proof.
    """

    def __init__(self, settings: BusSettings, services: Sequence[Health]) -> None:
        self._settings = settings
        self._services = services
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._settings.health_port:
            self._server = _QuietServer(
                uvicorn.Config(self._answer, interface="asgi3", log_level="error", lifespan="off")
            )
            self._serving = asyncio.create_task(self._server.serve([self._listen()]))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving

    def _listen(self) -> socket.socket:
        host, port = self._settings.health_host, self._settings.health_port
        try:
            return socket.create_server((host, port))
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise BusError(
                f"The health port cannot be opened on {host}:{port}: {reason}. "
                "Set SIDEMAND_HEALTH_PORT or SIDEMAND_HEALTH_HOST to another one."
            ) from None

    async def _answer(self, scope: dict[str, Any], _receive: Any, send: Any) -> None:
        path = scope["path"]
        if path == "/metrics":
            await asyncio.gather(*(service.measure() for service in self._services))
        status, media_type, body = self._page(path)
        headers = [(b"content-type", media_type.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _page(self, path: str) -> tuple[int, str, bytes]:
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest()
        if path not in ("/live", "/ready"):
            return 404, "text/plain", b"/live, /ready or /metrics\n"
        reasons = [
            reason
            for service in self._services
            for reason in (service.not_live() if path == "/live" else service.not_ready())
        ]
        return (
            (503 if reasons else 200),
            "text/plain",
            "\n".join(reasons or ["ok"]).encode() + b"\n",
        )


class _QuietServer(uvicorn.Server):
    """uvicorn without its own signal handlers: the service decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals alone."""
        yield
