"""Validates at the border and turns any content into text with sections."""
