"""PyTorch as the reference: one text at a time, in float32, nothing padded and nothing fused."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sidemand.embedding.adapters.loading import load_registered
from sidemand.embedding.adapters.sessions import Machine
from sidemand.embedding.batching import within_budget
from sidemand.embedding.ports import Ids
from sidemand.embedding.registry import read_entry
from transformers import AutoModel


@dataclass(frozen=True, slots=True)
class Comparison:
    """Cosines of a folder's vectors with PyTorch's, and processor time of both."""

    precision: str
    least: float
    mean: float
    others: float
    """Mean cosine of each text with another, for comparison: what a mix-up would look like."""
    seconds: float
    reference_seconds: float


def compare(source: Path, folder: Path, texts: Sequence[str]) -> Comparison:
    """Embed `texts` as passages with both. Raises `ModelError` where `folder` cannot be loaded."""
    entry = read_entry(folder)
    encoder = load_registered(folder, Machine())
    pieces = [piece for text in encoder.read(texts, "passage") for piece in text]
    pieces.sort(key=len)
    torch.set_num_threads(1)
    started = time.process_time()
    batches = within_budget([len(piece) for piece in pieces], encoder.budget)
    ours = np.concatenate([encoder.encode(pieces[batch], "passage") for batch in batches])
    between = time.process_time()
    theirs = _vectors(source, pieces, entry.pooling)
    cosines = (ours * theirs).sum(1)
    return Comparison(
        precision=entry.precision,
        least=float(cosines.min()),
        mean=float(cosines.mean()),
        others=float((ours * np.roll(theirs, len(theirs) // 2, 0)).sum(1).mean()),
        seconds=between - started,
        reference_seconds=time.process_time() - between,
    )


def _vectors(source: Path, pieces: Sequence[Ids], pooling: str) -> NDArray[np.float32]:
    model = AutoModel.from_pretrained(source, dtype=torch.float32, local_files_only=True).eval()
    vectors = []
    with torch.inference_mode():
        for piece in pieces:
            hidden = model(input_ids=torch.from_numpy(piece)[None]).last_hidden_state[0]
            pooled = hidden.mean(0) if pooling == "mean" else hidden[0]
            vectors.append((pooled / pooled.norm()).numpy())
    return np.stack(vectors)
