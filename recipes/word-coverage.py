"""Whose questions are missed: those with words that no pair has, that few have, or the others?

Reads the values of `optical evaluate --per-query --format tsv`, the queries and the bitext; writes,
for each system, its mean over the queries whose words all stand in at least --often pairs (known),
over those with a word in fewer (rare), and over those with a word in none (unseen), which are not
counted among the rare. A word that stands on the English side, such as a name, is known.

    optical evaluate --qrels qrels.txt --measure AP --run ot=ot.trec --per-query -o values.tsv
    python recipes/word-coverage.py --bitext pairs.tsv --queries queries.sw.tsv --values values.tsv
"""

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Mapping
from statistics import mean

from optical_cli.formats.bitext import read_bitext
from optical_cli.formats.collection import load_queries
from optical_cli.text.terms import terms

KINDS = ("known", "rare", "unseen")


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bitext", required=True, help="English, a tab, the queries' language")
    parser.add_argument("--queries", required=True)
    parser.add_argument("--values", required=True, help="of optical evaluate --per-query")
    parser.add_argument("--often", type=int, default=3)
    return parser.parse_args()


def counted(path: str) -> tuple[Counter, set[str]]:
    """In how many pairs each word of the target side stands, and the words of the source side."""
    met, english = Counter(), set()
    for pair in read_bitext(path):
        english.update(terms(pair.source))
        met.update(set(terms(pair.target)))
    return met, english


def kind_of(words: list[str], met: Counter, english: set[str], often: int) -> str:
    """What the least known of `words` is."""
    fewest = min((often if word in english else met[word] for word in words), default=often)
    return "unseen" if fewest == 0 else "rare" if fewest < often else "known"


def by_kind(path: str, kinds: Mapping[str, str]) -> dict[str, dict[str, list[float]]]:
    """Each system's values of the queries of each kind."""
    values = defaultdict(lambda: defaultdict(list))
    with open(path, encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        for row in rows:
            if row["query_id"] != "mean":
                kind = kinds[row["query_id"]]
                values[row["system"]][kind].append(float(row[rows.fieldnames[-1]]))
    return values


def main() -> None:
    """Print a line a system."""
    wanted = arguments()
    met, english = counted(wanted.bitext)
    kinds = {
        query_id: kind_of(terms(text), met, english, wanted.often)
        for query_id, text in load_queries(wanted.queries).items()
    }
    print("system", *(f"{kind}\tvalues" for kind in KINDS), sep="\t")
    for system, found in by_kind(wanted.values, kinds).items():
        cells = (f"{mean(found[kind]):.4f}\t{len(found[kind])}" if found[kind] else "-\t0"
                 for kind in KINDS)  # fmt: skip
        print(system, *cells, sep="\t")


if __name__ == "__main__":
    main()
