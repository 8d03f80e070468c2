"""Outputs that are whole or absent: a locked partial beside the target, then one rename."""

import errno
import fcntl
import os
import re
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from optical_cli.errors import DiskFull, EnvironmentFault, OpticalError, OutputError
from optical_cli.formats.streams import STDIO, open_binary_out

PARTIAL = re.compile(r"\..+\.partial")
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
# What a full disk has left at most when a library's own write fails on it.
REMNANT_BYTES = 1 << 16


def partial_path(target: Path) -> Path:
    """``.NAME.partial`` beside `target`."""
    return target.with_name(f".{target.name}.partial")


def asked_for(path: Path | str) -> Path:
    """What the user knows `path` by: ``x/a`` for ``.x.partial/a``, which is renamed at the end."""
    return Path(*(part[1:-len(".partial")] if PARTIAL.fullmatch(part) else part
                  for part in Path(path).parts))  # fmt: skip


def manifest_path(target: Path) -> Path:
    """Where the manifest of a file or a directory stands."""
    if target.is_dir():
        return target / "manifest.json"
    return target.with_name(f"{target.name}.manifest.json")


def refuse_existing(target: Path, *, overwrite: bool) -> None:
    """Raise unless `target` is free or may be replaced.

    Raises:
        OutputError: It exists and `overwrite` is off, or it is no name for an output.
        EnvironmentFault: Its parent cannot be made.
    """
    if not target.name:
        raise OutputError("is no name for an output", where=target)
    with _refused_as_fault(target):
        exists = target.exists()
    if exists and not overwrite:
        raise OutputError("exists already", where=target, hint="--overwrite replaces it")
    with _refused_as_fault(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)


def require_space(directory: Path, size: int) -> None:
    """Raise before writing `size` bytes where less is free.

    Raises:
        EnvironmentFault: The file system has too little space.
    """
    free = shutil.disk_usage(directory).free
    if free < size:
        raise DiskFull(
            f"needs {_bytes(size)} and {_bytes(free)} are free", where=asked_for(directory)
        )


def _bytes(size: int) -> str:
    unit, name = next(((u, n) for u, n in ((1e9, "GB"), (1e6, "MB")) if size >= u), (1e3, "kB"))
    return f"{size / unit:,.1f} {name}"


@contextmanager
def output_file(
    target: Path | str, *, overwrite: bool = False, manifest: Callable[[Path], str] | None = None
) -> Iterator[BinaryIO]:
    """Write one file whole or not at all, compressed by its suffix; ``-`` is stdout.

    The partial is removed if the body raises.

    Args:
        target: The file to make.
        overwrite: Replace an existing one.
        manifest: Given the whole partial, what to write into the manifest beside the target.

    Raises:
        OutputError: The target exists without `overwrite`, is a directory, or another process is
            writing it.
        EnvironmentFault: The disk is full, or the place cannot be written to.
    """
    if str(target) == STDIO:
        with no_space_as_fault("stdout"):
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        return
    target = Path(target)
    refuse_existing(target, overwrite=overwrite)
    if target.is_dir():
        raise OutputError("is a directory, and the output is a file", where=target)
    partial = partial_path(target)
    with _refused_as_fault(target):
        raw = open(partial, "a+b")  # noqa: SIM115 - closed by the with below
    with no_space_as_fault(target), raw:
        _lock(raw.fileno(), target)
        try:
            raw.truncate(0)
            partial_path(manifest_path(target)).unlink(missing_ok=True)
            with open_binary_out(target, raw) as stream:
                yield stream
            raw.flush()
            os.fsync(raw.fileno())
            if manifest:
                _write_synced(partial_path(manifest_path(target)), manifest(partial))
        except BaseException:
            partial.unlink(missing_ok=True)
            partial_path(manifest_path(target)).unlink(missing_ok=True)
            raise
        with _uninterrupted():
            _move_file(partial, target)
    _sync_directory(target.parent)


def _write_synced(path: Path, text: str) -> None:
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _move_file(partial: Path, target: Path) -> None:
    """Move the manifest first, so that no file stands under its final name without one."""
    manifest = manifest_path(target)
    described = partial_path(manifest)
    if described.exists():
        os.replace(described, manifest)
    else:
        manifest.unlink(missing_ok=True)
    os.replace(partial, target)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back within the context, for the few renames that belong together."""
    if threading.current_thread() is not threading.main_thread():  # Only that one is interrupted.
        yield
        return
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt


@contextmanager
def output_directory(
    target: Path, *, overwrite: bool = False, resume: bool = False
) -> Iterator[Path]:
    """Fill a partial directory that becomes `target` when the body ends well.

    Write the manifest last, into the partial. If the body raises, the partial goes, unless
    `resume` (then what it holds is found again by the next call).

    Args:
        target: The directory to make.
        overwrite: Replace an existing one.
        resume: Keep what an interrupted call left in the partial, and leave it there if
            interrupted again.

    Raises:
        OutputError: The target exists without `overwrite`, or another process is writing it.
        EnvironmentFault: The disk is full, or the place cannot be written to.
    """
    refuse_existing(target, overwrite=overwrite)
    partial = partial_path(target)
    with _refused_as_fault(target):
        partial.mkdir(exist_ok=True)
    handle = os.open(partial, os.O_RDONLY)
    try:
        _lock(handle, target)
        if not resume:
            empty_directory(partial)
        with no_space_as_fault(target):
            try:
                yield partial
                _sync_tree(partial)
            except BaseException:
                if not resume:
                    shutil.rmtree(partial, ignore_errors=True)
                raise
        with _uninterrupted():
            _move_directory(partial, target)
    finally:
        os.close(handle)
    _sync_directory(target.parent)


def _lock(handle: int, target: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OutputError("is being written by another process", where=target) from None


def empty_directory(directory: Path) -> None:
    """Remove what is in it."""
    for entry in directory.iterdir():
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


def _move_directory(partial: Path, target: Path) -> None:
    if target.exists():
        old = target.with_name(f".{target.name}.replaced")
        shutil.rmtree(old, ignore_errors=True)
        os.replace(target, old)
        os.replace(partial, target)
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    else:
        os.replace(partial, target)


@contextmanager
def no_space_as_fault(target: Path | str) -> Iterator[None]:
    """Turn what a full disk raises within the context into the environment's fault.

    Raises:
        EnvironmentFault: The disk that holds `target` is full.
    """
    try:
        yield
    except OpticalError:
        raise
    except Exception as error:
        if _is_no_space(error, Path(target)):
            raise DiskFull("the disk is full", where=asked_for(target)) from None
        raise


def _is_no_space(error: Exception, target: Path) -> bool:
    """Whether `error` says that the disk is full, in the way of Python, of Rust or of C++."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in NO_SPACE
    if any(os.strerror(number) in str(error) for number in NO_SPACE):
        return True
    # PyTorch's writer tells of a failed write and not why it failed.
    wrote = isinstance(error, RuntimeError | OSError) and "writ" in str(error)
    return wrote and shutil.disk_usage(target.parent).free < REMNANT_BYTES


@contextmanager
def _refused_as_fault(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE:
            raise DiskFull("the disk is full", where=asked_for(place)) from None
        raise EnvironmentFault(
            f"cannot be written: {error.strerror}", where=asked_for(place)
        ) from None


def _sync_tree(directory: Path) -> None:
    for path in directory.rglob("*"):
        if path.is_file():
            with open(path, "rb") as stream:
                os.fsync(stream.fileno())
    _sync_directory(directory)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
