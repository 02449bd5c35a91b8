"""Loads the encoders that operators bring, as their registry entry says."""

import json
from pathlib import Path

from sidemand.embedding.adapters.packed import PackedOnnx
from sidemand.embedding.adapters.padded import PaddedOnnx
from sidemand.embedding.adapters.sessions import Machine
from sidemand.embedding.ports import Encoder
from sidemand.embedding.registry import ENTRY, read_entry


def load_registered(folder: Path, machine: Machine) -> Encoder:
    """The model in `folder`, verified. Raises `ModelError`."""
    entry = read_entry(folder)
    if entry.graph == "packed":
        return PackedOnnx(folder, entry, machine)
    return PaddedOnnx(folder, entry, machine)


def is_registered(folder: Path) -> bool:
    """Whether the folder has an entry of `registry`; what is wrong with it, its reader says."""
    try:
        return "graph" in json.loads((folder / ENTRY).read_bytes())
    except (OSError, ValueError, TypeError):
        return False
