"""Logs, metrics and traces of Sidemand."""
