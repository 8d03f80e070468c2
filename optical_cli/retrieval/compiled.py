"""Numba's compiler with its cache on, where there is somewhere to put it."""

from collections.abc import Callable

import numba


def compiled(function: Callable) -> Callable:
    """Compile at the first call, without the interpreter's lock.

    Machine code is cached beside the source or in the user's cache folder; where both are
    read-only, each process compiles anew.
    """
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # No locator: neither folder can be written.
        return numba.njit(nogil=True)(function)
