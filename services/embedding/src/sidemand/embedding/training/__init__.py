"""Trains the static encoder; nothing here is needed to run it."""
