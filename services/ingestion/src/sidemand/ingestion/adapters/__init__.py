"""Adapters of ingestion's ports, one module for each technology."""
