"""Readers: any content to text with sections, one module for each format."""

from sidemand.ingestion.readers.errors import Fault, UnreadableError
from sidemand.ingestion.readers.formats import LARGEST_FILE, read
from sidemand.ingestion.readers.outline import LONGEST_TEXT, ReadText

__all__ = ["LARGEST_FILE", "LONGEST_TEXT", "Fault", "ReadText", "UnreadableError", "read"]
