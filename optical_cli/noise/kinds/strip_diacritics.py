"""``strip-diacritics``: what a keyboard without accents writes."""

import unicodedata

import numpy as np

from optical_cli.noise.chance import some
from optical_cli.noise.kind import text_kind
from optical_cli.text import graphemes, nfc


@text_kind("strip-diacritics", intensity=1.0, share="marked letters stripped")
def strip_diacritics(text: str, chance: np.random.Generator, intensity: float) -> str:
    """Letters lose their nonspacing marks (Unicode category Mn after canonical decomposition), each
    with the probability of the intensity, at least one. So do vowel signs of Indic scripts and
    Thai, as in a BERT that strips accents; letters such as Vietnamese đ do not decompose and stay.
    """
    clusters = graphemes(text)
    bare = [_bare(cluster) for cluster in clusters]
    places = [n for n, cluster in enumerate(clusters) if bare[n] != nfc(cluster)]
    hit = some(chance.random(len(places)), intensity)
    for place, stripped in zip(places, hit.tolist(), strict=True):
        clusters[place] = bare[place] if stripped else clusters[place]
    return "".join(clusters)


def _bare(cluster: str) -> str:
    parts = unicodedata.normalize("NFD", cluster)
    return nfc("".join(part for part in parts if unicodedata.category(part) != "Mn"))
