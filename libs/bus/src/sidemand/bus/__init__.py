"""Kafka for Sidemand: envelope, consume, publish, dead letters, health.

The only place that knows FastStream and aiokafka.
"""

from sidemand.bus.decoding import Rejected
from sidemand.bus.errors import BusError, Poison, Transient
from sidemand.bus.loop import run_loop
from sidemand.bus.publisher import Publisher
from sidemand.bus.reader import Reader
from sidemand.bus.service import Service, run
from sidemand.bus.settings import BusSettings
from sidemand.schemas.envelope import Event

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
