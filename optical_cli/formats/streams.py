r"""Bytes in and out: compression by magic or suffix, lines that end at newline only, and trust.

Text is UTF-8 and lines end at ``\n``; one trailing ``\r`` is dropped. `str.splitlines` is never
used: it invents lines at U+0085, U+2028 and others and would misalign the two sides of bitext.
"""

import bz2
import gzip
import io
import lzma
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import zstandard

from optical_cli.errors import InputError, UsageError

STDIO = "-"
MAX_LINE_BYTES = 1 << 20
MAX_RATIO = 1000
# A small file may legitimately shrink a lot (one line repeated), so the ratio counts above this.
RATIO_FREE_BYTES = 64 << 20
CHUNK = 1 << 18

MAGIC = {
    b"\x1f\x8b": "gz",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zst",
}


def _decompressor(kind: str | None, raw: BinaryIO) -> BinaryIO:
    match kind:
        case "gz":
            return gzip.GzipFile(fileobj=raw)
        case "bz2":
            return bz2.BZ2File(raw)
        case "xz":
            return lzma.LZMAFile(raw)
        case "zst":
            return _ZstdFrames(raw)
    return raw


class _ZstdFrames(io.RawIOBase):
    """Several Zstandard frames as one stream that, unlike the library's, notices a missing end."""

    def __init__(self, raw: BinaryIO):
        self.raw = raw
        self.frame = zstandard.ZstdDecompressor().decompressobj()
        self.fresh = True

    def read(self, size: int = -1) -> bytes:
        # Little input per call, since a bomb's few bytes come out as many.
        while data := self.raw.read(CHUNK >> 4):
            if out := self._decompress(data):
                return out
        if not self.fresh:
            raise EOFError("the last frame is cut off")
        return b""

    def _decompress(self, data: bytes) -> bytes:
        out = []
        while data:
            out.append(self.frame.decompress(data))
            data = self.frame.unused_data if self.frame.eof else b""
            self.fresh = self.frame.eof
            if self.fresh:
                self.frame = zstandard.ZstdDecompressor().decompressobj()
        return b"".join(out)


@contextmanager
def open_bytes(path: Path | str) -> Iterator[BinaryIO]:
    """Open a file, or stdin for ``-``, decompressed by its magic bytes.

    Raises:
        InputError: It is missing or unreadable.
        UsageError: It is stdin, and that has been read.
    """
    if str(path) == STDIO:
        with _detected(_stdin_once()) as stream:
            yield stream
        return
    try:
        raw = open(path, "rb")  # noqa: SIM115 - closed by the with below
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path) from None
    with raw, _detected(raw) as stream:
        yield stream


_stdin_read: list[object] = []


def _stdin_once() -> BinaryIO:
    """Stdin, the first time; what comes second would find it empty and blame the file."""
    if any(stream is sys.stdin for stream in _stdin_read):
        raise UsageError("stdin can be read once", hint="- can stand for one input only")
    _stdin_read[:] = [sys.stdin]
    return sys.stdin.buffer


@contextmanager
def _detected(raw: BinaryIO) -> Iterator[BinaryIO]:
    buffered = io.BufferedReader(raw, CHUNK) if not isinstance(raw, io.BufferedReader) else raw
    head = buffered.peek(6)[:6]
    kind = next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)
    stream = _decompressor(kind, buffered)
    yield stream if kind is None else _RatioGuard(stream, buffered)


class _RatioGuard(io.RawIOBase):
    """Cuts off a stream that decompresses to over a thousand times its size."""

    def __init__(self, stream: BinaryIO, raw: BinaryIO):
        self.stream = stream
        self.raw = raw
        self.given = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size if size >= 0 else CHUNK)
        self.given += len(data)
        if self.given > RATIO_FREE_BYTES and self.given > MAX_RATIO * self._consumed():
            raise InputError(f"decompresses to over {MAX_RATIO} times its size", where=self._name())
        return data

    def _consumed(self) -> int:
        try:
            return max(self.raw.tell(), 1)
        except OSError:  # A pipe cannot tell; its producer is the user's own.
            return self.given

    def _name(self) -> str:
        return str(getattr(self.raw, "name", STDIO))


@contextmanager
def open_binary_out(path: Path | str, stream: BinaryIO) -> Iterator[BinaryIO]:
    """Wrap `stream`, which `path` names, in the compressor that `path`'s suffix asks for.

    The bytes do not depend on the time or the name of the file.
    """
    match Path(path).suffix:
        case ".gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as out:
                yield out
        case ".bz2":
            with bz2.BZ2File(stream, "wb") as out:
                yield out
        case ".xz":
            with lzma.LZMAFile(stream, "wb") as out:
                yield out
        case ".zst":
            with zstandard.ZstdCompressor().stream_writer(stream, closefd=False) as out:
                yield out
        case _:
            yield stream


def raw_blocks(path: Path | str, size: int = CHUNK) -> Iterator[bytes]:
    """Yield the decompressed bytes of a file, at most `size` at a time.

    Raises:
        InputError: The file is missing, its compression is damaged, or its ratio is absurd.
    """
    with open_bytes(path) as stream:
        try:
            while block := stream.read(size):
                yield block
        except (EOFError, OSError, lzma.LZMAError, zlib.error, zstandard.ZstdError) as error:
            raise InputError(f"compressed data is damaged: {error}", where=path) from None


def raw_lines(path: Path | str) -> Iterator[tuple[int, bytes]]:
    """Yield line numbers from 1 and lines without their end, as bytes.

    A line over 1 MiB is never held whole: its first MiB and one byte is yielded, so that the
    caller sees from its length that it is malformed, and the rest is skipped.

    Raises:
        InputError: As `raw_blocks`.
    """
    yield from split_lines(raw_blocks(path))


def split_lines(blocks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """What `raw_lines` yields, of bytes that come from elsewhere, such as an archive's member."""
    number, rest, oversize = 0, b"", False
    for chunk in blocks:
        pieces = (rest + chunk).split(b"\n")
        rest = pieces.pop()
        for piece in pieces:
            number += 1
            yield number, _capped(piece, oversize)
            oversize = False
        if len(rest) > MAX_LINE_BYTES:
            rest, oversize = rest[: MAX_LINE_BYTES + 1], True
    if rest:
        yield number + 1, _capped(rest, oversize)


def _capped(line: bytes, oversize: bool) -> bytes:
    if oversize or len(line) > MAX_LINE_BYTES:
        return line[:MAX_LINE_BYTES] + b"!"
    return line.removesuffix(b"\r")


def fault_of(line: bytes) -> tuple[str, str] | None:
    """What is wrong with a raw line, as (kind, words): too long, NUL, or not UTF-8."""
    if len(line) > MAX_LINE_BYTES:
        return "too_long", "line is longer than 1 MiB"
    if b"\0" in line:
        return "nul", "NUL byte in the line"
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return "encoding", f"not UTF-8 at byte {error.start + 1} of the line"
    return None


def open_lines(path: Path | str, *, named: Path | str | None = None) -> Iterator[tuple[int, str]]:
    """Yield line numbers from 1 and lines as text; a byte order mark at the start is dropped.

    Args:
        path: The file.
        named: What an error calls it, if not by its path: a copy of stdin is stdin to the user.

    Raises:
        InputError: As `raw_lines`, or at a line that is too long, has a NUL or is not UTF-8.
    """
    for number, line in raw_lines(path):
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if fault := fault_of(line):
            raise InputError(fault[1], where=f"{named or path}:{number}")
        yield number, line.decode()
