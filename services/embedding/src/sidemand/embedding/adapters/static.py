"""The static encoder on ONNX Runtime."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sidemand.embedding.adapters.sessions import Machine, Session
from sidemand.embedding.model_files import read_model
from sidemand.embedding.ports import Ids, Side, Vectors
from sidemand.schemas.text import EmbeddingModel

_SIDES = {"passage": 0, "query": 1}


class StaticOnnx:
    """An `Encoder` on a model folder as `write_model` makes it.

    Nothing is padded: a batch is the row numbers of all its texts, one after the other, and where
    each text begins.
    """

    budget = 8_192
    """Table rows that one run adds up, 8 MB for 256 dimensions; more are slower on a CPU."""

    def __init__(self, folder: Path, machine: Machine) -> None:
        """Load the model. Raises `ModelError`."""
        described, weights = read_model(folder)
        self._hashing = described.hashing
        self._session = Session(weights, machine, described.dimension)
        self.model = EmbeddingModel(
            model_id=described.model_id, sha256=described.sha256, dimension=described.dimension
        )

    def read(self, texts: Sequence[str], side: Side) -> list[list[Ids]]:  # noqa: ARG002
        """The table rows of each text."""
        return [self._hashing.pieces(text) for text in texts]

    def encode(self, pieces: Sequence[Ids], side: Side) -> Vectors:
        """Unit vectors, pieces × dimension."""
        starts = np.cumsum([0, *map(len, pieces[:-1])], dtype=np.int64)
        inputs = {
            "rows": np.concatenate(pieces),
            "starts": starts,
            "side": np.array(_SIDES[side], np.int64),
        }
        return self._session(inputs)
