"""Logs, metrics and traces of Sidemand. None of them ever holds personal data."""

from sidemand.observability.logs import configure_logs, failure, get_logger
from sidemand.observability.traces import configure_traces

__all__ = ["configure_logs", "configure_traces", "failure", "get_logger"]
