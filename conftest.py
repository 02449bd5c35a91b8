"""Fixtures for every test: real servers where the machine has them, and a table of what was proved."""

pytest_plugins = ["sidemand.testing.plugin"]
