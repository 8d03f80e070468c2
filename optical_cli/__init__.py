"""Cross-lingual retrieval for languages that have bitext but no relevance judgements."""

__version__ = "0.1.0"
