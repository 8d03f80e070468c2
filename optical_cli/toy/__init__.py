"""The embedded two-language world: English and Swahili from one grammar, for trying and testing.

- `ToySettings` says how large the world is, `build_world` makes it, `write_world` writes its files.
- `World` has the passages, queries, triples, raw bitext with the kind of dirt of every line, and
  sentence pairs with their true word alignment.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "settings": ["ToySettings"],
        "world": ["World", "build_world", "write_world"],
    },
)
