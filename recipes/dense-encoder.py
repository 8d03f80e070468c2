"""Search with a multilingual encoder of one vector a text: mE5, LaBSE, BGE-M3 and their like.

Reads queries and a collection, writes a TREC run of the best passages by cosine. Prompts are those
that the model's own configuration names; the E5 family wants its two words, which its publishers
document and do not configure.

    python recipes/dense-encoder.py --model sentence-transformers/LaBSE --queries queries.tsv
        --collection collection.tsv --output labse.trec
"""

import argparse

from optical_cli.formats.collection import load_collection, load_queries
from optical_cli.formats.collection_columns import Columns
from optical_cli.formats.outputs import output_file
from optical_cli.formats.trec import write_ranking


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--queries", required=True)
    parser.add_argument("--collection", required=True)
    parser.add_argument("--columns", help="as in optical encode, such as 1,3,2: id, title, text")
    parser.add_argument("--output", required=True)
    parser.add_argument("--top-k", type=int, default=1000)
    return parser.parse_args()


def main() -> None:
    """Encode both sides and rank."""
    import torch
    from sentence_transformers import SentenceTransformer

    wanted = arguments()
    queries, columns = load_queries(wanted.queries), Columns.of(wanted.columns)
    passages = load_collection(wanted.collection, columns=columns)
    model = SentenceTransformer(wanted.model, model_kwargs={"use_safetensors": True})
    e5 = "e5" in wanted.model.lower()
    asked = model.encode_query(
        list(queries.values()), prompt="query: " if e5 else None,
        normalize_embeddings=True, convert_to_tensor=True,
    )  # fmt: skip
    found = model.encode_document(
        list(passages.values()), prompt="passage: " if e5 else None,
        normalize_embeddings=True, convert_to_tensor=True,
    )  # fmt: skip
    best = torch.topk(asked @ found.T, min(wanted.top_k, len(passages)))
    doc_ids, tag = list(passages), "dense"
    with output_file(wanted.output) as stream:
        for query_id, scores, places in zip(queries, best.values, best.indices, strict=True):
            ranking = zip((doc_ids[i] for i in places.tolist()), scores.tolist(), strict=True)
            write_ranking(stream, query_id, ranking, tag)


if __name__ == "__main__":
    main()
