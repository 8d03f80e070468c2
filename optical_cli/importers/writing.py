"""What every import writes: collections, queries, judgements, bitext, and the license."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from optical_cli.errors import InputError
from optical_cli.formats.streams import MAX_LINE_BYTES
from optical_cli.text import clean

# The name of a collection's first line, where it has a title: our readers go by these names.
TITLED = "id\ttitle\ttext\n"


class Writer:
    """Writes the files of one import and counts what went in and what was left out.

    Attributes:
        counts: Records of each file.
        left_out: Records that were not written, by the reason.
        terms: Lines for the license, where it depends on the part that was imported.
        downloads: What the manifest says of files that another package fetched.
    """

    def __init__(self, directory: Path):
        self.directory = directory
        self.counts: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.terms: list[str] = []
        self.downloads: list[dict[str, str]] = []

    @contextmanager
    def texts(self, name: str) -> Iterator[Callable[[str, str], bool]]:
        """A file of ids and texts; the text of a record is put on one line.

        What is yielded adds a record; it returns False, and counts the record as left out, where
        there is no text.
        """
        with self._file(name) as write:

            def add(record_id: str, text: str) -> bool:
                line = self._line(name, text)
                if not line:
                    return False
                write(f"{_identifier(record_id)}\t{line}\n")
                return True

            yield add

    @contextmanager
    def titled(self, name: str) -> Iterator[Callable[[str, str, str], bool]]:
        """As `texts`, with a title that our readers put before the text.

        A record with a title alone has it for its text: it may be judged, and is found by it.
        """
        with self._file(name, TITLED) as write:

            def add(record_id: str, title: str, text: str) -> bool:
                head, body = one_line(title), one_line(text)
                line = f"{head}\t{body}" if body else f"\t{head}"
                if not self._line(name, line):
                    return False
                write(f"{_identifier(record_id)}\t{line}\n")
                return True

            yield add

    def _line(self, name: str, text: str) -> str:
        """The text on one line; an empty one is counted as left out."""
        line = one_line(text)
        if not line:
            self.left_out[f"{name}: no text"] += 1
        return line

    @contextmanager
    def qrels(self, name: str) -> Iterator[Callable[[str, str, int], None]]:
        """A TREC file of judgements."""
        with self._file(name) as write:

            def add(query_id: str, doc_id: str, relevance: int) -> None:
                write(f"{_identifier(query_id)} 0 {_identifier(doc_id)} {relevance}\n")

            yield add

    @contextmanager
    def bitext(self, name: str) -> Iterator[Callable[[str, str], None]]:
        """A file of sentence pairs; a pair with a blank side is left out and counted."""
        with self._file(name) as write:

            def add(source: str, target: str) -> None:
                sides = one_line(source), one_line(target)
                if not all(sides):
                    self.left_out[f"{name}: a side is blank"] += 1
                    return
                write("\t".join(sides) + "\n")

            yield add

    @contextmanager
    def rows(self, name: str) -> Iterator[Callable[..., None]]:
        """Any other tab-separated table."""
        with self._file(name) as write:
            yield lambda *cells: write("\t".join(one_line(cell) for cell in cells) + "\n")

    def note(self, name: str, text: str) -> None:
        """A small file of plain words."""
        (self.directory / name).write_text(text, encoding="utf-8")

    @contextmanager
    def _file(self, name: str, header: str = "") -> Iterator[Callable[[str], None]]:
        path = self.directory / name
        if path.exists():
            raise InputError(f"two files of the copy would both become {name}")
        with open(path, "x", encoding="utf-8", newline="\n") as stream:
            stream.write(header)

            def write(line: str) -> None:
                if len(line) > MAX_LINE_BYTES // 4 and len(line.encode()) > MAX_LINE_BYTES:
                    self.left_out[f"{name}: longer than 1 MiB"] += 1
                    return
                try:
                    stream.write(line)
                except UnicodeEncodeError:  # A JSON escape can smuggle in half a surrogate pair.
                    self.left_out[f"{name}: no valid Unicode"] += 1
                    return
                self.counts[name] += 1

            yield write
        if not self.counts[name]:
            path.unlink()


def one_line(text: str) -> str:
    """`text` in the form in which sentences are stored here: NFC, one space between words."""
    return clean(text)


def _identifier(name: str) -> str:
    if name.split() != [name]:
        raise InputError(f"id {name!r} is blank or holds white space")
    return name
