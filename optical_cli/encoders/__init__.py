"""Late-interaction encoders: loading, tokens, MaxSim, saving, and small ones from scratch.

Example::

    encoder = load("work/teacher")
    queries = encoder.encode_queries(["who built the first railway?"])  # [scored tokens, dim]
    passages = encoder.encode_passages(["The first railway ..."])
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "adapt": ["weighing_by", "with_head", "with_token_weights", "with_vocabulary"],
        "bulk": ["PackedVectors", "encode_in_bulk"],
        "card": ["model_card"],
        "config": ["EncoderConfig"],
        "devices": ["autocast", "choose_device", "resolve_dtype"],
        "diagnostics": ["PieceReport", "count_pieces"],
        "layout": ["load", "save"],
        "model": ["LateInteractionEncoder"],
        "scoring": ["maxsim", "maxsim_each"],
        "scratch": ["new_encoder", "train_vocabulary"],
        "tokens": ["Row", "Side", "TokenBatch"],
    },
)
