"""Weights as int8: each output with a scale of its own, in the layout that products on a CPU want.

Seven bits, not eight: a CPU without VNNI adds two products in 16 bits, where eight would overflow
unseen and give a wrong vector (ONNX Runtime, "Quantize ONNX models", on `reduce_range`).
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

_LARGEST = 63

Named = tuple[str, NDArray[np.generic]]


def quantised(tensors: Iterable[Named], rows: str, together: tuple[str, ...]) -> Iterator[Named]:
    """Matrices as int8 and `.scale`; the table `rows` with a scale for each row, eight bits.

    Matrices, outputs × inputs, come out as inputs × outputs, and neighbours whose names end with
    the parts `together` as one. Everything else stays as it is.
    """
    waiting: dict[str, list[NDArray[np.generic]]] = {}
    for name, values in tensors:
        part, _, kind = name.rpartition(".")
        above, _, last = part.rpartition(".")
        if name == rows:
            yield from _scaled(name, name, values, 127)
        elif last in together:
            gathered = waiting.setdefault(f"{above}.{kind}", [])
            gathered.append(values)
            if len(gathered) == len(together):
                whole = np.concatenate(waiting.pop(f"{above}.{kind}"))
                yield from _one(above, kind, whole)
        else:
            yield from _one(part, kind, values)


def _one(part: str, kind: str, values: NDArray[np.generic]) -> Iterator[Named]:
    name = f"{part}.{kind}"
    if kind != "weight" or values.ndim != 2:
        yield name, values
        return
    (_, small), (_, scales) = _scaled(name, part, values, _LARGEST)
    yield name, small.T
    yield f"{part}.scale", scales[:, 0]


def _scaled(name: str, part: str, values: NDArray[np.generic], largest: int) -> tuple[Named, Named]:
    """Each row as whole numbers up to `largest`, and what they are multiplied by."""
    exact = np.asarray(values, np.float32)
    scales = np.maximum(np.abs(exact).max(1, keepdims=True), np.float32(1e-12)) / largest
    return (name, np.round(exact / scales).astype(np.int8)), (f"{part}.scale", scales)
