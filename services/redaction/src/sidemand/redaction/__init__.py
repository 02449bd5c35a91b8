"""Replaces personal data with tokens that only its vault can undo."""
