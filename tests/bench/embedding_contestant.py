"""One way to embed, measured in a process of its own, so that its memory can be told.

python -m tests.bench.embedding_contestant TASK.json prints one object: texts_per_second,
tokens_per_second, waste (tokens computed and thrown away by those that count), memory_mb (largest,
all of the process), query_p50_ms, query_p99_ms. It runs in the environment of whoever it measures,
so that it imports nothing of ours but for our own way.
"""

import asyncio
import importlib
import json
import math
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

ROUNDS = 2
QUERIES = 100
ROWS_OF_A_BATCH = 32
"""What sentence-transformers takes by default; fastembed's 256 would be all texts at once."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is measured, on what."""

    way: str
    """A key of `WAYS`."""
    folder: str
    """The model, as the way wants it."""
    texts: str
    """A JSON list of passages."""
    queries: str
    """A JSON list of short questions."""
    vectors: str
    """Where the passages' vectors go (.npy), so that they can be compared."""
    threads: int
    device: str = "cpu"
    half: bool = False
    """Whether float16 is computed with, where the way can choose."""


class Way(Protocol):
    """Somebody's way from texts to unit vectors."""

    def passages(self, texts: Sequence[str]) -> Any:
        """Texts × dimension, all at once."""

    def query(self, text: str) -> Any:
        """One vector."""

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""

    def computed(self, lengths: Sequence[int]) -> int:
        """Tokens that its batches of these texts have, padding included."""


class Sidemand:
    """Our own: the embedder as the service runs it, two batches in flight, a thread each."""

    def __init__(self, task: Task) -> None:
        onnx = importlib.import_module("sidemand.embedding.adapters.onnx")
        loading = importlib.import_module("sidemand.embedding.adapters.loading")
        sessions = importlib.import_module("sidemand.embedding.adapters.sessions")
        folder = Path(task.folder)
        self._loop = asyncio.new_event_loop()
        self._embedder = onnx.OnnxEmbedder(folder, max(1, task.threads // 2), task.device)
        self._reader: Any = None
        if loading.is_registered(folder):
            self._reader = loading.load_registered(folder, sessions.Machine())

    def passages(self, texts: Sequence[str]) -> Any:
        """Through the micro-batches."""
        return self._loop.run_until_complete(self._embedder.passages(texts))

    def query(self, text: str) -> Any:
        """Through the micro-batches, as a live one."""
        return self._loop.run_until_complete(self._embedder.queries([text]))

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Pieces together; words where the model reads words."""
        if self._reader is None:
            return [len(text.split()) for text in texts]
        return [sum(map(len, pieces)) for pieces in self._reader.read(texts, "passage")]

    def computed(self, lengths: Sequence[int]) -> int:
        """Nothing is padded but in the attention, on a CPU."""
        return sum(lengths)


class SentenceTransformers:
    """PyTorch, sorted by length, padded to the longest of a batch."""

    def __init__(self, task: Task) -> None:
        torch = importlib.import_module("torch")
        torch.set_num_threads(task.threads)
        library = importlib.import_module("sentence_transformers")
        self._model = library.SentenceTransformer(task.folder, device=task.device)
        if task.half:
            self._model.half()

    def passages(self, texts: Sequence[str]) -> Any:
        """As its users call it."""
        return self._model.encode(
            list(texts), batch_size=ROWS_OF_A_BATCH, normalize_embeddings=True
        )

    def query(self, text: str) -> Any:
        """As its users call it."""
        return self._model.encode(text, normalize_embeddings=True)

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """As its tokeniser counts, cut at the context."""
        longest = self._model.max_seq_length
        ids = self._model.tokenizer(list(texts), truncation=True, max_length=longest)
        return [len(each) for each in ids["input_ids"]]

    def computed(self, lengths: Sequence[int]) -> int:
        """Batches of neighbours by length."""
        return rectangles(sorted(lengths, reverse=True))


class FastEmbed:
    """ONNX Runtime in float32, padded to the longest of a batch, in the order of the texts."""

    def __init__(self, task: Task) -> None:
        library = importlib.import_module("fastembed")
        described = importlib.import_module("fastembed.common.model_description")
        entry = json.loads((Path(task.folder) / "model.json").read_text("utf-8"))
        library.TextEmbedding.add_custom_model(
            model="measured",
            pooling=described.PoolingType.DISABLED,  # it is in the graph
            normalization=True,
            sources=described.ModelSource(hf="measured/measured"),
            dim=entry["dimension"],
            model_file="encoder.onnx",
            additional_files=["weights.bin"],
        )
        self._model = library.TextEmbedding(
            "measured", specific_model_path=task.folder, threads=task.threads
        )

    def passages(self, texts: Sequence[str]) -> Any:
        """As its users call it."""
        return np.stack(list(self._model.embed(texts, batch_size=ROWS_OF_A_BATCH)))

    def query(self, text: str) -> Any:
        """As its users call it."""
        return next(iter(self._model.query_embed(text)))

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """As its tokeniser counts without padding."""
        encoded = self._model.model.tokenizer.encode_batch(list(texts))
        return [sum(each.attention_mask) for each in encoded]

    def computed(self, lengths: Sequence[int]) -> int:
        """Batches in the order of the texts."""
        return rectangles(lengths)


WAYS: dict[str, Callable[[Task], Way]] = {
    "sidemand": Sidemand,
    "sentence_transformers": SentenceTransformers,
    "fastembed": FastEmbed,
}


def rectangles(lengths: Sequence[int]) -> int:
    """Tokens of consecutive batches, each padded to its longest text."""
    batches = (lengths[i : i + ROWS_OF_A_BATCH] for i in range(0, len(lengths), ROWS_OF_A_BATCH))
    return sum(len(batch) * max(batch) for batch in batches)


def measured(task: Task) -> dict[str, float]:
    """Load, warm up, measure; the best of two rounds."""
    texts, queries = _strings(task.texts), _strings(task.queries)
    way = WAYS[task.way](task)
    way.passages(texts[:4])
    seconds = math.inf
    for _ in range(ROUNDS):
        started = time.perf_counter()
        vectors = way.passages(texts)
        seconds = min(seconds, time.perf_counter() - started)
    np.save(task.vectors, vectors)
    lengths = way.lengths(texts)
    waits = sorted(_waits(way, queries[:QUERIES]))
    return {
        "texts_per_second": len(texts) / seconds,
        "tokens_per_second": sum(lengths) / seconds,
        "tokens_per_text": sum(lengths) / len(texts),
        "waste": way.computed(lengths) / sum(lengths) - 1,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "query_p50_ms": waits[len(waits) // 2] * 1000,
        "query_p99_ms": waits[math.ceil(0.99 * len(waits)) - 1] * 1000,
    }


def _waits(way: Way, queries: Iterable[str]) -> Iterator[float]:
    for query in queries:
        started = time.perf_counter()
        way.query(query)
        yield time.perf_counter() - started


def _strings(path: str) -> list[str]:
    found: list[str] = json.loads(Path(path).read_text("utf-8"))
    return found


def written(task: Task, path: Path) -> Path:
    """Write a task to hand to a process."""
    path.write_text(json.dumps(asdict(task)), "utf-8")
    return path


if __name__ == "__main__":
    print(json.dumps(measured(Task(**json.loads(Path(sys.argv[1]).read_text("utf-8"))))))
