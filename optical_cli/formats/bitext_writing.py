"""Write clean pairs as TSV, Moses files, JSON lines or Parquet, compressed by choice."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from optical_cli.errors import EnvironmentFault, UsageError
from optical_cli.formats.outputs import output_file

PARQUET_ROWS = 65536


class LineSink(Protocol):
    """Takes pairs as lines of ``source TAB target TAB id``, newlines included."""

    def write(self, lines: bytes, /) -> Any:
        """Take one pair or several."""


@dataclass(frozen=True)
class BitextStyle:
    """How train and dev files are written.

    Attributes:
        format: ``tsv``, ``moses``, ``jsonl`` or ``parquet``.
        compress: A suffix such as ``zst``, or ``none``.
        source_lang: Names files and fields.
        target_lang: The same.
    """

    format: str
    compress: str
    source_lang: str
    target_lang: str

    def check(self) -> None:
        """Raise if this cannot be written.

        Raises:
            EnvironmentFault: pyarrow is not installed.
            UsageError: Parquet is asked to be compressed once more.
        """
        if self.format != "parquet":
            return
        if self.compress != "none":
            raise UsageError("--compress: Parquet is compressed inside; leave it out")
        try:
            import pyarrow  # noqa: F401
        except ImportError:
            raise EnvironmentFault("Parquet needs pyarrow", hint="pip install pyarrow") from None

    def names(self, stem: str) -> list[str]:
        """The files that hold `stem`."""
        suffix = "" if self.compress == "none" else f".{self.compress}"
        if self.format == "moses":
            parts = self.source_lang, self.target_lang, "ids"
            return [f"{stem}.{part}{suffix}" for part in parts]
        return [f"{stem}.{self.format}{suffix}"]


@contextmanager
def bitext_sink(directory: Path, stem: str, style: BitextStyle) -> Iterator[LineSink]:
    """A sink that writes the files of `stem` into `directory`."""
    paths = [directory / name for name in style.names(stem)]
    with ExitStack() as stack:
        if style.format == "parquet":
            yield stack.enter_context(_parquet(paths[0]))
            return
        streams = [stack.enter_context(output_file(path)) for path in paths]
        match style.format:
            case "moses":
                yield _Moses(streams)
            case "jsonl":
                yield _Jsonl(streams[0], style.source_lang, style.target_lang)
            case _:
                yield streams[0]


@dataclass(frozen=True)
class _Moses:
    streams: list[BinaryIO]

    def write(self, lines: bytes) -> None:
        rows = (line.split(b"\t") for line in lines[:-1].split(b"\n"))
        for stream, column in zip(self.streams, zip(*rows, strict=True), strict=True):
            stream.write(b"\n".join(column) + b"\n")


@dataclass(frozen=True)
class _Jsonl:
    """The objects of Hugging Face translation data sets."""

    stream: BinaryIO
    source_lang: str
    target_lang: str

    def write(self, lines: bytes) -> None:
        for line in lines.decode()[:-1].split("\n"):
            source, target, pair_id = line.split("\t")
            sides = {self.source_lang: source, self.target_lang: target}
            record = {"id": pair_id, "translation": sides}
            self.stream.write((json.dumps(record, ensure_ascii=False) + "\n").encode())


@contextmanager
def _parquet(path: Path) -> Iterator["_Parquet"]:
    import pyarrow
    import pyarrow.parquet

    schema = pyarrow.schema([(name, pyarrow.string()) for name in ("source", "target", "id")])
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        sink = _Parquet(writer, schema, [])
        yield sink
        sink.flush()


@dataclass(frozen=True)
class _Parquet:
    writer: Any
    schema: Any
    rows: list[list[str]]

    def write(self, lines: bytes) -> None:
        self.rows.extend(line.split("\t") for line in lines.decode()[:-1].split("\n"))
        if len(self.rows) >= PARQUET_ROWS:
            self.flush()

    def flush(self) -> None:
        import pyarrow

        if self.rows:
            columns = [list(column) for column in zip(*self.rows, strict=True)]
            self.writer.write_table(pyarrow.table(columns, schema=self.schema))
            self.rows.clear()
