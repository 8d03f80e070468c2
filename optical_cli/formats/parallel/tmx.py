"""TMX translation memories, streamed: memory does not grow with the file.

The parser is expat without external entities. A document type that only names a DTD is common
and is not loaded; one that declares entities is refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from optical_cli.errors import InputError
from optical_cli.formats.parallel.archive import member_blocks, opened
from optical_cli.formats.parallel.fields import language_of
from optical_cli.formats.parallel.records import (
    BLOCK_BYTES,
    BLOCK_RECORDS,
    Block,
    InputFile,
    Pairs,
)
from optical_cli.formats.streams import MAX_LINE_BYTES, raw_blocks

# Inside these stands markup of the original document, not text; <hi> and unknown tags hold text.
NATIVE_CODE = {"bpt", "ept", "ph", "it", "ut"}


@dataclass(frozen=True)
class TmxReader:
    """Translation units of a TMX file, plain, compressed, or a member of a zip archive."""

    name: str
    files: tuple[InputFile, ...]
    source_codes: frozenset[str]
    target_codes: frozenset[str]
    member: str | None = None
    limit: int | None = None

    def blocks(self) -> Iterator[Block]:
        """Parse the file.

        Raises:
            InputError: It is no XML, declares entities, or lacks one of the languages.
        """
        units = _Units(self.source_codes, self.target_codes, self.files[0].given)
        first = 1
        for _ in units.parse(self._bytes()):
            if len(units.ready) >= BLOCK_RECORDS or units.size >= BLOCK_BYTES:
                rows = units.take()
                yield from self._limited(Block(first, rows))
                first += len(rows)
            if self.limit is not None and first > self.limit:
                return
        if units.ready:
            yield from self._limited(Block(first, units.take()))
        units.require_both()

    def _bytes(self) -> Iterator[bytes]:
        if self.member is None:
            yield from raw_blocks(self.files[0].file)
            return
        with opened(self.files[0]) as archive:
            yield from member_blocks(archive, self.member, self.files[0])

    def _limited(self, block: Block) -> Iterator[Block]:
        if self.limit is None:
            yield block
        elif rows := block.content[: max(self.limit + 1 - block.first, 0)]:
            yield Block(block.first, rows)

    def parse(self, block: Block) -> Pairs:
        """A unit without one of the languages has a blank side."""
        pairs = Pairs()
        for record, (line, source, target) in enumerate(block.content, block.first):
            pairs.add_checked(record, line, source, target)
        return pairs


@dataclass
class _Units:
    """What expat's callbacks collect: whole units in `ready`."""

    source_codes: frozenset[str]
    target_codes: frozenset[str]
    where: str
    ready: list[tuple[int, str, str]] = field(default_factory=list)
    seen: dict[str, None] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    line: int = 0
    side: str | None = None
    pieces: list[str] | None = None
    held: int = 0
    skipping: int = 0
    size: int = 0

    def take(self) -> list[tuple[int, str, str]]:
        """The units that are whole, which are no longer held."""
        rows, self.ready, self.size = self.ready, [], 0
        return rows

    def parse(self, blocks: Iterable[bytes]) -> Iterator[None]:
        """Feed the parser block by block, yielding after each."""
        parser = self.parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._refuse_entity
        parser.ExternalEntityRefHandler = self._refuse_entity
        parser.SkippedEntityHandler = self._refuse_entity
        try:
            for block in blocks:
                parser.Parse(block, False)
                yield
            parser.Parse(b"", True)
            yield
        except expat.ExpatError as error:
            reason = expat.errors.messages.get(error.code, "malformed")
            where = f"{self.where}:{error.lineno}"
            raise InputError(f"is not well-formed XML: {reason}", where=where) from None
        except (LookupError, ValueError) as error:  # an encoding that expat does not know
            raise InputError(f"cannot be decoded: {error}", where=self.where) from None

    def _refuse_entity(self, *declaration: Any) -> None:
        where = f"{self.where}:{self.parser.CurrentLineNumber}"
        raise InputError("XML entities of its own are refused", where=where)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.skipping or (self.pieces is not None and tag in NATIVE_CODE):
            self.skipping += 1
        elif tag == "tu":
            self.line, self.texts, self.side = self.parser.CurrentLineNumber, {}, None
        elif tag == "tuv":
            self._enter(attributes.get("xml:lang") or attributes.get("lang") or "")
        elif tag == "seg":
            self.pieces, self.held = [], 0

    def _enter(self, language: str) -> None:
        code = language_of(language)
        self.seen[language] = None
        in_source, in_target = code in self.source_codes, code in self.target_codes
        self.side = "source" if in_source else "target" if in_target else None

    def _text(self, text: str) -> None:
        if self.pieces is None or self.skipping:
            return
        if self.held <= MAX_LINE_BYTES:  # One piece beyond the limit is enough to be rejected.
            self.pieces.append(text)
            self.held += len(text)

    def _end(self, tag: str) -> None:
        if self.skipping:
            self.skipping -= 1
        elif tag == "seg" and self.pieces is not None:
            if self.side and self.side not in self.texts:
                self.texts[self.side] = "".join(self.pieces)
            self.pieces = None
        elif tag == "tu":
            source, target = (self.texts.get(side, "") for side in ("source", "target"))
            self.ready.append((self.line, source, target))
            self.size += len(source) + len(target)

    def require_both(self) -> None:
        """Raise unless both languages were met.

        Raises:
            InputError: One was not; those that were are listed.
        """
        codes = {language_of(language) for language in self.seen}
        for side, wanted in (("source", self.source_codes), ("target", self.target_codes)):
            if not codes & wanted:
                present = ", ".join(sorted(self.seen)) or "none"
                names = "/".join(sorted(wanted))
                raise InputError(
                    f"has no {side} language {names}; languages present: {present}",
                    where=self.where,
                )
