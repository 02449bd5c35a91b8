"""Sidemand's client library and the command sidemand."""
