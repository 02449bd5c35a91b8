"""The static encoder on ONNX Runtime: on a GPU where there is one, else on the CPU."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from sidemand.embedding.batching import within_budget
from sidemand.embedding.model_files import SHIPPED, read_model
from sidemand.embedding.ports import ModelError, Vectors
from sidemand.schemas.text import EmbeddingModel

_PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
_SIDES = {"passage": 0, "query": 1}
ROWS_IN_A_BATCH = 8_192
"""Table rows that one run adds up, 8 MB for 256 dimensions; more are slower on a CPU."""


class OnnxEmbedder:
    """An `Embedder` on a model folder as `write_model` makes it.

    Nothing is padded: a batch is the row numbers of all its texts, one after the other, and where
    each text begins. It runs in a thread; ONNX Runtime lets go of the interpreter meanwhile.
    """

    def __init__(self, folder: Path = SHIPPED, threads: int = 1) -> None:
        """Load the model. Raises `ModelError`."""
        described, weights = read_model(folder)
        self._hashing = described.hashing
        self._session = _session(weights, threads)
        self._model = EmbeddingModel(
            model_id=described.model_id, sha256=described.sha256, dimension=described.dimension
        )

    @property
    def model(self) -> EmbeddingModel:
        """Which model makes the vectors."""
        return self._model

    async def passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, texts × dimension."""
        return await asyncio.to_thread(self._embed, texts, "passage")

    async def queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, texts × dimension."""
        return await asyncio.to_thread(self._embed, texts, "query")

    def _embed(self, texts: Sequence[str], side: Literal["passage", "query"]) -> Vectors:
        rows = [self._hashing.text_rows(text) for text in texts]
        vectors = np.empty((len(texts), self._model.dimension), np.float32)
        for batch in within_budget([len(each) for each in rows], ROWS_IN_A_BATCH):
            vectors[batch] = self._run(rows[batch], side)
        return vectors

    def _run(self, rows: Sequence[NDArray[np.int64]], side: str) -> Vectors:
        starts = np.cumsum([0, *map(len, rows[:-1])], dtype=np.int64)
        inputs = {
            "rows": np.concatenate(rows),
            "starts": starts,
            "side": np.array(_SIDES[side], np.int64),
        }
        (vectors,) = self._session.run(["vectors"], inputs)
        return np.asarray(vectors, dtype=np.float32)


def _session(weights: bytes, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    available = ort.get_available_providers()
    try:
        return ort.InferenceSession(
            weights, options, providers=[each for each in _PROVIDERS if each in available]
        )
    except Exception as error:  # ONNX Runtime's own errors share no base class but this one
        raise ModelError("ONNX Runtime cannot load the model: install the package anew") from error
