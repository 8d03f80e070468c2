"""Training data: bitext and examples as token rows on disk, and batches of them."""
