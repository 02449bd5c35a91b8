"""An embedder on whatever model lies in a folder, with ONNX Runtime."""

from pathlib import Path

from sidemand.embedding.adapters.loading import is_registered, load_registered
from sidemand.embedding.adapters.sessions import Machine
from sidemand.embedding.adapters.static import StaticOnnx
from sidemand.embedding.microbatches import Lane, LaneEmbedder, MicroBatches
from sidemand.embedding.model_files import SHIPPED
from sidemand.embedding.ports import Device


class OnnxEmbedder(LaneEmbedder):
    """An `Embedder` for what somebody waits for; `backfill` gives way to it."""

    def __init__(self, folder: Path = SHIPPED, threads: int = 1, device: Device = "cpu") -> None:
        """Load the model in `folder`: a registered one, or one as `write_model` makes it.

        Raises `ModelError`.
        """
        load = load_registered if is_registered(folder) else StaticOnnx
        batches = MicroBatches(load(folder, Machine(device, threads)))
        super().__init__(batches, Lane.LIVE)
        self.backfill = LaneEmbedder(batches, Lane.BACKFILL)
