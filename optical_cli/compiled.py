"""Numba's compiler with its cache on, where there is somewhere to put it."""

import inspect
from collections.abc import Callable

import numba


def compiled(function: Callable, *, reorder_sums: bool = False) -> Callable:
    """Compile at the first call, without the interpreter's lock.

    Machine code is cached beside the source or in the user's cache folder; where both are
    read-only, each process compiles anew.

    Args:
        function: What is compiled.
        reorder_sums: Let sums be computed in several lanes, in an order that is fixed all the same.
    """
    # Where shape checks are on, as in the tests, what arrives is a wrapper in Python.
    function = inspect.unwrap(function)
    fastmath = {"reassoc", "nsz", "contract"} if reorder_sums else False
    try:
        return numba.njit(cache=True, nogil=True, fastmath=fastmath)(function)
    except RuntimeError:  # No locator: neither folder can be written.
        return numba.njit(nogil=True, fastmath=fastmath)(function)
