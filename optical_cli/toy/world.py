"""The whole world from one seed, and its files."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from optical_cli.seeds import generator
from optical_cli.settings import require_within
from optical_cli.toy.bitext import Translation, draw_translations
from optical_cli.toy.chance import Chance
from optical_cli.toy.dirt import own_pairs, soil, strew
from optical_cli.toy.passages import Passage, draw_passages
from optical_cli.toy.queries import Archive, Query, draw_queries
from optical_cli.toy.settings import ToySettings
from optical_cli.toy.triples import Triple, draw_triples


@dataclass(frozen=True)
class World:
    """Everything that is written.

    Attributes:
        passages: The collection.
        queries: In both languages, with their relevant passages.
        triples: For a teacher; other passages and other queries than those.
        bitext: Lines of raw bitext, as bytes.
        dirt: The kind of dirt of each line, "" for a clean one.
        alignments: Sentence pairs whose alignment is known, none of them in the bitext.
    """

    passages: Sequence[Passage]
    queries: Sequence[Query]
    triples: Sequence[Triple]
    bitext: Sequence[bytes]
    dirt: Sequence[str]
    alignments: Sequence[Translation]

    def counts(self) -> dict[str, int]:
        """How much there is of everything, dirt by kind included."""
        counts = {
            "passages": len(self.passages),
            "queries": len(self.queries),
            "judgements": sum(len(query.relevant) for query in self.queries),
            "triples": len(self.triples),
            "pairs": len(self.bitext),
            "alignments": len(self.alignments),
        }
        dirt = Counter(kind for kind in self.dirt if kind)
        return counts | {f"dirt.{kind}": dirt[kind] for kind in sorted(dirt)}


def build_world(settings: ToySettings, seed: int) -> World:
    """Make the world.

    Every part draws from a generator of its own, so more triples leave the bitext as it is.

    Raises:
        UsageError: A size is not positive, the dirt is no share, or the passages are too few for
            so many questions.
    """
    require_within(settings)

    def chance(name: str) -> Chance:
        return Chance(generator(seed, "toy", name))

    passages = draw_passages(chance("passages"), settings.passages, "p")
    queries = list(draw_queries(chance("queries"), Archive(passages), settings.queries, "q"))
    asked = {side for query in queries for side in (query.english, query.swahili)}
    triples = draw_triples(chance("triples"), settings.triples, passages, asked)
    told = {sentence for passage in passages for sentence in passage.sentences}
    translations = draw_translations(chance("bitext"), avoid=asked | told)
    dirt_chance = chance("dirt")
    dirt = strew(dirt_chance, settings.pairs, round(settings.pairs * settings.dirt))
    pairs = [(pair.source, pair.target) for pair in islice(translations, own_pairs(dirt))]
    bitext = soil(dirt_chance, pairs, dirt)
    alignments = list(islice(translations, settings.alignments))
    return World(passages, queries, triples, bitext, dirt, alignments)


def write_world(directory: Path, settings: ToySettings, seed: int) -> dict[str, int]:
    """Make the world, write its files into `directory`, and return its counts."""
    world = build_world(settings, seed)
    queries, passages = world.queries, world.passages
    _write(directory / "collection.tsv", ((p.doc_id, p.text) for p in passages))
    _write(directory / "queries.en.tsv", ((q.query_id, q.english) for q in queries))
    _write(directory / "queries.sw.tsv", ((q.query_id, q.swahili) for q in queries))
    _write(directory / "triples.tsv", world.triples)
    judgements = ((q.query_id, "0", passages[i].doc_id, "1") for q in queries for i in q.relevant)
    _write(directory / "qrels.txt", judgements, separator=" ")
    (directory / "bitext.tsv").write_bytes(b"".join(world.bitext))
    _write(directory / "alignment.jsonl", _alignment_lines(world.alignments))
    return world.counts()


def _write(path: Path, rows: Iterable[Sequence[str]], *, separator: str = "\t") -> None:
    path.write_bytes("".join(separator.join(row) + "\n" for row in rows).encode())


def _alignment_lines(translations: Iterable[Translation]) -> Iterable[tuple[str]]:
    for number, pair in enumerate(translations, start=1):
        record = {
            "id": f"a{number:04d}",
            "source": pair.source,
            "target": pair.target,
            "source_words": [word.text for word in pair.english],
            "target_words": [word.text for word in pair.swahili],
            "links": pair.links(),
        }
        yield (json.dumps(record, ensure_ascii=False),)
