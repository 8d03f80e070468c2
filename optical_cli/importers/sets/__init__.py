"""One family of data sets per file: what it is called, where it lies, how it is converted."""
