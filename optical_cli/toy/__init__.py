"""The embedded two-language world: English and Swahili from one grammar, for trying and testing.

- `ToySettings` says how large the world is, `build_world` makes it, `write_world` writes its files.
- `World` has the passages, queries, triples, raw bitext with the kind of dirt of every line, and
  sentence pairs with their true word alignment.
"""

from optical_cli.toy.settings import ToySettings
from optical_cli.toy.world import World, build_world, write_world

__all__ = ["ToySettings", "World", "build_world", "write_world"]
