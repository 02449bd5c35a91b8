"""Trains the check of statements: `python -m sidemand.generation.training ../shared/data`.

Nothing here runs in the service; it needs numpy and the data beside the repository.
"""
