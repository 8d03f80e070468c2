"""Translating queries before retrieval: word by word through a lexicon, or by a model."""
