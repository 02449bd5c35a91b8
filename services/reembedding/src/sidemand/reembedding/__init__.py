"""Fills a generation of the index in the vectors of another model, while the live one answers."""
