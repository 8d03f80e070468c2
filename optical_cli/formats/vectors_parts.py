"""A part of a vector set: the token vectors of some thousand passages, packed end to end.

tokens.npy      every token's vector, one after another, in the set's encoding
scales.npy      a float32 per token, with int8 only
offsets.npy     int64: passage i has the tokens offsets[i] to offsets[i + 1]
ids.txt         one id a line; id_ends.npy says where each ends
windows.npy     int64, only where long documents were cut into windows: document i has the
windows windows[i] to windows[i + 1], and offsets counts windows
part.json       counts and hashes; written last, so that it means complete
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from optical_cli.errors import InputError, NumericalError
from optical_cli.formats.manifest import sha256
from optical_cli.formats.vectors_arrays import GrowingArray, map_array
from optical_cli.formats.vectors_encodings import Encoding
from optical_cli.formats.vectors_ids import Ids, IdWriter

SUMMARY = "part.json"


@dataclass(frozen=True)
class PartSummary:
    """What is in a part.

    Attributes:
        name: Its folder.
        records: Passages or queries.
        entries: Rows of offsets: windows where documents were cut, else the same as records.
        tokens: Token vectors.
        cut: Records that lost tokens to the length limit.
        files: SHA-256 by file name.
    """

    name: str
    records: int
    entries: int
    tokens: int
    cut: int
    files: dict[str, str]

    def text(self) -> str:
        """The JSON that is written."""
        return json.dumps(asdict(self), indent=2) + "\n"

    def all_files(self) -> dict[str, str]:
        """SHA-256 of every file of the part, this summary included, by path from the set."""
        own = hashlib.sha256(self.text().encode()).hexdigest()
        return {f"{self.name}/{name}": h for name, h in {**self.files, SUMMARY: own}.items()}

    @classmethod
    def read(cls, folder: Path) -> "PartSummary | None":
        """The summary of a complete part, or None where there is none."""
        try:
            return cls(**json.loads((folder / SUMMARY).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            raise InputError("is not a summary of ours", where=folder / SUMMARY) from None


class PartWriter:
    """Writes one part, record by record, in memory that does not grow."""

    def __init__(self, folder: Path, encoding: Encoding, dim: int, *, windows: bool = False):
        """Start an empty part.

        Args:
            folder: Where; it is made.
            encoding: How vectors are stored.
            dim: Their width.
            windows: Whether records may consist of several windows.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.encoding = encoding
        self.ids = IdWriter(folder)
        rows = encoding.arrays(dim)
        self.arrays = {
            name: GrowingArray(folder / f"{name}.npy", dtype, row)
            for name, (dtype, row) in rows.items()
        }
        self.offsets = self._running(folder / "offsets.npy")
        self.windows = self._running(folder / "windows.npy") if windows else None
        self.records = self.entries = self.tokens = 0

    @staticmethod
    def _running(path: Path) -> GrowingArray:
        array = GrowingArray(path, np.int64)
        array.append(np.zeros(1))
        return array

    def append(
        self,
        ids: Sequence[str],
        lengths: Int[np.ndarray, " entry"],
        vectors: Float[np.ndarray, "token dim"],
        windows: Int[np.ndarray, " record"] | None = None,
    ) -> None:
        """Add records.

        Args:
            ids: Their ids.
            lengths: Tokens of each window (of each record, without windows).
            vectors: All their tokens.
            windows: Windows of each record.

        Raises:
            NumericalError: A vector is not finite.
        """
        self._require_finite(ids, lengths, vectors, windows)
        for name, rows in self.encoding.encode(vectors).items():
            self.arrays[name].append(rows)
        self.offsets.append(self.tokens + np.cumsum(lengths))
        if self.windows is not None:
            self.windows.append(self.entries + np.cumsum(windows))
        self.ids.append(ids)
        self.records += len(ids)
        self.entries += len(lengths)
        self.tokens += len(vectors)

    @staticmethod
    def _require_finite(ids, lengths, vectors, windows) -> None:
        finite = np.isfinite(vectors).all(axis=1)
        if finite.all():
            return
        entry = int(np.searchsorted(np.cumsum(lengths), np.argmin(finite), side="right"))
        record = entry if windows is None else np.searchsorted(np.cumsum(windows), entry, "right")
        raise NumericalError(f"the model's vectors of {ids[record]} are not finite")

    def close(self, cut: int = 0) -> PartSummary:
        """Finish the part, of which `cut` records lost tokens, and say what is in it."""
        growing = [*self.arrays.values(), self.offsets, self.ids, self.windows]
        for array in growing:
            if array is not None:
                array.close()
        return write_summary(self.folder, self.records, self.entries, self.tokens, cut)


def write_summary(
    folder: Path, records: int, entries: int, tokens: int, cut: int = 0
) -> PartSummary:
    """Hash what is in `folder`, and say that it is complete."""
    names = sorted(p.name for p in folder.iterdir() if not p.name.endswith((SUMMARY, ".partial")))
    files = {name: sha256(folder / name) for name in names}
    summary = PartSummary(folder.name, records, entries, tokens, cut, files)
    partial = folder / f".{SUMMARY}.partial"
    partial.write_text(summary.text(), encoding="utf-8")
    partial.replace(folder / SUMMARY)
    return summary


class Part:
    """A part as it is read: nothing is loaded but what is asked for.

    Attributes:
        arrays: The token arrays by name, mapped.
        offsets: Where each window (without windows: each record) starts and ends.
        windows: Where each record's windows start and end, or None.
        ids: The records' ids.
    """

    def __init__(self, folder: Path, array_names: Sequence[str]):
        """Map the files in `folder`.

        Raises:
            InputError: One is missing or cut short, or they do not agree.
        """
        self.folder = folder
        self.arrays = {name: map_array(folder / f"{name}.npy") for name in array_names}
        self.offsets = map_array(folder / "offsets.npy")
        has_windows = (folder / "windows.npy").is_file()
        self.windows = map_array(folder / "windows.npy") if has_windows else None
        self.ids = Ids(folder)
        self._require_agreement()

    @property
    def records(self) -> int:
        """How many passages or queries it holds."""
        return len(self.ids)

    @property
    def entries(self) -> int:
        """How many windows; records where nothing was cut."""
        return len(self.offsets) - 1

    @property
    def tokens(self) -> int:
        """How many token vectors."""
        return int(self.offsets[-1])

    @cached_property
    def record_starts(self) -> Int[np.ndarray, " record_and_one"]:
        """Where each record's tokens start; one more than there are records."""
        return self.offsets if self.windows is None else self.offsets[self.windows]

    def rows(self, start: int, stop: int) -> dict[str, np.ndarray]:
        """The stored arrays of some tokens."""
        return {name: array[start:stop] for name, array in self.arrays.items()}

    def _require_agreement(self) -> None:
        entries = self.records if self.windows is None else int(self.windows[-1])
        if self.entries != entries:
            raise InputError(f"has {entries} ids or windows, {self.entries} offsets",
                             where=self.folder)  # fmt: skip
        for name, array in self.arrays.items():
            if len(array) != self.tokens:
                raise InputError(f"{name}.npy has {len(array)} rows, offsets end at {self.tokens}",
                                 where=self.folder)  # fmt: skip
