"""`optical init-model`."""

from optical_cli.encoders.settings import ScratchSettings, VocabularySettings
from optical_cli.settings import DirectoryOutputSettings, Invocation, SeedSettings


def init_model(
    vocabulary: VocabularySettings, size: ScratchSettings, out: DirectoryOutputSettings,
    random: SeedSettings, invocation: Invocation,
) -> None:  # fmt: skip
    """Make a small encoder of random weights over a vocabulary learned from text.

    Reads plain text or tab-separated files. Trains a SentencePiece vocabulary on them and writes a
    directory with the encoder, which transformers loads: for work without a network, and for
    tests. The same texts, sizes and seed give the same bytes.

    Examples:

        optical init-model --text clean/train.tsv --text collection.tsv -o model

        optical init-model --text text.txt.gz -o tiny --vocab-size 2000 --hidden 64
    """
    from optical_cli.console import print_table
    from optical_cli.encoders.card import facts_of, model_card
    from optical_cli.encoders.config import MODEL_FORMAT
    from optical_cli.encoders.scratch import encoder_from_texts
    from optical_cli.encoders.texts import sample_texts
    from optical_cli.formats.manifest import file_hashes, new_manifest, write_manifest
    from optical_cli.formats.outputs import output_directory

    with output_directory(out.output, overwrite=out.overwrite) as directory:
        texts = sample_texts(vocabulary, random.seed)
        encoder = encoder_from_texts(texts, vocabulary, size, random.seed)
        counts = {
            "texts": len(texts),
            "vocabulary": len(encoder.tokenizer),
            "parameters": sum(parameter.numel() for parameter in encoder.parameters()),
        }
        manifest = new_manifest(
            MODEL_FORMAT, invocation, inputs=vocabulary.text, counts=counts,
            signature=encoder.signature(),
        )  # fmt: skip
        summary = "It knows a vocabulary and nothing else: train it before use."
        facts = facts_of(manifest, title="An encoder of random weights", summary=summary)
        encoder.save(directory, card=model_card(facts, encoder.config))
        manifest.what["files"] = file_hashes(directory)
        write_manifest(directory, manifest)
    print_table(None, ("made", "count"), list(counts.items()))
