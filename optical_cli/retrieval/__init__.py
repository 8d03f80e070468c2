"""Ranking passages: exact search over token vectors, indexes, lexical baselines, fusion."""
