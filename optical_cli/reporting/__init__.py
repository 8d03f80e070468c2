"""Scores for people: tables, plots, and the page that explains itself."""
