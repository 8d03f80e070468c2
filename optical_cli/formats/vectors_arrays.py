"""Arrays on disk that grow while they are written and are mapped when they are read.

They are ordinary ``.npy`` files, so that anything that knows NumPy reads them.
"""

from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from optical_cli.errors import InputError


class GrowingArray:
    """A ``.npy`` file whose first axis grows; its header is put right when it is closed."""

    def __init__(self, path: Path, dtype: np.dtype | type, row: tuple[int, ...] = ()):
        self.path = path
        self.dtype = np.dtype(dtype)
        self.row = row
        self.length = 0
        self.stream = open(path, "wb")  # noqa: SIM115 - closed by close
        self._write_header()

    def _write_header(self) -> None:
        shape = (self.length, *self.row)
        header = {
            "descr": npy.dtype_to_descr(self.dtype), "fortran_order": False, "shape": shape,
        }  # fmt: skip
        # NumPy leaves room for the first axis to grow, so a later header is as long.
        npy.write_array_header_1_0(self.stream, header)

    def append(self, rows: np.ndarray) -> None:
        """Write more rows."""
        rows = np.ascontiguousarray(rows, self.dtype)
        if rows.shape[1:] != self.row:
            raise ValueError(f"rows of shape {rows.shape[1:]} in an array of {self.row}")
        self.stream.write(rows.data if rows.size else b"")
        self.length += len(rows)

    def close(self) -> None:
        """Finish the file."""
        with self.stream as stream:
            stream.seek(0)
            self._write_header()


def map_array(path: Path) -> np.ndarray:
    """Map a ``.npy`` file into memory.

    The mapping is private: writing into it, which nobody does, would not reach the file.

    Raises:
        InputError: It is missing, cut short, or not such a file.
    """
    try:
        with open(path, "rb") as stream:
            dtype, shape, start = _header(stream)
        expected, found = start + _size(dtype, shape), path.stat().st_size
        if found != expected:
            raise InputError(f"is cut short: {expected} bytes expected, {found} there", where=path)
        if 0 in shape:
            return np.empty(shape, dtype)
        # Without the class of its own, whose every slice takes microseconds.
        return np.asarray(np.memmap(path, dtype, mode="c", offset=start, shape=shape))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path) from None
    except ValueError as error:
        raise InputError(f"is not a .npy array: {error}", where=path) from None


def _header(stream) -> tuple[np.dtype, tuple[int, ...], int]:
    if npy.read_magic(stream) != (1, 0):
        raise ValueError("another version")
    shape, fortran, dtype = npy.read_array_header_1_0(stream)
    if fortran or dtype.hasobject:
        raise ValueError(f"holds {dtype} in an order that is not ours")
    return dtype, shape, stream.tell()


def _size(dtype: np.dtype, shape: tuple[int, ...]) -> int:
    size = dtype.itemsize
    for length in shape:
        size *= length
    return size
