"""Trains the name tagger: `python -m sidemand.redaction.training`.

Nothing here runs in the service; it needs `python-crfsuite` and the data beside the repository.
"""
