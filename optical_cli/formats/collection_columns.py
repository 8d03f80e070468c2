"""Which columns of a table are an id and a text, where its first line does not say so."""

from collections.abc import Sequence
from dataclasses import dataclass

from optical_cli.errors import UsageError


@dataclass(frozen=True)
class Columns:
    """Which columns of a table are read.

    Attributes:
        names: That of the id, then those that make the text: names that stand in the first line,
            or numbers from 1.
    """

    names: tuple[str, ...]

    @classmethod
    def of(cls, text: str | None) -> "Columns | None":
        """From an option such as ``1,3,2`` or ``doc,title,body``.

        Raises:
            UsageError: Fewer than two, a column that is 0 or empty, or numbers beside names.
        """
        if text is None:
            return None
        names = tuple(name.strip() for name in text.split(","))
        numbers = sum(name.isdecimal() for name in names)
        if len(names) < 2 or not all(names) or "0" in names or numbers not in (0, len(names)):
            raise UsageError(
                f"--columns {text}: expected id and text, by number from 1, such as 1,3,2, or by"
                " name"
            )
        return cls(names)

    @property
    def are_numbers(self) -> bool:
        """Whether they are counted, so that a first line of names is not needed."""
        return self.names[0].isdecimal()

    def places(self, first: Sequence[str]) -> tuple[int, ...]:
        """Where they are, from 0, in a table with this first line.

        Raises:
            ValueError: It has no such columns.
        """
        if self.are_numbers:
            found = tuple(int(name) - 1 for name in self.names)
            if max(found) >= len(first):
                raise ValueError(f"has {len(first)} columns, not {max(found) + 1}")
            return found
        if missing := [name for name in self.names if name not in first]:
            raise ValueError(f"names no column {' or '.join(missing)}")
        return tuple(map(first.index, self.names))
