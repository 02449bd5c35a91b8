"""Writes suggestions from passages, and proves every sentence by its quote."""
