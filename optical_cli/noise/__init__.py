"""Noise in bitext: which kinds there are, and the mixer that puts them in.

Which pairs are hit depends on seed, kind and the pair's own text, so levels are nested. Nothing
here imports torch. The public names: `KINDS`, `Mixer`, `parse_noises`.
"""

from optical_cli.noise.kinds import KINDS
from optical_cli.noise.mixer import Mixer
from optical_cli.noise.plan import parse_noises

__all__ = ["KINDS", "Mixer", "parse_noises"]
