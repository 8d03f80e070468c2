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
    from itertools import islice

    from optical_cli.console import print_table
    from optical_cli.encoders.card import facts_of, model_card
    from optical_cli.encoders.config import MODEL_FORMAT
    from optical_cli.encoders.scratch import new_encoder, train_vocabulary
    from optical_cli.encoders.texts import read_texts, reservoir
    from optical_cli.formats.manifest import file_hashes, new_manifest, write_manifest
    from optical_cli.formats.outputs import output_directory
    from optical_cli.seeds import generator

    with output_directory(out.output, overwrite=out.overwrite) as directory:
        texts = islice(read_texts(vocabulary.text, vocabulary.columns), vocabulary.limit)
        sample = reservoir(texts, vocabulary.sample, generator(random.seed, "vocabulary"))
        tokenizer = train_vocabulary(
            sample, vocabulary.vocab_size,
            lowercase=vocabulary.lowercase, max_length=size.max_length,
        )  # fmt: skip
        encoder = new_encoder(
            tokenizer, layers=size.layers, hidden=size.hidden,
            max_length=size.max_length, seed=random.seed,
        )  # fmt: skip
        counts = {"texts": len(sample), "vocabulary": len(tokenizer)}
        counts["parameters"] = sum(parameter.numel() for parameter in encoder.parameters())
        manifest = new_manifest(
            MODEL_FORMAT, invocation, inputs=vocabulary.text, counts=counts,
            signature=encoder.signature(),
        )  # fmt: skip
        facts = facts_of(
            manifest,
            title="An encoder of random weights",
            summary="It knows a vocabulary and nothing else: train it before use.",
        )
        encoder.save(directory, card=model_card(facts, encoder.config))
        manifest.what["files"] = file_hashes(directory)
        write_manifest(directory, manifest)
    print_table(None, ("made", "count"), list(counts.items()))
