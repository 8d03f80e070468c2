"""Encoders in the layouts of other programs."""

import logging
from pathlib import Path

from optical_cli.encoders import stanford
from optical_cli.encoders.layout import save
from optical_cli.encoders.model import LateInteractionEncoder

log = logging.getLogger(__name__)


def export(
    encoder: LateInteractionEncoder, layout: str, folder: Path, *, card: str | None = None
) -> None:
    """Write `encoder` into an existing empty folder in another program's layout.

    Neither program knows token weights, what to make of words that are met for the first time, or
    where words are in scripts without spaces; warnings say so, for its rankings will differ.

    Args:
        encoder: What to export.
        layout: sentence-transformers or stanford.
        folder: Where.
        card: Text of README.md.

    Raises:
        InputError: The layout cannot express the encoder.
    """
    if encoder.weighs_tokens:
        log.warning("other programs ignore token weights, so their rankings will differ")
    if encoder.known_words is not None and encoder.known_words.min_similarity is not None:
        log.warning("other programs split words that are no tokens, also those spelt like tokens")
    if encoder.segmenter is not None:
        log.warning(
            "other programs do not tell words in scripts without spaces: queries have to go through"
            " `optical segment` first"
        )
    if layout == "stanford":
        stanford.write(encoder, folder, card=card)
    else:
        save(encoder, folder, card=card)
