"""Pairs scored by students that have not seen them."""
