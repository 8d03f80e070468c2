"""`optical prepare-bitext`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from optical_cli.bitext.settings import (
    BitextInputSettings,
    BitextOutputSettings,
    CleaningSettings,
    InputPathsSettings,
)
from optical_cli.settings import Invocation, SeedSettings

if TYPE_CHECKING:
    from optical_cli.bitext.judging import Judge
    from optical_cli.formats.parallel import ParallelReader


def prepare_bitext(
    paths: InputPathsSettings, read: BitextInputSettings, rules: CleaningSettings,
    out: BitextOutputSettings, random: SeedSettings, invocation: Invocation,
) -> None:  # fmt: skip
    """Clean parallel text, account for every rejected pair, and split it into train and dev.

    Reads Moses pairs (base.en and base.sw, also inside an OPUS zip), tab-separated pairs, TMX, JSON
    lines (those of score-bitext too) and Parquet, plain or compressed, several inputs at once.
    Writes a directory with train.tsv and dev.tsv (source, target, pair id), rejected.jsonl.zst
    (every rejected pair with its first reason), report.json and report.html.

    Examples:

        optical prepare-bitext pairs.tsv.gz -o clean --target-lang sw --columns 2,1

        optical prepare-bitext corpus.en corpus.sw more.tmx -o clean --target-lang sw --dev 500

        optical prepare-bitext scored.jsonl.zst -o cleaner --target-lang sw --keep-best 0.8
    """
    from optical_cli.bitext.prepare import Plan, prepare
    from optical_cli.bitext.rules import thresholds
    from optical_cli.bitext.rules.corpus import BEST
    from optical_cli.bitext.splitting import dev_size
    from optical_cli.formats.bitext_writing import BitextStyle
    from optical_cli.formats.outputs import output_directory

    limits = thresholds(rules.preset, rules.rule)
    if rules.cap_per_side is not None:
        limits["dup_cap"] = rules.cap_per_side
    if rules.keep_best is not None:
        limits[BEST.name] = _share(rules.keep_best)
    if out.explain:
        _explain(rules, limits)
        return
    target_lang = _require(paths, read, rules, out)
    style = BitextStyle(out.write, out.compress, read.source_lang, target_lang)
    style.check()
    dev_size(out.dev, 0)
    plan = Plan(style, out.dev, random.seed, out.workers, read.on_malformed == "fail")
    with output_directory(out.output, overwrite=out.overwrite) as directory:
        judge = _judge(paths, read, rules, limits, out.dev, directory)
        outcome = prepare(judge, plan, directory)
        _write_account(judge, outcome, rules, invocation, directory)
    _summarize(judge, outcome, rules.max_reject_share)


def _require(
    paths: InputPathsSettings, read: BitextInputSettings, rules: CleaningSettings,
    out: BitextOutputSettings,
) -> str:  # fmt: skip
    """The target language, once all is given that only ``--explain`` can do without."""
    from optical_cli.errors import UsageError

    missing = [
        name
        for name, value in (
            ("INPUT", paths.inputs), ("--output", out.output), ("--target-lang", read.target_lang),
        )
        if not value
    ]  # fmt: skip
    if missing:
        raise UsageError(f"missing {', '.join(missing)}")
    if [*paths.inputs, *map(str, rules.exclude_overlap)].count("-") > 1:
        raise UsageError("stdin can be read once", hint="- can stand for one input only")
    return read.target_lang


def _share(value: float) -> float:
    from optical_cli.errors import UsageError

    if not 0 < value <= 1:
        raise UsageError(f"--keep-best {value:g}: expected a share above 0 and at most 1")
    return value


def _judge(
    paths: InputPathsSettings, read: BitextInputSettings, rules: CleaningSettings,
    limits: dict[str, float], dev: str, directory: Path,
) -> "Judge":  # fmt: skip
    from optical_cli.bitext.judging import Judge
    from optical_cli.bitext.overlap import overlap_index
    from optical_cli.bitext.references import read_references
    from optical_cli.bitext.survey import take_profile
    from optical_cli.formats.parallel import Expected, find_readers
    from optical_cli.text import spellings

    expected = Expected(
        spellings(read.source_lang), spellings(read.target_lang), read.columns,
        None if read.format == "auto" else read.format, read.limit,
        _copies([*paths.inputs, *map(str, rules.exclude_overlap)], directory),
    )  # fmt: skip
    readers = find_readers(paths.inputs, expected)
    _require_scores(readers, limits)
    overlap = None
    if rules.exclude_overlap:
        files = rules.exclude_overlap
        overlap = overlap_index(text for file in files for text in read_references(file, expected))
    profile = take_profile(readers, read.source_lang, read.target_lang)
    # Near copies are looked for to drop them, or to keep them on one side of the split.
    sign = "dup_near" in limits or bool(float(dev))
    return Judge(readers, profile, limits, overlap, rules.flag_only, sign, rules.moses_punctuation)


def _require_scores(readers: "list[ParallelReader]", limits: dict[str, float]) -> None:
    """Raise where a rule asks for scores that an input does not bring."""
    from optical_cli.bitext.rules import SCORED
    from optical_cli.bitext.rules.alignment import parallel
    from optical_cli.errors import InputError
    from optical_cli.formats.parallel import has_scores

    asked = [name for name in limits if name in SCORED]
    for reader in readers if asked else ():
        if not has_scores(reader, [SCORED[name] for name in asked]):
            by = " --by words" if parallel.name in asked else ""
            raise InputError(
                f"its pairs have no scores, and {', '.join(asked)} asks for them",
                where=reader.files[0].given, hint=f"optical score-bitext{by} adds them",
            )  # fmt: skip


def _copies(inputs: Sequence[str], directory: Path) -> dict[str, Path]:
    """Stdin and pipes as files in the partial directory: inputs are looked at more than once."""
    import shutil
    import stat

    from optical_cli.formats.streams import STDIO

    copies = {}
    for given in inputs:
        path = Path(given)
        pipe = path.exists() and stat.S_ISFIFO(path.stat().st_mode)
        if given != STDIO and not pipe:
            continue
        copies[given] = directory / f".input-{len(copies)}"
        with copies[given].open("wb") as stream:
            source = sys.stdin.buffer if given == STDIO else path.open("rb")
            with source:
                shutil.copyfileobj(source, stream)
    return copies


def _write_account(judge, outcome, rules: CleaningSettings, invocation, directory: Path) -> None:
    from optical_cli.bitext.report import report_of, write_report
    from optical_cli.formats.manifest import file_hashes, new_manifest, write_manifest

    for copy in directory.glob(".input-*"):
        copy.unlink()
    account = outcome.account
    write_report(directory, report_of(judge, outcome), account.seconds)
    hashes = file_hashes(directory)
    # The page tells how long the steps took, so it differs between equal runs.
    page = {"report.html": hashes.pop("report.html")}
    inputs = [file.given for reader in judge.readers for file in reader.files]
    manifest = new_manifest(
        "optical-bitext/1", invocation, inputs=dict.fromkeys([*inputs, *rules.exclude_overlap]),
        counts={"read": account.read.total(), "kept": account.kept.total(), **outcome.written},
        files=hashes,
    )  # fmt: skip
    manifest.occasion["files"] = page
    manifest.occasion["seconds_by_step"] = {k: round(v, 2) for k, v in account.seconds.items()}
    write_manifest(directory, manifest)


def _summarize(judge, outcome, most: float) -> None:
    import logging

    from optical_cli.bitext.report import report_of
    from optical_cli.bitext.waterfall import waterfall_rows
    from optical_cli.console import print_table

    log = logging.getLogger(__name__)
    account = outcome.account
    read, kept = account.read.total(), account.kept.total()
    rows = [*waterfall_rows(account), *outcome.written.items()]
    print_table(None, ("pairs", "count"), [(name, f"{count:,}") for name, count in rows])
    for side, entry in report_of(judge, outcome)["languages"].items():
        if entry["asked"] and not entry["check_applies"]:
            log.info("%s language: no identifier knows %s; not checked", side, entry["expected"])
    if read - kept > most * read:
        log.warning(
            "%.0f%% of the records read were rejected; look at report.html, or change a threshold"
            " with --rule", 100 * (read - kept) / read,
        )  # fmt: skip


def _explain(rules: CleaningSettings, limits: dict[str, float]) -> None:
    """Print every rule: the threshold in force, those of the presets, and what it measures."""
    from optical_cli.bitext.report import rule_table
    from optical_cli.bitext.rules import CORPUS_RULES, RULES
    from optical_cli.bitext.settings import PRESETS

    rows = [("rule", "kept if", "now", *PRESETS, "measures")]
    for rule, entry in zip((*RULES, *CORPUS_RULES), rule_table(limits), strict=True):
        values = [entry["threshold"], *(rule.thresholds[preset] for preset in PRESETS)]
        shown = ["marks" if entry["flags"] else _shown(value) for value in values]
        rows.append((rule.name, rule.keep, *shown, rule.measures))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip())


def _shown(threshold: float | None) -> str:
    return "off" if threshold is None else f"{threshold:g}"
