"""The subcommands, one file each: paths in, the domain called, files and a summary out."""
