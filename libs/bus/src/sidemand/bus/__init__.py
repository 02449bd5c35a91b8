"""Kafka for Sidemand: envelope, consume, publish, dead letters, health.

The only place that knows FastStream and aiokafka.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from sidemand.bus.decoding import Rejected
from sidemand.bus.errors import BusError, Poison, Transient
from sidemand.bus.loop import run_loop
from sidemand.bus.publisher import Publisher
from sidemand.bus.reader import Reader
from sidemand.bus.settings import BusSettings
from sidemand.schemas.envelope import Event

if TYPE_CHECKING:
    from sidemand.bus.service import Service, run

__all__ = [
    "BusError",
    "BusSettings",
    "Event",
    "Poison",
    "Publisher",
    "Reader",
    "Rejected",
    "Service",
    "Transient",
    "run",
    "run_loop",
]


def __getattr__(name: str) -> object:
    """Bring FastStream when a service asks for it.

    It takes a second to import, for which a command that only publishes or reads need not wait.
    """
    if name in {"Service", "run"}:
        return getattr(import_module("sidemand.bus.service"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
