"""Which named fields of a record hold the two sides: JSON objects and Parquet columns."""

from collections.abc import Iterable, Sequence

from optical_cli.errors import InputError, UsageError

Path = tuple[str, ...]
# Besides the languages' own codes, by which the Hugging Face `translation` object goes.
USUAL_NAMES = (("source", "target"), ("src", "tgt"), ("src_text", "tgt_text"), ("text_a", "text_b"))


def find_fields(
    known: Sequence[Path],
    columns: str | None,
    source_codes: Iterable[str],
    target_codes: Iterable[str],
    where: str,
) -> tuple[Path, Path]:
    """The fields of source and target among the paths that a record has.

    Args:
        known: Field names from the outermost in, such as ``("translation", "en")``.
        columns: The value of ``--columns``: two names, with dots between levels; or None.
            Column numbers are for other inputs.
        source_codes: Spellings of the source language.
        target_codes: Spellings of the target language.
        where: The file, for the error.

    Raises:
        InputError: A field is not there; those that are are listed.
        UsageError: `columns` is not two names.
    """
    # Numbers are for the tab-separated inputs beside this one.
    if columns is not None and not columns.replace(",", "").replace(" ", "").isdigit():
        return _named(known, columns, where)
    sides = (_by_code(known, source_codes), _by_code(known, target_codes))
    if sides[0] and sides[1]:
        return sides
    for source, target in USUAL_NAMES:
        if (source,) in known and (target,) in known:
            return (source,), (target,)
    raise InputError(
        f"no fields for the two languages among {_listed(known)}", where=where,
        hint="name them with --columns SOURCE,TARGET",
    )  # fmt: skip


def _named(known: Sequence[Path], columns: str, where: str) -> tuple[Path, Path]:
    names = [name.strip() for name in columns.split(",")]
    if len(names) != 2 or not all(names):
        raise UsageError(f"--columns {columns}: expected two field names such as en,sw")
    by_name = {".".join(path): path for path in known}
    for name in names:
        if name not in by_name:
            raise InputError(f"there is no field {name}; there are {_listed(known)}", where=where)
    return by_name[names[0]], by_name[names[1]]


def _by_code(known: Sequence[Path], codes: Iterable[str]) -> Path | None:
    codes = set(codes)
    found = (path for path in known if language_of(path[-1]) in codes)
    # The translation object, if there is one, is meant before a column that is called alike.
    return max(found, key=lambda path: "translation" in path, default=None)


def language_of(code: str) -> str:
    """``en`` of ``en-US``, ``en_us`` or ``EN``."""
    return code.strip().lower().replace("_", "-").partition("-")[0]


def _listed(known: Sequence[Path]) -> str:
    return ", ".join(".".join(path) for path in known[:20]) or "none"
