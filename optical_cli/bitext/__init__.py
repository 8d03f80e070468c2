"""Clean bitext: rules, duplicates, contamination, split, and the account of it all.

`prepare` runs the whole road; `RULES` are the rules by which pairs are judged.
"""
