"""Memory that inputs lie in while they are copied to the device.

For a GPU it is page-locked, so that the device reads it by itself; from other memory the driver
copies everything twice. ONNX Runtime's Python interface has none (an `OrtValue` is on "cpu" or on
"cuda"), so it comes from CUDA's runtime, which ONNX Runtime has loaded by then. On a CPU it is
ordinary memory, and the same code.
"""

import ctypes
import os
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sidemand.embedding.ports import Device

_RUNTIMES = ("libcudart.so.13", "libcudart.so.12")
_ALIGNED = 64
Block = NDArray[np.uint8]


class Staging:
    """Blocks for the inputs of runs: each run in flight has one of its own, and the next the same.

    May be called from several threads.
    """

    def __init__(self, device: Device) -> None:
        self._make: Callable[[int], Block] = page_locked if device == "cuda" else _ordinary
        self._free: deque[Block] = deque()

    @contextmanager
    def holding(self, inputs: Mapping[str, NDArray[Any]]) -> Iterator[Mapping[str, NDArray[Any]]]:
        """`inputs` copied into a block, which is theirs until the end of the context."""
        block = self._block(sum(_rounded(each.nbytes) for each in inputs.values()))
        try:
            yield _laid_into(block, inputs)
        finally:
            self._free.append(block)

    def _block(self, size: int) -> Block:
        try:
            block = self._free.pop()
        except IndexError:
            return self._make(_doubled(size))
        return block if len(block) >= size else self._make(_doubled(size))


def page_locked(size: int) -> Block:
    """`size` page-locked bytes, or ordinary ones where CUDA has none to give: only slower."""
    runtime = _loaded_runtime()
    address = ctypes.c_void_p()
    if runtime is None:
        return _ordinary(size)
    if runtime.cudaHostAlloc(ctypes.byref(address), ctypes.c_size_t(size), ctypes.c_uint(0)):
        runtime.cudaGetLastError()  # forget it, or ONNX Runtime would take it for its own
        return _ordinary(size)
    held = (ctypes.c_uint8 * size).from_address(address.value or 0)
    weakref.finalize(held, runtime.cudaFreeHost, address)
    return np.ctypeslib.as_array(held)


def _loaded_runtime() -> ctypes.CDLL | None:
    """CUDA's runtime, if it is in this process already: none is searched for."""
    for name in _RUNTIMES:
        try:
            return ctypes.CDLL(name, mode=os.RTLD_NOLOAD)
        except OSError:
            continue
    return None


def _ordinary(size: int) -> Block:
    return np.empty(size, np.uint8)


def _laid_into(block: Block, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    laid, start = {}, 0
    for name, values in inputs.items():
        place = block[start : start + values.nbytes].view(values.dtype).reshape(values.shape)
        place[...] = values
        laid[name] = place
        start += _rounded(values.nbytes)
    return laid


def _rounded(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED


def _doubled(size: int) -> int:
    """The next power of two, so that a block soon suffices for every batch."""
    return 1 << max(size - 1, 1).bit_length()
