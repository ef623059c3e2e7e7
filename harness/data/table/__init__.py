"""Data sets declared by a TOML card alone: what its fields mean, and how the files that it names are read."""
