"""Noise in bitext: which kinds there are, and the mixer that puts them in.

Which pairs are hit depends on seed, kind and the pair's own text, so levels are nested. Nothing
here imports torch. The public names: `KINDS`, `Mixer`, `parse_noises`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "kinds": ["KINDS"],
        "mixer": ["Mixer"],
        "plan": ["parse_noises"],
    },
)
