"""An embedder on whatever model lies in a folder, with ONNX Runtime."""

import json
from pathlib import Path

from sidemand.embedding.adapters.packed import PackedOnnx
from sidemand.embedding.adapters.sessions import Machine
from sidemand.embedding.adapters.static import StaticOnnx
from sidemand.embedding.microbatches import Lane, LaneEmbedder, MicroBatches
from sidemand.embedding.model_files import SHIPPED
from sidemand.embedding.ports import Device, Encoder
from sidemand.embedding.registry import ENTRY


class OnnxEmbedder(LaneEmbedder):
    """An `Embedder` for what somebody waits for; `backfill` gives way to it."""

    def __init__(self, folder: Path = SHIPPED, threads: int = 1, device: Device = "cpu") -> None:
        """Load the model in `folder`. Raises `ModelError`."""
        batches = MicroBatches(load_encoder(folder, Machine(device, threads)))
        super().__init__(batches, Lane.LIVE)
        self.backfill = LaneEmbedder(batches, Lane.BACKFILL)


def load_encoder(folder: Path, machine: Machine) -> Encoder:
    """The model in `folder`. Raises `ModelError`."""
    if _is_packed(folder):
        return PackedOnnx(folder, machine)
    return StaticOnnx(folder, machine)


def _is_packed(folder: Path) -> bool:
    """Whether the folder's entry is one of `registry`; a reader of its kind says what is wrong."""
    try:
        return "graph" in json.loads((folder / ENTRY).read_bytes())
    except (OSError, ValueError, TypeError):
        return False
