"""Structured logs whose keys come from an allow-list.

A text of a case, a name or a number can end up in a log only through a key; so a key that is
not listed is left out, and the line says that it was.
"""

import logging
import sys
import traceback
from collections import Counter
from datetime import UTC, datetime
from typing import Any, Final, Literal, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

ALLOWED_KEYS: Final = frozenset(
    {
        "event", "level", "timestamp", "logger", "service", "topic", "partition", "offset",
        "group", "tenant", "event_id", "code", "attempts", "seconds", "count", "reason", "error",
        "where", "address", "path", "version", "model", "kind", "outcome", "lag", "fields",
        "left_out",
    }
)  # fmt: skip
"""Keys that a log line may have. Their values are ids, codes, counts and names of our own."""


_BETWEEN_COMPLAINTS: Final = 10.0
"""Seconds between two lines from one place in a library."""


def keep_allowed_keys(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Leave out every key that is not on the allow-list, and say which."""
    unknown = sorted(set(event) - ALLOWED_KEYS)
    for key in unknown:
        del event[key]
    if unknown:
        event["left_out"] = unknown
    return event


def configure_logs(level: str = "INFO", form: Literal["json", "console"] = "json") -> None:
    """Send every log line of the process to standard error, one per line.

    `form` is `json` for machines and `console` for people. Of the libraries below, which use the
    standard library's logging, one learns who complained, from `WARNING` upwards, and of a
    complaint that comes again and again once in ten seconds, with how often it came.
    """
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed_keys,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        # Not sys.stderr: who replaces that for a moment would leave us with a closed file.
        logger_factory=structlog.PrintLoggerFactory(sys.__stderr__),
        cache_logger_on_first_use=True,
    )
    complaints = logging.StreamHandler(sys.__stderr__)
    complaints.addFilter(_NotAgainAndAgain())
    complaints.setFormatter(_WithoutText(renderer))
    logging.basicConfig(level=logging.WARNING, handlers=[complaints])


class _NotAgainAndAgain(logging.Filter):
    """Lets one place in a library complain once in ten seconds, and counts.

    While Kafka is away aiokafka complains of every batch that it tries again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, float] = {}
        self._untold: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        place = f"{record.name} {record.lineno}"
        self._untold[place] += 1
        if record.created - self._told.get(place, 0.0) < _BETWEEN_COMPLAINTS:
            return False
        self._told[place] = record.created
        record.count = self._untold.pop(place)
        return True


class _WithoutText(logging.Formatter):
    """Writes a library's line without its text, which may quote a case."""

    def __init__(self, renderer: Processor) -> None:
        super().__init__()
        self._renderer = renderer

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "event": "library",
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "logger": record.name,
            "where": f"{record.filename}:{record.lineno}",
            "count": record.__dict__["count"],
        }
        return str(self._renderer(None, "", line))


def get_logger(service: str) -> structlog.typing.FilteringBoundLogger:
    """Give the logger of a service."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(service=service))


def failure(error: BaseException) -> dict[str, Any]:
    """Describe an exception without its text, which may quote a case: its type and where it was.

    Returns the keys `error` and `where` for a log line.
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames[-6:]]
    return {"error": type(error).__name__, "where": where}
