"""Settings and the room itself are there before torch is."""

import subprocess
import sys


def test_neither_the_room_nor_its_settings_import_torch():
    code = (
        "import sys, optical_cli.encoders, optical_cli.encoders.settings,"
        " optical_cli.encoders.config\n"
        "loaded = {'torch', 'transformers', 'sentencepiece'} & sys.modules.keys()\n"
        "assert not loaded, loaded\n"
        "assert optical_cli.encoders.EncoderConfig(dim=3).dim == 3\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_every_name_that_the_room_offers_is_there():
    import optical_cli.encoders as room

    assert room.__all__ and all(getattr(room, name) is not None for name in room.__all__)
