"""Streams cut into lists."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
CHUNK = 4096


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Yield `size` items at a time, and at last those that are left."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
