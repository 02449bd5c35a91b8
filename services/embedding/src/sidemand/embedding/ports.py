"""What the embedding service needs from outside."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sidemand.schemas.text import EmbeddingModel

Vectors = NDArray[np.float32]


class ModelError(Exception):
    """The model cannot be used: a file is missing, changed, or of a kind that is not known.

    The message says which file and what to do; nothing can be embedded until then.
    """


class Embedder(Protocol):
    """Turns texts into vectors of one model; neither blocks the event loop nor calls out."""

    @property
    def model(self) -> EmbeddingModel:
        """Which model makes the vectors; vectors of two models are never compared."""

    async def passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of knowledge or case passages, texts × dimension, in the texts' order.

        Any text has a vector, the empty one too. Raises `ModelError`.
        """

    async def queries(self, texts: Sequence[str]) -> Vectors:
        """The same for texts that search for passages."""
