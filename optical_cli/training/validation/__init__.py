"""What a model is selected by, on dev data."""
