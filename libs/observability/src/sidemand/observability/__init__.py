"""Logs, metrics and traces of Sidemand. None of them ever holds personal data."""

from sidemand.observability.logs import configure_logs, failure, get_logger

__all__ = ["configure_logs", "failure", "get_logger"]
