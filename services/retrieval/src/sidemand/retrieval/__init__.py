"""Owns the index; answers a case document with ranked passages."""
