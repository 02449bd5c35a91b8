"""Writes what is generated from the topics: schemas, AsyncAPI, topic files, the events page."""
