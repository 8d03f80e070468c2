"""The lines of ``rejected.jsonl.zst``."""

import json
from collections.abc import Sequence
from typing import Any

from optical_cli.formats.parallel import Malformed

# json.dumps makes a new encoder at every call that does not take its defaults.
_encode = json.JSONEncoder(ensure_ascii=False).encode


def account_row(
    pair_id: str, input_name: str, line: int, rule: str, value: Any, threshold: float | None,
    source: str, target: str, *, duplicate_of: str | None = None, query_id: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One rejected or marked pair."""
    return {
        "id": pair_id, "input": input_name, "line": line, "rule": rule, "value": value,
        "threshold": threshold, "source": source, "target": target,
        "duplicate_of": duplicate_of, "query_id": query_id,
    }  # fmt: skip


def malformed_row(name: str, entry: Malformed) -> dict[str, Any]:
    """A record that gave no pair; its value is what is wrong, in words."""
    return account_row(
        f"{name}:{entry.record}", name, entry.line, entry.rule, entry.reason, None,
        entry.source, entry.target,
    )  # fmt: skip


def json_lines(rows: Sequence[dict[str, Any]]) -> bytes:
    """One JSON object a line."""
    return "".join([_encode(row) + "\n" for row in rows]).encode()
