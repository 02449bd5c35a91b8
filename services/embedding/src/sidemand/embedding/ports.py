"""What the embedding service needs from outside."""

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from sidemand.schemas.text import EmbeddingModel

Side = Literal["passage", "query"]
"""What a text is: it is searched for, or it searches."""
Device = Literal["cpu", "cuda"]
Ids = NDArray[np.int64]
"""A text as the model reads it."""
Vectors = NDArray[np.float32]


class ModelError(Exception):
    """The model cannot be used: a file is missing, changed, or of a kind that is not known.

    The message says which file and what to do; nothing can be embedded until then.
    """


class OutOfMemory(Exception):
    """A batch was too large for the device; half of it may fit."""


class Embedder(Protocol):
    """Turns texts into vectors of one model; neither blocks the event loop nor calls out."""

    @property
    def model(self) -> EmbeddingModel:
        """Which model makes the vectors; vectors of two models are never compared."""

    async def passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of knowledge or case passages, texts × dimension, in the texts' order.

        Any text has a vector, the empty one too, and of a long one nothing is left out. Raises
        `ModelError`, and `Transient` where the device has no memory for a single text.
        """

    async def queries(self, texts: Sequence[str]) -> Vectors:
        """The same for texts that search for passages."""


class Encoder(Protocol):
    """One model on one device. Both methods block, and may be called from several threads."""

    @property
    def model(self) -> EmbeddingModel:
        """Which model it is."""

    @property
    def budget(self) -> int:
        """Ids that one run should have at most."""

    def read(self, texts: Sequence[str], side: Side) -> list[list[Ids]]:
        """Each text as the pieces that the model can read at once: at least one, none empty."""

    def encode(self, pieces: Sequence[Ids], side: Side) -> Vectors:
        """A unit vector for each piece. Raises `OutOfMemory`, and `ModelError` for no numbers."""
