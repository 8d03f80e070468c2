"""Search with a multilingual encoder of one vector a text: mE5, LaBSE, BGE-M3 and their like.

Reads queries and a collection, writes a TREC run of the best passages by cosine. Pooling (mE5's is
the mean of its tokens, BGE-M3's the first of them) and prompts are those of the model's own
configuration; the E5 family wants its two words, which its publishers document and need not have
configured.
Weights are safetensors; a model that is published as a pickle alone, as BGE-M3, needs
--allow-pickle, and is then read as data (weights_only).

    python recipes/dense-encoder.py --model sentence-transformers/LaBSE --queries queries.tsv
        --collection collection.tsv --output labse.trec
"""

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from optical_cli import console
from optical_cli.encoders.hub import find_model
from optical_cli.errors import InputError, OpticalError
from optical_cli.formats.collection import load_collection, load_queries
from optical_cli.formats.collection_columns import Columns
from optical_cli.formats.outputs import output_file
from optical_cli.formats.trec import write_ranking

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Those that were trained on instructions want others.
E5 = re.compile(r"(?<![a-z0-9])e5(?![a-z0-9])(?!.*instruct)", re.IGNORECASE)
E5_WORDS = {"query": "query: ", "document": "passage: "}


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--allow-pickle", action="store_true", help="accept pickled weights")
    parser.add_argument("--queries", required=True)
    parser.add_argument("--collection", required=True)
    parser.add_argument("--columns", help="as in optical encode, such as 1,3,2: id, title, text")
    parser.add_argument("--output", required=True)
    parser.add_argument("--top-k", type=int, default=1000)
    return parser.parse_args()


def encoder_of(name: str, *, allow_pickle: bool) -> "SentenceTransformer":
    """The encoder, with the prompts that it wants.

    Raises:
        InputError: It, or a layer on top of it, is a pickle and that is not allowed.
    """
    from sentence_transformers import SentenceTransformer

    folder = find_model(name, allow_pickle=allow_pickle)
    if not allow_pickle:
        _require_safetensors(folder)
    safe = None if allow_pickle else True
    model = SentenceTransformer(
        str(folder), model_kwargs={"use_safetensors": safe, "weights_only": True}
    )
    if E5.search(Path(name).name):
        model.prompts = E5_WORDS
    return model


def _require_safetensors(folder: Path) -> None:
    safe = {path.parent for path in folder.rglob("*.safetensors")}
    pickled = sorted(path for path in folder.rglob("*.bin") if path.parent not in safe)
    if pickled or not safe:
        what = pickled[0].name if pickled else "no model.safetensors"
        raise InputError(f"is not all in safetensors: {what}", where=folder, hint="--allow-pickle")


def search(wanted: argparse.Namespace) -> None:
    """Encode both sides and rank."""
    import torch

    queries, columns = load_queries(wanted.queries), Columns.of(wanted.columns)
    passages = load_collection(wanted.collection, columns=columns)
    model = encoder_of(wanted.model, allow_pickle=wanted.allow_pickle)
    how = {"normalize_embeddings": True, "convert_to_tensor": True}
    asked = model.encode_query(list(queries.values()), **how)
    found = model.encode_document(list(passages.values()), **how)
    best = torch.topk(asked @ found.T, min(wanted.top_k, len(passages)))
    doc_ids, tag = list(passages), "dense"
    with output_file(wanted.output) as stream:
        for query_id, scores, places in zip(queries, best.values, best.indices, strict=True):
            ranking = zip((doc_ids[i] for i in places.tolist()), scores.tolist(), strict=True)
            write_ranking(stream, query_id, ranking, tag)


def main() -> None:
    """Search, or say in a line why not."""
    try:
        search(arguments())
    except OpticalError as error:
        console.error(str(error), error.hint)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
