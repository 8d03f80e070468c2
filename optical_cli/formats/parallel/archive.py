"""The parallel text inside a zip archive, read member by member and never extracted."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from optical_cli.errors import InputError
from optical_cli.formats.parallel.fields import language_of
from optical_cli.formats.parallel.lines import paired_blocks, parse_paired
from optical_cli.formats.parallel.records import Block, InputFile, Pairs
from optical_cli.formats.streams import CHUNK, MAX_RATIO, RATIO_FREE_BYTES, split_lines


@dataclass(frozen=True)
class ZipReader:
    """A Moses pair inside a zip: the members of source and target."""

    name: str
    files: tuple[InputFile, ...]
    members: tuple[str, str]
    limit: int | None = None

    def blocks(self) -> Iterator[Block]:
        """Read both members in step.

        Raises:
            InputError: They are damaged, or one has more lines than the other.
        """
        file = self.files[0]
        with opened(file) as archive:
            streams = [split_lines(member_blocks(archive, m, file)) for m in self.members]
            names = tuple(f"{file.given}:{member}" for member in self.members)
            yield from paired_blocks(*streams, names, self.limit)

    def parse(self, block: Block) -> Pairs:
        """Decode both sides; a line at fault is set aside alone."""
        return parse_paired(block)


@contextmanager
def opened(file: InputFile) -> Iterator[zipfile.ZipFile]:
    """The archive, once its names and sizes are known to be harmless.

    Raises:
        InputError: It is damaged, a name leads out of it, or a member's ratio is absurd.
    """
    try:
        archive = zipfile.ZipFile(file.file)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(f"is not a zip archive: {error}", where=file.given) from None
    with archive:
        for member in archive.infolist():
            _refuse_unsafe(member, file.given)
        yield archive


def _refuse_unsafe(member: zipfile.ZipInfo, where: str) -> None:
    name = member.filename
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
        raise InputError(f"a member's name leads out of the archive: {name!r}", where=where)
    absurd = member.file_size > MAX_RATIO * max(member.compress_size, 1)
    if absurd and member.file_size > RATIO_FREE_BYTES:
        raise InputError(f"{name} decompresses to over {MAX_RATIO} times its size", where=where)


def member_blocks(archive: zipfile.ZipFile, member: str, file: InputFile) -> Iterator[bytes]:
    """The bytes of one member.

    Raises:
        InputError: It is damaged or encrypted.
    """
    # zipfile reads no more than the size that the archive declares, which was looked at above.
    try:
        with archive.open(member) as stream:
            while block := stream.read(CHUNK):
                yield block
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise InputError(f"cannot be read: {error}", where=f"{file.given}:{member}") from None


def find_pairs(
    names: list[str], source_codes: frozenset[str], target_codes: frozenset[str]
) -> list[tuple[str, str]]:
    """Members that differ in nothing but the language at their end: OPUS's ``Corpus.en-sw.en``."""
    sides: dict[str, dict[str, str]] = {}
    for name in sorted(names):
        path = PurePosixPath(name)
        code = language_of(path.suffix[1:])
        side = "source" if code in source_codes else "target" if code in target_codes else None
        if side:
            sides.setdefault(str(path.with_suffix("")), {}).setdefault(side, name)
    return [(pair["source"], pair["target"]) for pair in sides.values() if len(pair) == 2]
