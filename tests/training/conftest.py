"""A bilingual world so small that a teacher and a student of it train in seconds.

English sentences are words of a list; a foreign sentence is the translation, word by word, in
reverse order. A passage is a sentence of six words, its query three of them.
"""

import random
from dataclasses import dataclass
from pathlib import Path

import pytest

ENGLISH = [f"{a}{b}" for a in ("ba", "de", "fi", "go", "lu", "mo") for b in ("nk", "rt", "sh", "x")]
FOREIGN = [f"{word[::-1]}a" for word in ENGLISH]
TRANSLATION = dict(zip(ENGLISH, FOREIGN, strict=True))


def translated(sentence: str) -> str:
    return " ".join(TRANSLATION[word] for word in reversed(sentence.split()))


@dataclass(frozen=True)
class World:
    """Files of the small world.

    Attributes:
        folder: Where they are.
        triples: Query, positive, negative.
        bitext: Source, target, pair id.
        dev: The same, of other sentences.
        queries: English queries.
        passages: What they ask about, one each, in the same order.
        collection: The passages' file.
    """

    folder: Path
    triples: Path
    bitext: Path
    dev: Path
    queries: list[str]
    passages: list[str]
    collection: Path


def sentences(chance: random.Random, count: int, words: int) -> list[str]:
    return [" ".join(chance.sample(ENGLISH, words)) for _ in range(count)]


def query_of(chance: random.Random, passage: str) -> str:
    words = passage.split()
    return " ".join(words[place] for place in sorted(chance.sample(range(len(words)), 3)))


def write_lines(path: Path, rows: list[tuple[str, ...]]) -> Path:
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> World:
    chance = random.Random(5)
    folder = tmp_path_factory.mktemp("world")
    taught = sentences(chance, 900, 6)
    triples = [(query_of(chance, p), p, chance.choice(taught)) for p in taught]
    pairs = [(s, translated(s)) for s in sentences(chance, 600, 4) + sentences(chance, 600, 3)]
    rows = [(s, t, f"p{number}") for number, (s, t) in enumerate(pairs)]
    passages = sentences(chance, 60, 6)
    return World(
        folder,
        write_lines(folder / "triples.tsv", triples),
        write_lines(folder / "train.tsv", rows[:-60]),
        write_lines(folder / "dev.tsv", rows[-60:]),
        [query_of(chance, passage) for passage in passages],
        passages,
        write_lines(folder / "collection.tsv", [(f"p{n}", p) for n, p in enumerate(passages)]),
    )


@pytest.fixture(scope="session")
def vocabulary():
    """One token for each word of both languages."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *ENGLISH, *FOREIGN]
    backend = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    special = {f"{name}_token": token for name, token in names.items()}
    return PreTrainedTokenizerFast(tokenizer_object=backend, **special)


@pytest.fixture(scope="session")
def blank(vocabulary, tmp_path_factory) -> Path:
    """An untrained plain encoder on disk."""
    from optical_cli.encoders import new_encoder

    folder = tmp_path_factory.mktemp("blank")
    new_encoder(vocabulary, layers=2, hidden=32, max_length=32, seed=3).save(folder)
    return folder


@pytest.fixture(scope="session")
def command():
    """Run a command in this process; fail with what it said."""
    import sys

    from optical_cli.app import main

    def run(*args: object) -> None:
        old, sys.argv = sys.argv, ["optical", *map(str, args)]
        try:
            main()
        except SystemExit as stop:
            assert not stop.code, stop.code
        finally:
            sys.argv = old

    return run


@pytest.fixture(scope="session")
def teacher(world, blank, command) -> Path:
    """A teacher of the small world, trained in a few seconds."""
    folder = world.folder / "teacher"
    command(
        "train-teacher", "--model", blank, "--triples", world.triples, "-o", folder, "--dim", 32,
        "--query-length", 8, "--passage-length", 12, "--epochs", 4, "--lr", 3e-3,
        "--batch-size", 32, "-q",
    )  # fmt: skip
    return folder
