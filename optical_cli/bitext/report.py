"""The account as `report.json`, and as a page that one reads at a glance."""

import json
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

from markupsafe import Markup

from optical_cli.bitext.account import BINS, Account
from optical_cli.bitext.charts import bars, columns
from optical_cli.bitext.identify import supported
from optical_cli.bitext.judging import Judge
from optical_cli.bitext.prepare import Outcome
from optical_cli.bitext.rules import CORPUS_RULES, RULES
from optical_cli.bitext.waterfall import in_rule_order
from optical_cli.text import canonical, language_name

FORMAT = "optical-bitext-report/1"
# Languages shown by name; the rest is summed up.
LANGUAGES_SHOWN = 12
TITLES = {
    "source": "Characters of the source",
    "target": "Characters of the target",
    "ratio": "Length ratio, scaled by the usual one",
}


def report_of(judge: Judge, outcome: Outcome) -> dict[str, Any]:
    """All that `report.json` says; nothing in it depends on the machine or the time."""
    account, profile = outcome.account, judge.profile
    totals = account.totals()
    return {
        "format": FORMAT,
        "source_lang": profile.source_lang, "target_lang": profile.target_lang,
        "length_ratio": round(profile.length_ratio, 4), "flag_only": judge.flag_only,
        "read": account.read.total(), "kept": account.kept.total(),
        "rejected": in_rule_order(totals), "flagged": in_rule_order(account.flags),
        "written": outcome.written,
        "inputs": {name: _input_report(account, name) for name in account.read},
        "rules": rule_table(judge.thresholds),
        "languages": {side: _side_report(judge, account, side) for side in ("source", "target")},
        "histograms": {name: _histogram(account, name) for name in BINS},
        "examples": {name: account.examples[name] for name in in_rule_order(_counts(account))},
    }  # fmt: skip


def _counts(account: Account) -> Counter[str]:
    return Counter({name: len(rows) for name, rows in account.examples.items()})


def _input_report(account: Account, name: str) -> dict[str, Any]:
    reasons = account.reasons.get(name, Counter())
    return {
        "read": account.read[name],
        "kept": account.kept[name],
        "rejected": in_rule_order(reasons),
    }


def rule_table(thresholds: dict[str, float]) -> list[dict[str, Any]]:
    """Every rule with what it measures and the threshold in force (null: off)."""
    return [
        {"rule": rule.name, "measures": rule.measures, "keep": rule.keep,
         "threshold": thresholds.get(rule.name), "flags": _flags(rule, thresholds)}
        for rule in (*RULES, *CORPUS_RULES)
    ]  # fmt: skip


def _flags(rule: Any, thresholds: dict[str, float]) -> bool:
    return getattr(rule, "flags", False) and rule.name not in thresholds


def _side_report(judge: Judge, account: Account, side: str) -> dict[str, Any]:
    """What the texts of a side look like, and whether anybody can tell."""
    code = judge.profile.source_lang if side == "source" else judge.profile.target_lang
    asked = f"{side}_language" in judge.thresholds
    applies = asked and canonical(code) in supported()
    found = {c: n for (s, c), n in account.languages.most_common() if s == side}
    return {"expected": canonical(code), "check_applies": applies, "asked": asked, "found": found}


def _histogram(account: Account, name: str) -> dict[str, Any]:
    before, after = account.before[name], account.after[name]
    return {"upper_ends": BINS[name], "before": before.tolist(), "after": after.tolist()}


def write_report(directory: Path, report: dict[str, Any], seconds: Counter[str]) -> None:
    """Write `report.json` and `report.html`; only the page tells how long the steps took."""
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    (directory / "report.json").write_text(text, encoding="utf-8")
    (directory / "report.html").write_text(page(report, seconds), encoding="utf-8")


def page(report: dict[str, Any], seconds: Counter[str]) -> str:
    """The HTML page: one file, nothing loaded from anywhere, all text escaped."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = files("optical_cli.bitext").joinpath("report.html.j2").read_text(encoding="utf-8")
    return environment.from_string(template).render(
        report=report,
        title=" and ".join(language_name(report[side]) for side in ("source_lang", "target_lang")),
        waterfall=_waterfall(report),
        histograms=[(TITLES[name], _columns(report, name)) for name in BINS],
        languages={
            side: _language_bars(report["languages"][side]) for side in ("source", "target")
        },
        speeds=_speeds(report, seconds),
        name=language_name,
    )


def _columns(report: dict[str, Any], name: str) -> Markup:
    # The ratio's bins are even steps of its logarithm.
    shown = (lambda end: f"{2**end:.2g}") if name == "ratio" else "{:g}".format
    return columns(report["histograms"][name], shown)


def _waterfall(report: dict[str, Any]) -> Markup:
    """Bars that begin where the one above ends, from what was read to what is left."""
    rows, left = [("read", 0, report["read"])], report["read"]
    for rule, count in report["rejected"].items():
        left -= count
        rows.append((rule, left, count))
    return bars([*rows, ("kept", 0, report["kept"])], report["read"])


def _language_bars(side: dict[str, Any]) -> Markup:
    found = sorted(side["found"].items(), key=lambda entry: (-entry[1], entry[0]))
    rows = [(language_name(code) if code else "none", 0, n) for code, n in found[:LANGUAGES_SHOWN]]
    if rest := sum(n for _, n in found[LANGUAGES_SHOWN:]):
        rows.append(("other", 0, rest))
    return bars(rows, max(sum(side["found"].values()), 1))


def _speeds(report: dict[str, Any], seconds: Counter[str]) -> list[tuple[str, float, float]]:
    """Step, processor seconds, and pairs read per second if there were this step alone."""
    steps = sorted(seconds.items(), key=lambda entry: -entry[1])
    return [(step, taken, report["read"] / taken) for step, taken in steps if taken >= 0.001]
