"""The model card: a README that says how a model was made, from what, and how well it does."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from optical_cli.encoders.config import EncoderConfig
from optical_cli.formats.manifest import Manifest

USE = """\
```python
from optical_cli.encoders import load

encoder = load("path/to/this/folder")
vectors = encoder.encode_queries(["..."])  # one tensor [scored tokens, {dim}] per text
```
"""


def model_card(facts: Mapping[str, Any], config: EncoderConfig) -> str:
    """The text of README.md; the same facts give the same text.

    Args:
        facts: What is known; whatever is missing is left out.
            ``title``, ``summary``: a name and one paragraph.
            ``languages``: codes. ``base_model``: hub name. ``license``: identifier.
            ``command``: the subcommand that made it.
            ``settings``: name to value, or section to such a table.
            ``inputs``: dictionaries with ``path``, ``records`` and ``sha256``.
            ``scores``: dictionaries with ``measure``, ``value`` and ``on``.
            ``training``: how long it was trained. ``curves``: a picture of that, beside the card.
            ``notes``: sentences a user should know, such as limits.
        config: The encoder's own.
    """
    parts = [
        _front_matter(facts),
        f"# {facts.get('title', 'Late-interaction encoder')}\n",
        *([f"{facts['summary']}\n"] if facts.get("summary") else []),
        _section("Scores", _scores(facts.get("scores", ()))),
        _section("How it was made", _made(facts)),
        _section("From what", _inputs(facts.get("inputs", ()))),
        _section("The encoder", _encoder(config)),
        _section("Use", USE.format(dim=config.dim)),
        _section("Notes", "".join(f"- {note}\n" for note in facts.get("notes", ()))),
    ]
    return "\n".join(part for part in parts if part)


def facts_of(manifest: Manifest, **more: Any) -> dict[str, Any]:
    """The facts that a manifest knows: command, settings and inputs; `more` adds the others."""
    known = {"command": manifest.what["command"], "settings": manifest.what["settings"]}
    return known | {"inputs": manifest.lineage} | more


def _front_matter(facts: Mapping[str, Any]) -> str:
    # JSON values are YAML values, so nothing in the facts can break out of its place.
    entries = {
        "language": list(facts.get("languages", ())),
        "license": facts.get("license"),
        "base_model": facts.get("base_model"),
        "library_name": "sentence-transformers",
        "pipeline_tag": "sentence-similarity",
        "tags": ["late-interaction", "ColBERT", "cross-lingual-retrieval", "optical"],
    }
    lines = [f"{k}: {json.dumps(v, ensure_ascii=False)}\n" for k, v in entries.items() if v]
    return f"---\n{''.join(lines)}---\n"


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}" if body else ""


def _made(facts: Mapping[str, Any]) -> str:
    command = facts.get("command")
    sentences = [command and f"By `optical {command}`.", facts.get("training")]
    made = " ".join(sentence for sentence in sentences if sentence)
    curves = f"![Curves of the training]({facts['curves']})\n" if facts.get("curves") else ""
    settings = _settings(facts.get("settings", {}))
    return "\n".join(part for part in (made and f"{made}\n", curves, settings) if part)


def _scores(scores: Iterable[Mapping[str, Any]]) -> str:
    rows = [(s.get("on", ""), s["measure"], _number(s["value"])) for s in scores]
    return _table(("on", "measure", "value"), rows)


def _inputs(inputs: Iterable[Mapping[str, Any]]) -> str:
    rows = [(entry["path"], entry.get("records") or "", _hash(entry)) for entry in inputs]
    return _table(("input", "records", "SHA-256 (of a folder: of its manifest)"), rows)


def _hash(entry: Mapping[str, Any]) -> str:
    digest = entry.get("sha256") or entry.get("manifest")
    return f"`{digest[:16]}`" if digest else ""


def _settings(settings: Mapping[str, Any]) -> str:
    rows = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            rows += [(f"{name}.{inner}", _plain(entry)) for inner, entry in value.items()]
        else:
            rows.append((name, _plain(value)))
    return _table(("setting", "value"), rows)


def _encoder(config: EncoderConfig) -> str:
    masks = f"extended with [MASK] to {config.query_length}" if config.query_expansion else "no"
    rows = [
        ("width of a token vector", config.dim),
        ("linear head", "yes" if config.has_head else "no"),
        ("query length", config.query_length),
        ("passage length", config.passage_length),
        ("query expansion", masks),
        *([("query tokens weigh", _weights(config))] if _weights(config) else []),
        ("query marker", f"`{config.query_prefix}`" if config.query_prefix else "none"),
        ("passage marker", f"`{config.passage_prefix}`" if config.passage_prefix else "none"),
    ]
    return _table(("", ""), rows)


def _weights(config: EncoderConfig) -> str:
    """What the config says of them; weights by token id are seen from their file."""
    by = {"norm": "the norms of their vectors", "attention": "the attention that they receive"}
    said = [by[config.weigh_by]] if config.weigh_by else []
    return ", ".join([*said, *(["a word's pieces share"] if config.share_word_mass else [])])


def _plain(value: Any) -> str:
    """A setting's value; a manifest's entry says where it came from as well."""
    if isinstance(value, Mapping) and "value" in value:
        value = value["value"]
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value


def _number(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return ""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
