"""A trained model as a folder: weights, curves, card, manifest."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optical_cli.encoders.card import facts_of, model_card
from optical_cli.encoders.config import MODEL_FORMAT
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.formats.manifest import file_hashes, new_manifest, write_manifest
from optical_cli.settings import Invocation
from optical_cli.training.loop.curves import draw_curves
from optical_cli.training.loop.fitting import Outcome
from optical_cli.training.loop.runs import METRICS, TRANSIENT

CURVES = "curves.png"


def save_model(
    model: LateInteractionEncoder,
    folder: Path,
    outcome: Outcome,
    invocation: Invocation,
    *,
    inputs: list[Path | str],
    card: Mapping[str, Any],
    precision: str,
    **facts: Any,
) -> None:
    """Write the model's files, its curves, its card, and last its manifest into `folder`.

    Args:
        model: What was trained.
        folder: The run's directory.
        outcome: How the run went.
        invocation: The command.
        inputs: What was read.
        card: Facts for the model card beyond those of the manifest.
        precision: What the encoder was computed in.
        facts: What else identifies the result.
    """
    state = outcome.state
    counts = {"steps": state.step, "rows": state.rows}
    selected = state.step if state.best_step is None else state.best_step
    manifest = new_manifest(
        MODEL_FORMAT, invocation, inputs=inputs, counts=counts, signature=model.signature(),
        selected_step=selected, scores=dict(outcome.scores), precision=precision, **facts,
    )  # fmt: skip
    scores = [{"measure": n, "value": v, "on": "dev"} for n, v in outcome.scores.items()]
    training = (
        f"{state.step:,} steps over {state.rows:,} rows in {precision}; these are the weights of"
        f" step {selected:,}."
    )
    known = facts_of(manifest, scores=scores, training=training, curves=CURVES, **card)
    model.save(folder, card=model_card(known, model.config))
    draw_curves(folder / METRICS, folder / CURVES)
    manifest.what["files"] = _lasting(file_hashes(folder))
    manifest.occasion["rows_per_second"] = round(outcome.speed.rows_per_second, 1)
    manifest.occasion["tokens_per_second"] = round(outcome.speed.tokens_per_second)
    manifest.occasion["cpu_seconds_in_steps"] = round(outcome.speed.cpu_seconds, 2)
    write_manifest(folder, manifest)


def _lasting(files: Mapping[str, str]) -> dict[str, str]:
    """Without those that `training_run` removes at the end."""
    return {name: digest for name, digest in files.items() if name.split("/")[0] not in TRANSIENT}
