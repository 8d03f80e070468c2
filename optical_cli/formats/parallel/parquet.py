"""Parquet tables with a column for each side, or a `translation` struct."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from optical_cli.errors import EnvironmentFault, InputError
from optical_cli.formats.parallel.fields import Path
from optical_cli.formats.parallel.records import BLOCK_RECORDS, Block, InputFile, Malformed, Pairs


@dataclass(frozen=True)
class ParquetReader:
    """Rows of a Parquet file; `source` and `target` are the columns of the sides."""

    name: str
    files: tuple[InputFile, ...]
    source: Path
    target: Path
    limit: int | None = None

    def blocks(self) -> Iterator[Block]:
        """Read the two columns, a row group in memory at most."""
        first = 1
        with open_table(self.files[0]) as table:
            columns = [".".join(self.source), ".".join(self.target)]
            batches = table.iter_batches(BLOCK_RECORDS, columns=columns, use_threads=False)
            for batch in batches:
                rows = list(
                    zip(*(_column(batch, p) for p in (self.source, self.target)), strict=True)
                )
                if self.limit is not None:
                    rows = rows[: max(self.limit + 1 - first, 0)]
                if rows:
                    yield Block(first, rows)
                first += len(rows)

    def parse(self, block: Block) -> Pairs:
        """Null is a blank side; what is no text is set aside."""
        pairs = Pairs()
        for number, sides in enumerate(block.content, block.first):
            source, target = ("" if side is None else side for side in sides)
            if isinstance(source, str) and isinstance(target, str):
                pairs.add_checked(number, number, source, target)
            else:
                shown = [str(side)[:200] for side in (source, target)]
                pairs.malformed.append(Malformed(number, number, "columns", "not text", *shown))
        return pairs


def _column(batch, path: Path) -> list:
    values = batch.column(path[0]).to_pylist()
    for name in path[1:]:
        values = [None if value is None else value.get(name) for value in values]
    return values


def open_table(file: InputFile):
    """The open file.

    Raises:
        EnvironmentFault: pyarrow is not installed.
        InputError: It is damaged.
    """
    pyarrow = _pyarrow()
    try:
        return pyarrow.parquet.ParquetFile(file.file)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"is not Parquet: {error}", where=file.given) from None


def _pyarrow() -> ModuleType:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise EnvironmentFault("Parquet needs pyarrow", hint="pip install pyarrow") from None
    return pyarrow


def known_columns(file: InputFile) -> list[Path]:
    """The paths of all leaf columns."""
    with open_table(file) as table:
        schema = table.schema_arrow
        paths: list[Path] = []
        for column in schema:
            inner = range(column.type.num_fields) if _is_struct(column.type) else ()
            paths += [(column.name, column.type.field(i).name) for i in inner] or [(column.name,)]
        return paths


def _is_struct(kind) -> bool:
    return _pyarrow().types.is_struct(kind)
