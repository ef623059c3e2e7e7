"""Where files come from: downloads, archives, wheels, checksums."""
