"""A copy of a data set, read alike whether it is a folder, an archive, a file or downloads.

Nothing is extracted: members of archives are read where they lie, and names that lead out of an
archive are refused.
"""

import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from optical_cli.errors import InputError
from optical_cli.formats.parallel.archive import member_blocks, opened
from optical_cli.formats.parallel.records import InputFile
from optical_cli.formats.streams import (
    CHUNK,
    MAX_RATIO,
    RATIO_FREE_BYTES,
    fault_of,
    raw_blocks,
    split_lines,
)

COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz")
ZIP_MAGIC = b"PK\x03\x04"
# A JSON document is one value and has to be held whole.
MAX_DOCUMENT_BYTES = 1 << 30


@dataclass(frozen=True)
class Member:
    """One file of a copy.

    Attributes:
        name: Its path within the copy, without a suffix of compression.
        where: How errors call it.
        file: The file on disk that it lies in.
        blocks: Reads its bytes from the beginning.
    """

    name: str
    where: str
    file: Path
    blocks: Callable[[], Iterator[bytes]]

    def lines(self) -> Iterator[tuple[int, str]]:
        """Line numbers from 1 and lines as text; a byte order mark at the start is dropped.

        Raises:
            InputError: It is damaged, or a line is too long, has a NUL or is not UTF-8.
        """
        for number, line in split_lines(self.blocks()):
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if fault := fault_of(line):
                raise InputError(fault[1], where=f"{self.where}:{number}")
            yield number, line.decode()

    def rows(self, count: int) -> Iterator[tuple[int, list[str]]]:
        """Lines of exactly `count` tab-separated fields.

        Raises:
            InputError: As `lines`, or a line has another number of fields.
        """
        for number, line in self.lines():
            row = line.split("\t")
            if len(row) != count:
                raise InputError(
                    f"expected {count} tab-separated fields, found {len(row)}",
                    where=f"{self.where}:{number}",
                )
            yield number, row

    def whole(self) -> bytes:
        """All of its bytes.

        Raises:
            InputError: It is damaged or over 1 GiB.
        """
        data = bytearray()
        for block in self.blocks():
            data += block
            if len(data) > MAX_DOCUMENT_BYTES:
                raise InputError("is larger than 1 GiB", where=self.where)
        return bytes(data)


class Source:
    """The members of a copy by name; remembers which files of the disk were asked for.

    Raises:
        InputError: Two members have one name, such as a file and its compressed form.
    """

    def __init__(self, where: str, members: Iterable[Member]):
        self.where = where
        self.members: dict[str, Member] = {}
        for member in members:
            if member.name in self.members:
                raise InputError(f"holds {member.name} twice, maybe compressed", where=where)
            self.members[member.name] = member
        self.used: dict[Path, None] = {}

    def matching(self, pattern: str) -> dict[tuple[str, ...], Member]:
        """Members whose last path components match `pattern`, by its groups.

        Raises:
            InputError: Two members are the same part of the set.
        """
        found: dict[tuple[str, ...], Member] = {}
        for name, member in sorted(self.members.items()):
            match = re.search(rf"(?:^|/){pattern}$", name)
            if match is None:
                continue
            if match.groups() in found:
                twice = f"{found[match.groups()].name} and {name}"
                raise InputError(f"{twice} are the same part", where=self.where)
            found[match.groups()] = member
        return found

    def use(self, member: Member) -> Member:
        """`member`, of which the manifest will tell."""
        self.used[member.file] = None
        return member


def open_copy(given: str, path: Path) -> Source:
    """The copy at `path`, which the user called `given`.

    Raises:
        InputError: It is missing, or an archive of it cannot be read safely.
    """
    if path.is_dir():
        return Source(given, _folder_members(given, path))
    if not path.is_file():
        raise InputError("does not exist", where=given)
    return Source(given, members_of(path.name, given, path))


def _folder_members(given: str, root: Path) -> list[Member]:
    """Files of a folder, and those in its archives unless they lie unpacked beside them."""
    members, archives = [], []
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        name = path.relative_to(root).as_posix()
        where = str(Path(given) / name)
        if name.lower().endswith(ARCHIVES):
            archives.append(members_within(name, where, path))
        else:
            members.append(_file(name, where, path))
    unpacked = {PurePosixPath(member.name).name for member in members}
    for packed in archives:
        if any(PurePosixPath(member.name).name not in unpacked for member in packed):
            members += packed
    return members


def members_within(name: str, where: str, path: Path) -> list[Member]:
    """As `members_of`, those of an archive below its name: archives may hold files of one name."""
    members = members_of(name, where, path)
    if len(members) == 1 and members[0].where == where:
        return members
    return [replace(member, name=f"{name}/{member.name}") for member in members]


def members_of(name: str, where: str, path: Path) -> list[Member]:
    """A file as one member, or an archive as its members.

    Raises:
        InputError: It is an archive that cannot be read safely, or at all.
    """
    if zipfile.is_zipfile(path):
        return _zip_members(where, path)
    if tarfile.is_tarfile(path):
        return _tar_members(where, path)
    _refuse_damaged(name, where, path)
    return [_file(name, where, path)]


def _refuse_damaged(name: str, where: str, path: Path) -> None:
    """Raise for what begins as an archive, or is called one, and cannot be read as one."""
    with open(path, "rb") as stream:
        head = stream.read(len(ZIP_MAGIC))
    if head == ZIP_MAGIC:
        fault = "is a zip archive that is cut off or damaged: its list of contents is missing"
    elif name.lower().endswith(ARCHIVES):
        fault = "is an archive by its name, but cut off, damaged or something else"
    else:
        return
    raise InputError(fault, where=where, hint="fetch it again, whole")


def _plain(name: str) -> str:
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) if suffix in COMPRESSED else name


def _file(name: str, where: str, path: Path) -> Member:
    def blocks() -> Iterator[bytes]:
        try:
            yield from raw_blocks(path)
        except InputError as error:  # Downloads lie where the user does not know.
            raise InputError(str(error).removeprefix(f"{path}: "), where=where) from None

    return Member(_plain(name), where, path, blocks)


def _zip_members(where: str, path: Path) -> list[Member]:
    file = InputFile(where, str(path))

    def reader(name: str) -> Callable[[], Iterator[bytes]]:
        def blocks() -> Iterator[bytes]:
            with opened(file) as archive:
                yield from member_blocks(archive, name, file)

        return blocks

    with opened(file) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
    return [Member(name, f"{where}:{name}", path, reader(name)) for name in names]


def _tar_members(where: str, path: Path) -> list[Member]:
    def reader(name: str) -> Callable[[], Iterator[bytes]]:
        def blocks() -> Iterator[bytes]:
            with _damage_told(where), tarfile.open(path) as archive:
                stream = archive.extractfile(name)
                while block := stream.read(CHUNK):
                    yield block

        return blocks

    members, size = [], 0
    with _damage_told(where), tarfile.open(path) as archive:
        for info in archive:
            _refuse_leading_out(info.name, where)
            size += info.size
            if size > max(RATIO_FREE_BYTES, MAX_RATIO * path.stat().st_size):
                raise InputError(f"decompresses to over {MAX_RATIO} times its size", where=where)
            if info.isfile():  # Links and devices are nobody's data.
                members.append(Member(info.name.removeprefix("./"), f"{where}:{info.name}", path,
                                      reader(info.name)))  # fmt: skip
    return members


def _refuse_leading_out(name: str, where: str) -> None:
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
        raise InputError(f"a member's name leads out of the archive: {name!r}", where=where)


class _damage_told:
    """Turns what a damaged archive raises into an input's fault."""

    def __init__(self, where: str):
        self.where = where

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind, error, trace) -> None:
        if isinstance(error, tarfile.TarError | EOFError | OSError):
            raise InputError(f"archive is damaged: {error}", where=self.where) from None
