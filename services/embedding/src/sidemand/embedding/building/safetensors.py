"""Reads weights from the safetensors format, tensor by tensor, so that no model has to fit twice.

The format: eight bytes with the header's length (little-endian), a JSON header that gives each
tensor its `dtype`, `shape` and `data_offsets`, then the data
(https://github.com/huggingface/safetensors, "Format").
"""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sidemand.embedding.ports import ModelError

_LONGEST_HEADER = 100_000_000  # bytes, the format's own limit
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8"}


class Safetensors(Mapping[str, NDArray[np.generic]]):
    """The tensors of one file by name, read when they are asked for; bfloat16 comes as float32."""

    def __init__(self, path: Path) -> None:
        """Read the header. Raises `ModelError` where the file is missing, truncated or damaged."""
        self._path = path
        try:
            size = path.stat().st_size
            with path.open("rb") as file:
                length = int.from_bytes(file.read(8), "little")
                if length > min(size - 8, _LONGEST_HEADER):
                    raise ValueError("the header is longer than the file")
                header = json.loads(file.read(length))
            header.pop("__metadata__", None)
            self._start = 8 + length
            self._places = {name: _place(each) for name, each in header.items()}
        except OSError as error:
            raise ModelError(f"cannot read {path}: bring the model's folder again") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{path} is no safetensors file: bring it again") from error
        wanted = self._start + max((end for _, _, _, end in self._places.values()), default=0)
        if size != wanted:
            raise ModelError(f"{path} has {size} bytes and describes {wanted}: bring it again")

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        dtype, shape, start, _ = self._places[name]
        if not math.prod(shape):
            return np.empty(shape, _DTYPES[dtype])
        offset = self._start + start
        stored = np.memmap(self._path, _DTYPES[dtype], "r", offset=offset, shape=shape)
        if dtype == "BF16":  # the upper half of a float32
            return (stored.astype(np.uint32) << 16).view(np.float32)
        return stored

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _place(described: Mapping[str, object]) -> tuple[str, tuple[int, ...], int, int]:
    """Dtype, shape, start and end of one tensor. Raises what damaged JSON makes it raise."""
    dtype, shape, offsets = described["dtype"], described["shape"], described["data_offsets"]
    if not isinstance(dtype, str) or not isinstance(shape, list) or not isinstance(offsets, list):
        raise TypeError("not a tensor")
    start, end = offsets
    if math.prod(shape) * np.dtype(_DTYPES[dtype]).itemsize != end - start:
        raise ValueError("shape and size differ")
    return dtype, tuple(shape), start, end
